/** What is kept beside the state to work fast, and can be made again from it at any time: never stored. */
import { compile } from '../compile/index.ts';
import type { Blueprint, Setup } from './blueprint.ts';
import { Family } from './family.ts';
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
  /** Keys of the symptoms that are raised. */
  readonly raised: Set<string>;
  blueprint: Blueprint;

  constructor(state: State) {
    this.family = new Family(state.elements.keys());
    this.raised = new Set();
    for (const symptom of state.symptoms.rows()) if (symptom.truth === true) this.raised.add(symptom.key);
    const document = state.setup.get('setup')?.document;
    this.blueprint = compile(document === undefined ? NOTHING : (JSON.parse(document) as Setup), 'setup').blueprint;
  }
}
