/** A state with its time, for tests of the step: what goes in is written in the test, what comes out is data. */
import { WORDS } from '../../src/analyze/operators.ts';
import { compile } from '../../src/compile/index.ts';
import { limitsOf } from '../../src/config.ts';
import type { ManagerDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { SuccessorDocument } from '../../src/documents/trial.ts';
import type { PolicySet, PolicySource, Setup, Successor } from '../../src/knowledge/blueprint.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import { known } from '../../src/knowledge/turn.ts';
import { versionOfSet } from '../../src/load-sets.ts';
import type { Event, JournalEntry, Observation, Value } from '../../src/messages.ts';
import { type StepResult, step } from '../../src/step.ts';
import { StraightMatching } from '../match/straight.ts';

export const START = Date.UTC(1971, 0, 1);

/** `KILLED=1`: every world is killed and read back before each of its steps. What the tests say must hold all the same. */
const KILLED = process.env.KILLED === '1';
/** `RELOADED=1`: and the configuration is read anew in each of its steps, with a type more or less that nobody uses. */
const RELOADED = process.env.RELOADED === '1';

export type Given = Pick<ManagerDocument, 'types' | 'elements' | 'budgets' | 'pools' | 'calendars' | 'limits' | 'mode' | 'oscillation'> & {
  policies: PolicyDocument[];
  /** A file that is to follow `rules.json`. */
  tried?: { readonly policies: PolicyDocument[] } & Omit<SuccessorDocument, 'file' | 'of'>;
};

const sourcesOf = (file: string, policies: readonly PolicyDocument[]): PolicySource[] =>
  policies.map((document, i) => ({
    name: document.name ?? `policy-${i}`,
    file,
    pointer: `/policies/${i}`,
    version: JSON.stringify(document),
    document,
    named: {},
  }));

function setsOf(policies: readonly PolicySource[], { policies: _documents, ...how }: NonNullable<Given['tried']>): PolicySet[] {
  const set = (file: string): PolicySet => ({ file, called: file, version: versionOfSet(policies.filter((one) => one.file === file)) });
  return [set('rules.json'), { ...set('new.json'), successor: { of: 'rules.json', ...how } as Successor }];
}

export function setupOf({
  types,
  elements = {},
  budgets = [],
  pools,
  calendars,
  limits,
  mode = 'act',
  oscillation,
  policies,
  tried,
}: Given): Setup {
  const sources = [...sourcesOf('rules.json', policies), ...sourcesOf('new.json', tried?.policies ?? [])];
  return {
    domain: 'shop',
    mode,
    types,
    elements,
    budgets,
    ...(calendars === undefined ? {} : { calendars }),
    ...(pools === undefined ? {} : { pools }),
    ...(oscillation === undefined ? {} : { oscillation }),
    limits: limitsOf(limits),
    policies: sources,
    ...(tried === undefined ? {} : { sets: setsOf(sources, tried) }),
  };
}

const twinOf = (state: State) => ({ state, derived: new Derived(state, WORDS, new StraightMatching()) });

export class World {
  state = new State();
  derived = new Derived(this.state);
  /** Beside it the same world whose policies are found the straightforward way: it must decide the same in every step. */
  #twin = twinOf(new State());
  readonly journal: JournalEntry[] = [];
  /** Changed rows by key, as a store would keep them. */
  readonly stored = new Map<string, string>();

  constructor(given: Given) {
    const setup = setupOf(given);
    const { findings } = compile(setup, 'homeostat.json');
    if (findings.errors > 0) throw new Error(JSON.stringify(findings.list, null, 1));
    this.at(0, { kind: 'configured', document: JSON.stringify(setup) });
  }

  /** One step, `seconds` after the start. */
  at(seconds: number, ...events: Event[]): StepResult {
    if (KILLED) this.restart();
    const batch = [...this.#reload(events), ...events];
    const now = START + Math.round(seconds * 1_000);
    const result = step(this.state, this.derived, batch, now);
    const { hash, journal } = step(this.#twin.state, this.#twin.derived, batch, now);
    expect({ hash: result.hash, journal: result.journal }).toEqual({ hash, journal });
    this.journal.push(...result.journal);
    for (const { key, text } of result.changes) {
      if (text === null) this.stored.delete(key);
      else this.stored.set(key, text);
    }
    return result;
  }

  #reload(events: readonly Event[]): Event[] {
    const document = this.state.setup.get('setup')?.document;
    if (!RELOADED || document === undefined || events.some(({ kind }) => kind === 'configured')) return [];
    const { another, ...types } = (JSON.parse(document) as Setup).types;
    const changed = { ...(JSON.parse(document) as Setup), types: another === undefined ? { ...types, another: {} } : types };
    return [{ kind: 'configured', document: JSON.stringify(changed) }];
  }

  /** Steps at every instant at which the state wants one, up to and with `seconds`. Returns what was done. */
  runTo(seconds: number): StepResult[] {
    const results: StepResult[] = [];
    for (let due = this.state.nextDue(); due !== null && due <= START + seconds * 1_000; due = this.state.nextDue())
      results.push(this.at((due - START) / 1_000));
    return results;
  }

  configure(seconds: number, given: Given): StepResult {
    return this.at(seconds, { kind: 'configured', document: JSON.stringify(setupOf(given)) });
  }

  /** What a process that was killed would find: the state read again from what was stored. */
  restart(): void {
    const state = new State();
    for (const [key, text] of this.stored) state.load(key, text);
    this.state = state;
    this.derived = new Derived(state);
    const same = new State();
    for (const [key, text] of this.stored) same.load(key, text);
    this.#twin = twinOf(same);
  }

  value(element: string, property: string): Value | undefined {
    return known(this.state.readings.get(`${element}\t${property}`));
  }

  why(element: string, property: string): string | null | undefined {
    return this.state.readings.get(`${element}\t${property}`)?.why;
  }

  heldBy(policy: string, element: string): string | null | undefined {
    return this.state.symptoms.get(`${policy}\t${element}`)?.heldBy;
  }

  kinds(kind: JournalEntry['kind']): JournalEntry[] {
    return this.journal.filter((entry) => entry.kind === kind);
  }
}

/** An observation made `seconds` after the start, by a source that measures once a second unless said. */
export function seen(element: string, property: string, value: Value, seconds: number, more: Partial<Observation> = {}): Event {
  return {
    kind: 'observation',
    element,
    property,
    value,
    time: START + Math.round(seconds * 1_000),
    source: 'probe',
    everyMs: 1_000,
    ...more,
  };
}

export const succeeded = (command: string, more: Partial<Extract<Event, { kind: 'outcome' }>> = {}): Event => ({
  kind: 'outcome',
  command,
  status: 'succeeded',
  detail: '',
  ...more,
});
