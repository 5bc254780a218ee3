/**
 * The unit tests of Drools' engine for Event-Driven Ansible (kiegroup/drools-ansible-rulebook-integration): its rulebooks become patterns and policies,
 * its events go through the real step by its clock, and the activations of each of its steps are counted.
 */
import { readFileSync } from 'node:fs';
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

export interface Outcome {
  readonly name: string;
  readonly total: number;
  readonly passed: number;
  /** What is not compared, and why; a whole case here is not among those that passed. */
  readonly excused: readonly { readonly name: string; readonly why: string }[];
  readonly failures: readonly string[];
}

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

/** Cases whose answers are no answers to their steps. What we say of them is held to all the same. */
const WRONG: Readonly<Record<string, { readonly ours: readonly number[]; readonly why: string }>> = {
  'ArrayAccessWithoutIndexTest.testSelectAttrForTwoDimensionArray': {
    ours: [0],
    why: 'it asks for "tags" where the event has none; Drools ignores this test of its own ("does not support two-dimensional arrays")',
  },
  'RetractTest.testRetractMatchingFacts': {
    ours: [3],
    why: 'its 0 is the answer to a retraction that is not among its steps; Drools itself expects 3 of the step that is, as we say',
  },
};

const START = Date.UTC(1971, 0, 1);
const ELEMENT = 'rules';

/** @param file the vectors, as JSON */
export async function drools(file: string): Promise<Outcome> {
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] };
  const [excused, failures]: [{ name: string; why: string }[], string[]] = [[], []];
  let passed = 0;
  for (const vector of vectors) {
    const name = `${vector.class}.${vector.test}`;
    const statistics = vector.steps.filter(({ op }) => op === 'stats').map(({ field }) => field);
    if (statistics.length > 0)
      excused.push({
        name: `${name}: ${statistics.length} of its steps`,
        why: `they read statistics of the engine: ${[...new Set(statistics)].join(', ')}`,
      });
    const answers = await answersOf(
      vector.rules,
      vector.steps.map(({ op, payload, ms }) => ({
        op,
        ...(payload === undefined ? {} : { payload }),
        ...(ms === undefined ? {} : { ms }),
      })),
    );
    const wrong = WRONG[name];
    if (wrong !== undefined) {
      const ours = answers.map((rules) => rules.length);
      if (JSON.stringify(ours) === JSON.stringify(wrong.ours)) excused.push({ name, why: wrong.why });
      else failures.push(`${name}: ${ours.join(', ')} where it is excused for ${wrong.ours.join(', ')}`);
      continue;
    }
    const misses = vector.steps.flatMap((one, i) => missesOf(one, answers[i]!).map((miss) => `${name}, step ${i}: ${miss}`));
    if (misses.length === 0) passed++;
    failures.push(...misses);
  }
  return { name: 'Drools/EDA', total: vectors.length, passed, excused, failures };
}

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
