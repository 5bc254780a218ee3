/**
 * The state: all that a step knows and remembers. It has one owner, the manager that steps it; `step` changes it in place and hands back
 * the list of what changed, which is what is stored. Everything in it is a row of a table; what can be derived from rows is not stored.
 */
import type { ElementDocument, PauseScope, Value } from '../messages.ts';
import type { Memo } from '../monitor/gauges/gauge.ts';
import type { AdviceRow } from './advice.ts';
import { type Change, sayReading, saySeries, Written } from './change.ts';
import { Fingerprint } from './fingerprint.ts';
import type { MoveRow } from './moves.ts';
import type { OscillationRow } from './oscillation.ts';
import type { ProposedRow } from './proposed.ts';
import type { AbsenceRow, FlapRow, LatchRow } from './raising.ts';
import { placeOf, type Row, Table } from './table.ts';
import type { TrialRow } from './trials.ts';
import type { TuningRow } from './tunings.ts';
import type { VersionRow } from './versions.ts';

/** One row of its own kind: where the state stands. */
export interface MetaRow extends Row {
  step: number;
  now: number;
  term: number;
}

/** The configuration in force, as text. */
export interface SetupRow extends Row {
  document: string;
}

export interface ElementRow extends Row {
  document: ElementDocument;
  createdAt: number;
  /** Who made it: `configuration`, or the actuator or caller that said it appeared. */
  source: string;
}

/** A property of an element as it is known now. */
export interface ReadingRow extends Row {
  value: Value | null;
  /** Why it is unknown; null while it is known. */
  why: string | null;
  /** The time of the newest measurement that it rests on. */
  time: number;
  /** When the value last changed. */
  changedAt: number;
  /** From when on it is stale; null: never. */
  staleAt: number | null;
  confidence: number;
  /** When it would change by itself. */
  nextAt: number | null;
  memo: Memo | null;
}

/** What is known of one observed series, whatever gauges read it. */
export interface SeriesRow extends Row {
  /** Newest time seen; -1: none yet. */
  last: number;
  everyMs: number | null;
  /** Sources seen, by number, and the newest time of each. */
  sources: string[];
  lastOf: number[];
  /** Chunks of its window that are kept: from `head` up to, without, `tail`. */
  head: number;
  tail: number;
  size: number;
}

/** A run of a series' samples, by time, in columns. */
export interface ChunkRow extends Row {
  start: number;
  /** How long after the start each was made. */
  after: number[];
  value: Value[];
  /** Twice the values that were coalesced into the sample, plus one if it came late. Empty while all are 0. */
  flags: number[];
  /** The numbers of their sources. Empty while all are 0. */
  source: number[];
}

/** What a policy has done, or would have done, for one element. */
export interface Spending {
  /** Actions committed since the symptom was raised. */
  committed: number[];
  cooldownUntil: number | null;
}

/** A policy's symptom on one element. Absent: never true, nothing spent. */
export interface SymptomRow extends Row {
  policy: string;
  element: string;
  truth: boolean | null;
  /** Since when it is raised: the conditions have been true without a break, or a latch has kept it raised since. */
  trueSince: number | null;
  acted: Spending;
  observed: Spending;
  /** What holds it back now, in short form, and since when; null: nothing, or not raised. */
  heldBy: string | null;
  heldSince: number | null;
  /** The step since which it is held by that. */
  heldStep: number | null;
  /** By the index of an action: to whom it loses now, and by which rule. Absent: none loses. */
  losses?: Record<string, string>;
  /** Commands in a row without the expected effect, and whether that has stopped the policy here. */
  misses: number;
  broken: boolean;
  /** When what holds it may let go by itself. */
  dueAt: number | null;
  /** How far this raise has come with remedies and repetitions; null: nothing was tried again. */
  trying: Trying | null;
}

/** What a raise has tried so far. It is forgotten when the symptom clears. */
export interface Trying {
  /** The remedy that was tried last, and its commands. */
  remedy: string | null;
  commands: string[];
  /** Remedies that were tried and did not help. */
  missed: string[];
  /** After a miss the next remedy need not wait for the cooldown. */
  atOnce: boolean;
  /** How often the command of an action was repeated, by the index of the action. */
  retries: Record<string, number>;
}

