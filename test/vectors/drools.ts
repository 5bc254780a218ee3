/**
 * The unit tests of Drools' engine for Event-Driven Ansible (kiegroup/drools-ansible-rulebook-integration): its rulebooks become patterns and policies,
 * its events go through the real step by its clock, and the activations of each of its steps are counted.
 */
import { compile } from '../../src/compile/index.ts';
import { limitsOf } from '../../src/config.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import type { Event } from '../../src/messages.ts';
import { step } from '../../src/step.ts';
import type { Json } from './drools-conditions.ts';
import { convert, EVENTS } from './drools-rules.ts';
import { type Case, type Family, readData } from './family.ts';

type Fields = { readonly [key: string]: Json };

interface Step {
  readonly op: 'event' | 'fact' | 'advance' | 'stats';
  readonly payload?: Fields;
  readonly ms?: number;
  readonly field?: string;
  readonly expectMatches?: number;
  readonly expectRules?: readonly string[];
}

interface Vector {
  readonly class: string;
  readonly test: string;
  readonly rules: Fields;
  readonly steps: readonly Step[];
}

/** Cases whose answers are no answers to their steps. */
const WRONG: Readonly<Record<string, string>> = {
  'ArrayAccessWithoutIndexTest.testSelectAttrForTwoDimensionArray':
    'it asks for "tags" where the event has none; Drools ignores this test of its own ("does not support two-dimensional arrays")',
  'RetractTest.testRetractMatchingFacts':
    'its 0 is the answer to a retraction that is not among its steps; Drools itself expects 3 of the step that is, as we say',
};

const START = Date.UTC(1971, 0, 1);
const ELEMENT = 'rules';

const FILE = 'vectors/drools_eda.json';

export const drools: Family = {
  name: 'Drools/EDA',
  file: FILE,
  cases: (folder) => (readData(folder, FILE) as { readonly vectors: readonly Vector[] }).vectors.map(caseOf),
};

function caseOf({ class: group, test, rules, steps }: Vector): Case {
  const name = `${group}.${test}`;
  const statistics = new Set(steps.flatMap(({ op, field }) => (op === 'stats' ? [field] : [])));
  const told = [...statistics].join(', ');
  return {
    name,
    ...(WRONG[name] === undefined ? {} : { excused: WRONG[name] }),
    ...(told === '' ? {} : { note: `steps that read statistics of the engine are not compared: ${told}` }),
    play: async () => {
      const answers = await answersOf(rules, steps.map(given));
      return steps.flatMap((one, i) => missesOf(one, answers[i]!).map((miss) => `step ${i}: ${miss}`));
    },
  };
}

/** A step without what is expected of it. */
const given = ({ op, payload, ms }: Step): Given => ({
  op,
  ...(payload === undefined ? {} : { payload }),
  ...(ms === undefined ? {} : { ms }),
});

/** What a step did that was not expected. Where only rules are named, as many activations as there are names. */
function missesOf({ expectMatches, expectRules }: Step, rules: readonly string[]): string[] {
  const count = expectMatches ?? expectRules?.length;
  if (count !== undefined && rules.length !== count)
    return [`${rules.length} activations (${rules.join(', ')}), and ${count} are expected`];
  // A test may name rules of later steps too: it has one list of all that fired.
  if (expectRules === undefined || expectRules.length !== count || [...rules].sort().join() === [...expectRules].sort().join()) return [];
  return [`${rules.join(', ')}, and ${expectRules.join(', ')} are expected`];
}

type Given = Pick<Step, 'op' | 'payload' | 'ms'>;

/** The rules that were activated by each step, once for each activation. */
async function answersOf(ruleset: Fields, steps: readonly Given[]): Promise<string[][]> {
  const { type, policies, rules } = convert(ruleset);
  const setup: Setup = {
    domain: ELEMENT,
    mode: 'act',
    types: { ruleset: type },
    elements: { [ELEMENT]: { type: 'ruleset' } },
    budgets: [],
    limits: limitsOf(undefined),
    policies: policies.map((document, i) => ({
      name: document.name!,
      file: 'rules.json',
      pointer: `/policies/${i}`,
      version: '1',
      document,
      named: {},
    })),
  };
  const { findings } = compile(setup, 'homeostat.json');
  if (findings.errors > 0) throw new Error(JSON.stringify(findings.list, null, 1));
  const engine = new Engine(rules);
  await engine.step([{ kind: 'configured', document: JSON.stringify(setup) }]);
  const answers: string[][] = [];
  for (const { op, payload, ms } of steps) {
    if (op === 'advance') await engine.advance(ms!);
    else if (op !== 'stats') await engine.take(payload!);
    answers.push(engine.activated());
  }
  return answers;
}

/** The step with a clock of its own. Each thing that comes takes it on by 2 ms: then what was commanded has succeeded. */
class Engine {
  readonly #state = new State();
  readonly #derived = new Derived(this.#state);
  readonly #confirmer = new Confirmer();
  readonly #rules: ReadonlyMap<string, string>;
  readonly #told = new Map<string, number>();
  #activated: string[] = [];
  #now = START;

  constructor(rules: ReadonlyMap<string, string>) {
    this.#rules = rules;
  }

  async step(events: readonly Event[]): Promise<void> {
    const { commands, firings } = step(this.#state, this.#derived, events, this.#now);
    for (const firing of firings) {
      const detail = await this.#confirmer.disagreement(this.#derived.blueprint.policies.get(firing.policy)!, firing);
      if (detail !== undefined) throw new Error(`json-rules-engine says otherwise: ${detail}`);
    }
    const outcomes: Event[] = [];
    for (const { id, command, params } of commands) {
      const matches = Number(params.matches);
      for (let i = this.#told.get(command) ?? 0; i < matches; i++) this.#activated.push(this.#rules.get(command)!);
      this.#told.set(command, matches);
      outcomes.push({ kind: 'outcome', command: id, status: 'succeeded', detail: 'run', observations: [] });
    }
    this.#now++;
    if (outcomes.length > 0) await this.step(outcomes);
  }

  /** An event; or several at once, under `events` or `facts`. */
  async take(payload: Fields): Promise<void> {
    const several = payload.events ?? payload.facts;
    const payloads = Array.isArray(several) ? (several as readonly Json[]) : [payload];
    await this.step(
      payloads.map((one, i) => ({
        kind: 'observation',
        element: ELEMENT,
        property: EVENTS,
        value: JSON.stringify(one),
        time: this.#now + i / 1_000,
        source: 'drools',
      })),
    );
  }

  /** Steps are made at all instants at which the state wants one. */
  async advance(ms: number): Promise<void> {
    const to = this.#now + ms;
    for (let due = this.#state.nextDue(); due !== null && due <= to; due = this.#state.nextDue()) {
      this.#now = Math.max(this.#now, due);
      await this.step([]);
    }
    this.#now = Math.max(this.#now, to);
  }

  /** The rules that were activated since it was asked last. */
  activated(): string[] {
    const activated = this.#activated;
    this.#activated = [];
    return activated;
  }
}
