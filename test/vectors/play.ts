/** Plays what a converter wrote: loaded from files as any configuration is, stepped on a virtual clock, and answered as the actuator `set` answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wordsWith } from '../../src/analyze/custom.ts';
import { loadConfiguration } from '../../src/config.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { ManagerDocument } from '../../src/documents/manager.ts';
import type { Finding } from '../../src/errors.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { isOwn } from '../../src/knowledge/own.ts';
import { State } from '../../src/knowledge/state.ts';
import { known } from '../../src/knowledge/turn.ts';
import type { Command, Event, Value } from '../../src/messages.ts';
import { step } from '../../src/step.ts';

/** When every case begins: not at 0, so that a mistake with the beginning of time cannot hide. */
const START = Date.UTC(1971, 0, 1);
/** Steps of one case: one that never comes to rest is stopped. */
const STEP_LIMIT = 20_000;

/** One measured value. `at`: seconds since the start, if it was measured before it arrived. */
export interface Seen {
  readonly element: string;
  readonly property: string;
  readonly value: Value;
  readonly at?: number;
}

/** What arrives together: one step takes it all in. */
export interface Round {
  /** Seconds since the start. */
  readonly at: number;
  readonly seen: readonly Seen[];
}

/** What a converter makes of a case. The policies are documents of a policies file, right or wrong: the loader says so. */
export interface Written {
  readonly manager: Omit<ManagerDocument, 'policies'>;
  readonly policies: readonly object[];
  /** In the order of time. */
  readonly rounds: readonly Round[];
  /** Commands of which the actuator says that they failed. */
  readonly fails?: readonly string[];
}

/** A command that was sent, `at` seconds after the start. */
export type Sent = Pick<Command, 'element' | 'command' | 'policy' | 'params'> & { readonly at: number };

export interface Played {
  /** What the loader found wrong; nothing was played then. */
  readonly refused: readonly Finding[];
  readonly sent: readonly Sent[];
  /** The value of a property at the end; undefined: unknown. */
  readonly reading: (element: string, property: string) => Value | undefined;
  /** The same when the last round had come in, and nothing had been done about it. */
  readonly decidedOn: (element: string, property: string) => Value | undefined;
}

/** Loads and plays. Nothing of what a neighbour expects is known here. */
export async function play(written: Written): Promise<Played> {
  const loaded = load(written);
  if (loaded.configuration === undefined)
    return { refused: loaded.findings, sent: [], reading: () => undefined, decidedOn: () => undefined };
  const { setup, words } = loaded.configuration;
  const state = new State();
  const derived = new Derived(state, wordsWith(words));
  const confirmer = new Confirmer(words);
  const waiting = new Map<number, Event[]>([[0, [{ kind: 'configured', document: JSON.stringify(setup) }]]]);
  const add = (at: number, ...events: Event[]) => waiting.set(at, [...(waiting.get(at) ?? []), ...events]);
  for (const { at, seen } of written.rounds) add(at * 1_000, ...seen.map((one): Event => observed(one, at)));
  const end = Math.max(...waiting.keys());
  const sent: Sent[] = [];
  const then = new Map<string, Value | undefined>();
  for (let steps = 0; ; steps++) {
    const at = Math.min(...waiting.keys(), (state.nextDue() ?? Number.POSITIVE_INFINITY) - START);
    // Answers that come after the last observation still count; timers that ring after it do not.
    if (at === Number.POSITIVE_INFINITY || (at > end && waiting.size === 0)) break;
    if (steps === STEP_LIMIT) throw new Error(`does not come to rest within ${STEP_LIMIT} steps`);
    const events = waiting.get(at) ?? [];
    waiting.delete(at);
    const { commands, firings } = step(state, derived, events, START + at);
    if (at === end) for (const row of state.readings.rows()) then.set(row.key, known(row));
    for (const firing of firings) {
      const detail = await confirmer.disagreement(derived.blueprint.policies.get(firing.policy)!, firing);
      if (detail !== undefined) throw new Error(`json-rules-engine does not confirm ${firing.policy}: ${detail}`);
    }
    for (const command of commands.filter((one) => !isOwn(one))) {
      sent.push({ at: at / 1_000, element: command.element, command: command.command, policy: command.policy, params: command.params });
      add(at + 1, outcome(command, START + at + 1, written.fails?.includes(command.command) === true));
    }
  }
  const key = (element: string, property: string) => `${element}\t${property}`;
  return {
    refused: [],
    sent,
    reading: (element, property) => known(state.readings.get(key(element, property))),
    decidedOn: (element, property) => then.get(key(element, property)),
  };
}

/** Reads the documents from files, so that schemas, the compiler and json-rules-engine see them as they see any user's. */
function load({ manager, policies }: Written) {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-vectors-'));
  try {
    const file = join(folder, 'homeostat.json');
    writeFileSync(file, JSON.stringify({ ...manager, mode: 'act', policies: ['rules.json'] }));
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ policies }));
    return loadConfiguration(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const observed = ({ at, ...seen }: Seen, arrives: number): Event => ({
  kind: 'observation',
  ...seen,
  time: START + (at ?? arrives) * 1_000,
  source: 'vectors',
});

/** What comes of a command: the actuator `set` puts the number where the command's type says. */
function outcome({ id, element, resource, params }: Command, time: number, fails: boolean): Event {
  const done = !fails && params.to !== undefined;
  return {
    kind: 'outcome',
    command: id,
    status: fails ? 'failed' : 'succeeded',
    detail: 'as the case says',
    observations: done ? [{ element, property: resource, value: params.to!, time, source: 'set' }] : [],
  };
}