/** How often a remedy has worked on elements of a type. */
export interface RemedyRow extends Row {
  tries: number;
  seen: number;
}

export const symptomKey = (policy: string, element: string): string => `${policy}\t${element}`;

/** A command from its commit to the end of its expected effect. */
export interface CommandRow extends Row {
  /** Who approved it, or what it follows from; absent: nobody was asked. */
  approvedBy?: string;
  term: number;
  policy: string;
  /** The element whose symptom asked for it. */
  origin: string;
  element: string;
  command: string;
  resource: string;
  actuator: string;
  operation: string;
  params: Record<string, Value>;
  priority: number;
  issuedAt: number;
  deadlineAt: number;
  /** `sent`: attempted, without outcome. `settling`: succeeded, its effect is awaited. */
  phase: 'sent' | 'settling';
  succeededAt: number | null;
  effectBy: number | null;
  /** Effects as signed pulls on properties of its element. */
  pulls: Record<string, 1 | -1>;
  opposes: string[];
  /** Index of the action in its policy. */
  action: number;
  /** Budgets it has drawn on. */
  budgets: string[];
  /** Part of an `otherwise`: it has no expected effect of its own. */
  otherwise: boolean;
  /** What it sets of Homeostat's own parts lasts as long as its symptom is raised. */
  while: boolean;
  /** The value that the property it sets had before; null: it sets none. */
  before: Value | null;
  /** All that it serves, if proposals were merged into it. */
  merged?: Contributor[];
}

/** One action of a policy that a merged command serves. */
export interface Contributor {
  readonly policy: string;
  readonly origin: string;
  readonly action: number;
  readonly otherwise: boolean;
}

/** Moments at which a budget was drawn on, oldest first. */
export interface BudgetRow extends Row {
  spent: number[];
}

export interface PauseRow extends Row {
  scope: PauseScope;
  reason: string;
  author: string;
  since: number;
  until: number | null;
  /** How often a symptom came to be held back by it, or a command was withheld. Absent: never. */
  held?: number;
}

/** A breaker that is open: of a policy on an element. */
export interface BreakerRow extends Row {
  /** When it opened, for the first time or again. */
  openedAt: number;
  /** The command that was let through to see whether it helps again; null: none so far. */
  trial: string | null;
  /** Whether people have been told. */
  told: boolean;
}

export interface ProbeRow extends Row {
  state: 'failing' | 'working';
  reason: string;
  since: number;
}

/** A policy that was set aside because the second evaluator did not confirm it. */
export interface AsideRow extends Row {
  version: string;
  reason: string;
  since: number;
}

/** What has been counted since the state began. */
export interface CounterRow extends Row {
  count: number;
}

const earlier = (a: number | null, b: number | null): number | null => (a === null || (b !== null && b < a) ? b : a);

const readingDue = (r: ReadingRow): number | null => earlier(r.why === 'stale' ? null : r.staleAt, r.nextAt);

export class State {
  readonly meta = new Table<MetaRow>('meta');
  readonly setup = new Table<SetupRow>('setup');
  readonly elements = new Table<ElementRow>('elements');
  readonly readings = new Table<ReadingRow>('readings', readingDue, sayReading);
  readonly series = new Table<SeriesRow>('series', undefined, saySeries);
  readonly chunks = new Table<ChunkRow>('chunks');
  readonly symptoms = new Table<SymptomRow>('symptoms', (s) => s.dueAt);
  readonly latches = new Table<LatchRow>('latches', (l) => l.dueAt);
  readonly absences = new Table<AbsenceRow>('absences', (a) => a.dueAt);
  readonly flaps = new Table<FlapRow>('flaps');
  readonly commands = new Table<CommandRow>('commands', (c) => (c.phase === 'sent' ? c.deadlineAt : c.effectBy));
  readonly budgets = new Table<BudgetRow>('budgets');
  readonly pauses = new Table<PauseRow>('pauses', (p) => p.until);
  readonly probes = new Table<ProbeRow>('probes');
  readonly aside = new Table<AsideRow>('aside');
  readonly advice = new Table<AdviceRow>('advice', (a) => a.until);
  readonly remedies = new Table<RemedyRow>('remedies');
  readonly tunings = new Table<TuningRow>('tunings');
  readonly counters = new Table<CounterRow>('counters');
  readonly moves = new Table<MoveRow>('moves', (m) => m.until);
  readonly proposed = new Table<ProposedRow>('proposed', (p) => p.until);
  readonly breakers = new Table<BreakerRow>('breakers');
  readonly oscillations = new Table<OscillationRow>('oscillations', (o) => o.dueAt);
  readonly versions = new Table<VersionRow>('versions');
  readonly trials = new Table<TrialRow>('trials', (t) => t.dueAt);
  readonly #fingerprint = new Fingerprint();
  #isHashed = true;

