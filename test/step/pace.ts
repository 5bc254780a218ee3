/** A farm whose policies are tried for their pace, and runs of it with kills and reloads at every place. */
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Command, Event, Value } from '../../src/messages.ts';
import { type Given, seen, succeeded, World } from './world.ts';

/** `size`: what the farm should have, by the policy under test. */
export const FOLLOW: PolicyDocument = {
  name: 'follow',
  scope: { type: 'farm' },
  conditions: { all: [{ fact: 'size', operator: 'notEqual', value: { fact: 'servers' } }] },
  cooldown: '0s',
  actions: [{ command: 'scale', params: { to: { fact: 'size' } } }],
};

export function farm(policies: readonly Partial<PolicyDocument>[], more: Partial<Given> = {}): Given {
  return {
    types: {
      farm: {
        properties: { size: { stale: 'never' }, load: { stale: 'never' }, servers: { stale: 'never', initial: 4 } },
        commands: { scale: { property: 'servers' }, ping: {} },
      },
    },
    elements: { shop: { type: 'farm' } },
    policies: policies.map((policy) => ({ ...FOLLOW, ...policy })),
    ...more,
  };
}

/** What was asked for at a time. */
export type Deed = readonly [seconds: number, command: string, to: Value | undefined];

/** One step in which all commands that were sent have succeeded, with what they set, and these properties of the shop are seen. */
export function tick(world: World, seconds: number, facts: Readonly<Record<string, Value>> = {}, ...events: Event[]): readonly Command[] {
  const outcomes = [...world.state.commands.rows()]
    .filter((row) => row.phase === 'sent')
    .map((row) =>
      succeeded(row.key, {
        observations:
          row.params.to === undefined
            ? []
            : [{ element: row.element, property: row.resource, value: row.params.to, time: world.state.position.now, source: 'actuator' }],
      }),
    );
  return world.at(seconds, ...outcomes, ...Object.entries(facts).map(([name, value]) => seen('shop', name, value, seconds)), ...events)
    .commands;
}

/** What happens in a run: at which second which properties are seen. */
export type Script = readonly (readonly [seconds: number, facts: Readonly<Record<string, Value>>])[];

/** Runs a script, with all timers that ring between; what was done. `before` is called before each of its steps. */
export function play(given: Given, script: Script, before: (world: World, index: number) => void = () => {}): Deed[] {
  const world = new World(given);
  const deeds: Deed[] = [];
  const note = (seconds: number, commands: readonly Command[]) =>
    deeds.push(...commands.map((command): Deed => [seconds, command.command, command.params.to]));
  let last = 0;
  for (const [i, [seconds, facts]] of script.entries()) {
    before(world, i);
    for (const result of world.runTo(seconds - 0.001)) note(Math.round(result.now / 1_000 - 31_536_000), result.commands);
    note(seconds, tick(world, Math.max(seconds, last), facts));
    last = seconds;
  }
  return deeds;
}

/** The same, with a kill before one step after the other, and with a reload of edited policies: each must do what the whole run did. */
export function survives(given: Given, script: Script): Deed[] {
  const whole = play(given, script);
  const edited = { ...given, policies: given.policies.map((policy) => ({ ...policy, why: 'edited' })) };
  for (let at = 0; at < script.length; at++) {
    const killed = play(given, script, (world, i) => {
      if (i === at) world.restart();
    });
    const reloaded = play(given, script, (world, i) => {
      if (i === at) world.configure(i === 0 ? 0 : script[i - 1]![0], edited);
    });
    expect({ killed: at, deeds: killed }).toEqual({ killed: at, deeds: whole });
    expect({ reloaded: at, deeds: reloaded }).toEqual({ reloaded: at, deeds: whole });
  }
  return whole;
}
