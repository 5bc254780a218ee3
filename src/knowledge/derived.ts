/** What is kept beside the state to work fast, and can be made again from it at any time: never stored. */
import { IndexedMatching, type Matching } from '../analyze/matching.ts';
import { WORDS, type Words } from '../analyze/operators.ts';
import { compile } from '../compile/index.ts';
import type { Blueprint, Setup } from './blueprint.ts';
import { Family } from './family.ts';
import { InFlight } from './in-flight.ts';
import { Members } from './members.ts';
import { Raised } from './raised.ts';
import { isLatched } from './raising.ts';
import type { State } from './state.ts';

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
  readonly members: Members;
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
    this.members = new Members(state);
    for (const { key, truth } of state.symptoms.rows()) if (truth === true || isLatched(state, key)) this.raised.add(key);
    const document = state.setup.get('setup')?.document;
    this.blueprint = compile(document === undefined ? NOTHING : (JSON.parse(document) as Setup), 'setup', words).blueprint;
  }
}
