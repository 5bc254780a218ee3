/** What is kept beside the state to work fast, and can be made again from it at any time: never stored. */
import { WORDS, type Words } from '../analyze/operators.ts';
import { compile } from '../compile/index.ts';
import type { Blueprint, Setup } from './blueprint.ts';
import { Family } from './family.ts';
import { InFlight } from './in-flight.ts';
import { Raised } from './raised.ts';
import { isLatched } from './raising.ts';
import type { ReadingRow, State, SymptomRow } from './state.ts';

/** The blueprint before there is any configuration. */
const NOTHING: Setup = {
  domain: '',
  mode: 'observe',
  types: {},
  elements: {},
  policies: [],
  budgets: [],
  limits: {
    batch: 1,
    queue: 1,
    signals: 1,
    elements: 0,
    policies: 0,
    windowSamples: 1,
    messageBytes: 1,
    journalEntries: 1,
    inputBytes: 1,
    deadLetters: 1,
  },
};

/** Rows of a table by two parts of their key, so that one is found without making up its key. */
export class Pairs<R> {
  readonly #of = new Map<string, Map<string, R>>();

  of(first: string): ReadonlyMap<string, R> | undefined {
    return this.#of.get(first);
  }

  put(first: string, second: string, row: R): void {
    const rows = this.#of.get(first);
    if (rows === undefined) this.#of.set(first, new Map([[second, row]]));
    else rows.set(second, row);
  }

  delete(first: string, second: string): void {
    const rows = this.#of.get(first);
    rows?.delete(second);
    if (rows?.size === 0) this.#of.delete(first);
  }
}

export class Derived {
  readonly family: Family;
  readonly raised = new Raised();
  /** Readings by element and property. */
  readonly slots = new Pairs<ReadingRow>();
  /** Symptoms by element and policy. */
  readonly symptoms = new Pairs<SymptomRow>();
  readonly inFlight: InFlight;
  blueprint: Blueprint;

  /** The operators and decorators that conditions may use. */
  readonly words: Words;

  constructor(state: State, words: Words = WORDS) {
    this.words = words;
    this.family = new Family(state.elements.keys());
    this.inFlight = new InFlight(state.commands.rows());
    for (const row of state.readings.rows()) {
      const tab = row.key.indexOf('\t');
      this.slots.put(row.key.slice(0, tab), row.key.slice(tab + 1), row);
    }
    for (const symptom of state.symptoms.rows()) {
      this.symptoms.put(symptom.element, symptom.policy, symptom);
      if (symptom.truth === true || isLatched(state, symptom.key)) this.raised.add(symptom.key);
    }
    const document = state.setup.get('setup')?.document;
    this.blueprint = compile(document === undefined ? NOTHING : (JSON.parse(document) as Setup), 'setup', words).blueprint;
  }
}
