/** What is kept beside the state to work fast, and can be made again from it at any time: never stored. */
import { IndexedMatching, type Matching } from '../analyze/matching.ts';
import { WORDS, type Words } from '../analyze/operators.ts';
import { compile } from '../compile/index.ts';
import type { Blueprint, Setup } from './blueprint.ts';
import { Family } from './family.ts';
import { InFlight } from './in-flight.ts';
import { Pairs, partsOf } from './pairs.ts';
import { Raised } from './raised.ts';
import { isLatched } from './raising.ts';
import type { ReadingRow, State, SymptomRow } from './state.ts';
import { Tracks } from './tracks.ts';

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

export class Derived {
  readonly family: Family;
  readonly raised = new Raised();
  /** Readings by element and property. */
  readonly slots = new Pairs<ReadingRow>();
  /** Observed series by element and property. */
  readonly tracks: Tracks;
  /** Symptoms by element and policy. */
  readonly symptoms = new Pairs<SymptomRow>();
  readonly inFlight: InFlight;
  blueprint: Blueprint;

  /** The operators and decorators that conditions may use. */
  readonly words: Words;

  /** Finds the policies that must be judged. */
  readonly matching: Matching;

  constructor(state: State, words: Words = WORDS, matching: Matching = new IndexedMatching()) {
    this.words = words;
    this.matching = matching;
    this.family = new Family(state.elements.keys());
    this.inFlight = new InFlight(state.commands.rows());
    this.tracks = new Tracks(state);
    for (const row of state.readings.unordered()) this.slots.put(...partsOf(row.key), row);
    for (const symptom of state.symptoms.rows()) {
      this.symptoms.put(symptom.element, symptom.policy, symptom);
      if (symptom.truth === true || isLatched(state, symptom.key)) this.raised.add(symptom.key);
    }
    const document = state.setup.get('setup')?.document;
    this.blueprint = compile(document === undefined ? NOTHING : (JSON.parse(document) as Setup), 'setup', words).blueprint;
  }
}
