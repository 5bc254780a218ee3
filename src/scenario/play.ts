/** Plays a scenario: the same step on a virtual clock, with one step for each distinct instant. */
import { type CustomWords, wordsWith } from '../analyze/custom.ts';
import { Confirmer } from '../confirm.ts';
import type { ScenarioDocument } from '../documents/scenario.ts';
import { durationMs } from '../duration.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import { Derived } from '../knowledge/derived.ts';
import { isOwn } from '../knowledge/own.ts';
import { State } from '../knowledge/state.ts';
import { policyOn } from '../knowledge/trials.ts';
import type { Command, ElementDocument, Event, JournalEntry, Observation, Value } from '../messages.ts';
import { step } from '../step.ts';
import { type Answering, answersOf } from './people.ts';
import { parseSeries } from './series.ts';

/** When scenarios begin: not at 0, so that a mistake with the beginning of time cannot hide. */
export const START = Date.UTC(1971, 0, 1);
/** A command that succeeds at once does so at the next distinct instant. */
const AT_ONCE_MS = 1;
/** Steps of one scenario: one that never comes to rest is stopped. */
const STEP_LIMIT = 1_000_000;

/** What a scenario is looked at by, after each of its instants. */
export interface Moment {
  /** ms since the start. */
  readonly at: number;
  readonly state: State;
  readonly derived: Derived;
  readonly journal: readonly JournalEntry[];
  readonly commands: readonly Command[];
  /** When the next step comes: until then the state stays as it is. Infinity: there is none. */
  readonly nextAt: number;
}

/** The setup with the scenario's elements and mode in place of the manager's own. */
export function setupOf(setup: Setup, scenario: ScenarioDocument): Setup {
  const elements =
    scenario.elements === undefined
      ? setup.elements
      : Object.fromEntries(Object.entries(scenario.elements).map(([id, given]) => [id, elementOf(given)]));
  // A policy that only observes is tested by what it would do; the manager's own mode is no part of the test.
  return { ...setup, mode: scenario.mode ?? 'act', elements };
}

function elementOf({ type, relations, labels, serviceClass, ...properties }: Record<string, unknown> & { type: string }): ElementDocument {
  const given = Object.fromEntries(Object.entries({ relations, labels, serviceClass }).filter(([, value]) => value !== undefined));
  return { type, ...given, ...(Object.keys(properties).length > 0 ? { properties: properties as Record<string, Value> } : {}) };
}

/** Plays to the end of the series, or to `until` ms if that is later. @throws HomeostatError H003 for a series that cannot be read */
export async function* play(
  setup: Setup,
  scenario: ScenarioDocument,
  kindOf: (actuator: string) => string | undefined,
  until: number,
  words?: CustomWords,
): AsyncIterableIterator<Moment> {
  const state = new State();
  const derived = new Derived(state, wordsWith(words));
  const confirmer = new Confirmer(words);
  const agenda = new Agenda();
  agenda.add(0, { kind: 'configured', document: JSON.stringify(setup) });
  const last = fillAgenda(agenda, scenario);
  const people = answersOf(scenario);
  for (const { at } of people) agenda.at(at);
  const end = Math.max(last, until);
  const next = (): number => {
    const due = state.nextDue();
    const at = Math.min(agenda.next() ?? Number.POSITIVE_INFINITY, due === null ? Number.POSITIVE_INFINITY : due - START);
    return at > end ? Number.POSITIVE_INFINITY : at;
  };
  for (let steps = 0, at = next(); steps < STEP_LIMIT && at !== Number.POSITIVE_INFINITY; steps++, at = next()) {
    const events = [...people.filter((one: Answering) => one.at === at).map(({ event }) => event(state)), ...agenda.take(at)];
    const result = step(state, derived, events, START + at);
    const withheld = new Set<string>();
    for (const firing of result.firings) {
      const detail = await confirmer.disagreement(policyOn(state, derived.blueprint, firing.policy, firing.element)!, firing);
      if (detail === undefined) continue;
      for (const command of firing.commands) {
        withheld.add(command);
        agenda.add(at + AT_ONCE_MS, { kind: 'withheld', command, cause: 'disagreement', detail });
      }
    }
    const commands = result.commands.filter((command) => !withheld.has(command.id));
    for (const command of commands.filter((one) => !isOwn(one))) answer(agenda, at, command, scenario, kindOf(command.actuator));
    yield { at, state, derived, journal: result.journal, commands, nextAt: next() };
  }
}

/** What is to happen, by its time; signals before telemetry within an instant. */
class Agenda {
  readonly #events = new Map<number, Event[]>();

  add(at: number, event: Event): void {
    const events = this.#events.get(at);
    if (events === undefined) this.#events.set(at, [event]);
    else events.push(event);
  }

  /** There is a step then, whatever else happens. */
  at(at: number): void {
    if (!this.#events.has(at)) this.#events.set(at, []);
  }

  next(): number | undefined {
    let next: number | undefined;
    for (const at of this.#events.keys()) if (next === undefined || at < next) next = at;
    return next;
  }

  take(at: number): Event[] {
    const events = this.#events.get(at) ?? [];
    this.#events.delete(at);
    return [...events.filter((e) => e.kind !== 'observation'), ...events.filter((e) => e.kind === 'observation')];
  }
}

/** Puts series and pauses on the agenda; returns when the last series ends. */
function fillAgenda(agenda: Agenda, scenario: ScenarioDocument): number {
  const every = durationMs(scenario.every);
  let last = 0;
  for (const [name, text] of Object.entries(scenario.series ?? {}).sort()) {
    const slash = name.lastIndexOf('/');
    const [element, property] = [name.slice(0, slash), name.slice(slash + 1)];
    for (const [i, value] of parseSeries(text).entries()) {
      last = Math.max(last, i * every);
      if (value !== undefined)
        agenda.add(i * every, {
          kind: 'observation',
          element,
          property,
          value,
          time: START + i * every,
          source: 'scenario',
          everyMs: every,
        });
    }
  }
  for (const [i, pause] of (scenario.pauses ?? []).entries()) {
    const until = pause.until === undefined ? null : START + durationMs(pause.until);
    agenda.add(durationMs(pause.at), {
      kind: 'pause',
      name: `pause-${i}`,
      scope: pause.scope ?? {},
      reason: pause.reason ?? 'the scenario says so',
      author: 'scenario',
      until,
    });
  }
  return last;
}

/** What comes of a command: by the first outcome of the scenario that fits, or success at once. */
function answer(agenda: Agenda, at: number, command: Command, scenario: ScenarioDocument, kind: string | undefined): void {
  const rule = scenario.outcomes?.find((o) => o.command === command.command && (o.element === undefined || o.element === command.element));
  if (rule?.outcome === 'hangs') return;
  const when = at + (rule?.after === undefined ? AT_ONCE_MS : Math.max(AT_ONCE_MS, durationMs(rule.after)));
  const failed = rule?.outcome === 'fails';
  const set: Record<string, Value> = {
    ...(kind === 'set' && !failed && command.params.to !== undefined ? { [command.resource]: command.params.to } : {}),
    ...rule?.set,
  };
  const observations = Object.entries(set).map(
    ([property, value]): Observation => ({ element: command.element, property, value, time: START + when, source: command.actuator }),
  );
  agenda.add(when, {
    kind: 'outcome',
    command: command.id,
    status: failed ? 'failed' : 'succeeded',
    detail: 'as the scenario says',
    observations,
  });
}