  readonly #tables = [
    this.meta,
    this.setup,
    this.elements,
    this.readings,
    this.series,
    this.chunks,
    this.symptoms,
    this.latches,
    this.absences,
    this.flaps,
    this.commands,
    this.budgets,
    this.pauses,
    this.probes,
    this.aside,
    this.advice,
    this.remedies,
    this.tunings,
    this.counters,
    this.moves,
    this.proposed,
    this.breakers,
    this.oscillations,
    this.versions,
    this.trials,
  ] as unknown as readonly Table<Row>[];
  readonly #byName = new Map(this.#tables.map((table) => [table.name, table]));

  constructor() {
    this.meta.load({ key: 'meta', step: 0, now: 0, term: 0 });
  }

  get position(): MetaRow {
    return this.meta.get('meta')!;
  }

  /** The hash of all rows, as of the last `takeChanges`; empty where none is kept. */
  get hash(): string {
    return this.#isHashed ? this.#fingerprint.toString() : '';
  }

  /** The same state, whose changes are neither told nor hashed from here on: for a course of events that nobody stores. */
  unhashed(): this {
    this.#isHashed = false;
    return this;
  }

  /** What changed since the last call, in order, and the hash after it. */
  takeChanges(): Change[] {
    const changes: Change[] = [];
    for (const table of this.#tables) {
      const taken = table.takeChanges();
      for (const kept of this.#isHashed ? taken : []) {
        const { row } = kept;
        if (row !== null && table.say !== undefined) {
          this.#fingerprint.setRow(kept, row, table.say);
          changes.push(new Written(kept.name, row));
        } else {
          const text = row === null ? null : JSON.stringify(row);
          this.#fingerprint.set(kept, text);
          changes.push({ key: kept.name, text });
        }
      }
    }
    return changes;
  }

  /** Puts back one stored row. @throws if it belongs to no table, which means another format, or to another place. */
  load(key: string, text: string): void {
    const name = key.slice(0, key.indexOf('\t'));
    const table = this.#byName.get(name);
    if (table === undefined) throw new Error(`the state holds a row of an unknown table: "${key}"`);
    const row = JSON.parse(text) as Row;
    if (key.slice(name.length + 1) !== row.key) throw new Error(`the row of "${key}" says that it is "${row.key}"`);
    const kept = table.load(row, key);
    if (table.say === undefined) this.#fingerprint.set(kept, text);
    else this.#fingerprint.setRow(kept, row, table.say);
  }

  /** Every row as it would be stored, in order: a whole copy of the state. */
  *dump(): IterableIterator<Change> {
    for (const table of this.#tables) {
      for (const row of table.rows()) yield { key: `${table.name}\t${row.key}`, text: JSON.stringify(row) };
    }
  }

  /** The keys of an element's readings. */
  readingKeys(element: string): string[] {
    const keys = this.readings.keys();
    const prefix = `${element}\t`;
    return keys.slice(placeOf(keys, prefix), placeOf(keys, `${prefix}\uffff`));
  }

  /** When the state wants a step although nothing happens; null: never. */
  nextDue(): number | null {
    return this.#tables.reduce<number | null>((due, table) => earlier(due, table.nextDue()), null);
  }

  /** Counts something that must be seen; returns the count. */
  count(name: string, by = 1): number {
    const row = this.counters.get(name) ?? this.counters.put({ key: name, count: 0 });
    row.count += by;
    this.counters.touch(row);
    return row.count;
  }
}
