/** Coverage: what scenarios have shown of policies. Whether each has fired, whether each gate that it states has held it back, and whether each comparison has been both true and false. */
import { factsFor } from '../analyze/absences.ts';
import { judge, type Test, testsOf } from '../analyze/conditions.ts';
import { conditionText } from '../analyze/explain-conditions.ts';
import { GATES, gatesOf } from '../analyze/gates/index.ts';
import { type Blueprint, inScope, type Policy } from '../knowledge/blueprint.ts';
import { parentOf } from '../knowledge/facts.ts';
import { byKey } from '../knowledge/table.ts';
import { isInForce } from '../knowledge/trials.ts';
import { Turn } from '../knowledge/turn.ts';
import type { JournalEntry } from '../messages.ts';
import type { Moment } from './play.ts';

export interface CoveredComparison {
  /** JSON pointer into the file of the policy. */
  readonly pointer: string;
  readonly text: string;
  /** In how many steps, of all elements, it was the one and the other. */
  readonly true: number;
  readonly false: number;
}

export interface CoveredPolicy {
  readonly policy: string;
  readonly file: string;
  readonly pointer: string;
  /** Commands, also those that it would have given or asked for. */
  readonly fired: number;
  /** The gates that it states, and how often each came to hold it back. */
  readonly gates: readonly { readonly gate: string; readonly held: number }[];
  readonly comparisons: readonly CoveredComparison[];
}

/** How much of what there is was covered. */
export interface CoveredShare {
  readonly policies: { readonly of: number; readonly covered: number };
  readonly gates: { readonly of: number; readonly covered: number };
  readonly comparisons: { readonly of: number; readonly covered: number };
  /** Of all three together, from 0 to 1; 1 if there is nothing to cover. */
  readonly share: number;
}

interface Seen {
  readonly policy: Policy;
  readonly tests: readonly { readonly test: Test; seen: [whenTrue: number, whenFalse: number] }[];
  readonly held: Map<string, number>;
  fired: number;
}

/** Gates that every policy has and none states: a scenario of each would show nothing of the policy. */
const OF_ALL = ['set-aside', 'unknown', 'oscillation', 'paused', 'mode'];

/** Whether a policy states a gate that all have something for. */
const STATED: Readonly<Record<string, (policy: Policy) => boolean>> = {
  for: ({ forMs }) => forMs > 0,
  'dead-zone': ({ deadZone }) => deadZone !== undefined,
  cooldown: ({ cooldownMs, pace }) => cooldownMs !== null || pace.cooldown !== undefined,
  settling: ({ expect, means }) => expect !== undefined || (means.remedies ?? []).some((remedy) => remedy.expect !== undefined),
  breaker: ({ breakerAfter }) => breakerAfter !== null,
};

/** Those of every version. */
const allOf = ({ policies, challengers }: Blueprint): readonly Policy[] => [...policies.values(), ...challengers.values()];

/** Gathers over any number of scenarios. The same policy of the same file is one, whichever manager file names it. */
export class Coverage {
  readonly #seen = new Map<string, Seen>();

  /** To be told of the policies of each manager file that is tested, so that one that no scenario reaches is known. */
  expect(blueprint: Blueprint): void {
    for (const policy of allOf(blueprint)) this.#of(policy, blueprint);
  }

  /** To be told of each moment of a scenario. */
  look({ journal, state, derived }: Moment): void {
    const { blueprint } = derived;
    const turn = new Turn(state, derived, state.position.now, state.position.step);
    for (const entry of journal) this.#note(entry, turn);
    for (const policy of allOf(blueprint)) {
      const seen = this.#of(policy, blueprint);
      for (const { key, document } of state.elements.rows()) {
        if (!inScope(policy.scope, key, document) || !isInForce(state, blueprint, policy, key)) continue;
        const facts = factsFor(turn, policy, key);
        for (const one of seen.tests) {
          const truth = judge(one.test, facts);
          if (truth === true) one.seen[0]++;
          else if (truth === false) one.seen[1]++;
        }
        if (!seen.held.has('dead-zone') && hasBand(turn, policy, key)) seen.held.set('dead-zone', 0);
      }
    }
  }

  #note({ kind, policy: name, element = '', data }: JournalEntry, turn: Turn): void {
    const about = String(data.origin ?? element);
    const policy = name === undefined ? undefined : turn.policy(name, about);
    if (policy === undefined) return;
    const seen = this.#of(policy, turn.blueprint);
    if (kind === 'held' && typeof data.gate === 'string') seen.held.set(data.gate, (seen.held.get(data.gate) ?? 0) + 1);
    else if (kind === 'command' || kind === 'would' || (kind === 'advice' && data.is === 'asked')) {
      seen.fired++;
      // What it was merged with fired too.
      const merged = (data.merged ?? []) as readonly { readonly policy: string }[];
      for (const other of new Set(merged.map((one) => one.policy))) {
        const served = other === name ? undefined : turn.policy(other, about);
        if (served !== undefined) this.#of(served, turn.blueprint).fired++;
      }
    }
  }

  #of(policy: Policy, blueprint: Blueprint): Seen {
    const key = `${policy.source.file}\t${policy.name}`;
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      const { latch } = policy.raising;
      const tests = [...testsOf(policy.condition), ...(latch?.reset === undefined ? [] : testsOf(latch.reset))];
      seen = {
        policy,
        tests: tests.map((test) => ({ test, seen: [0, 0] })),
        held: new Map(statedBy(policy, blueprint).map((gate) => [gate, 0])),
        fired: 0,
      };
      this.#seen.set(key, seen);
    }
    return seen;
  }

  /** By file, then in the order of the file. */
  get policies(): readonly CoveredPolicy[] {
    const order = new Map(GATES.map(({ name }, i) => [name, i]));
    return [...this.#seen.values()]
      .map(({ policy: { name, source }, tests, held, fired }) => ({
        policy: name,
        file: source.file,
        pointer: source.pointer,
        fired,
        gates: [...held]
          .filter(([gate]) => order.has(gate) && !OF_ALL.includes(gate))
          .map(([gate, times]) => ({ gate, held: times }))
          .sort((a, b) => order.get(a.gate)! - order.get(b.gate)!),
        comparisons: tests.map(({ test, seen }) => ({ pointer: test.at, text: conditionText(test), true: seen[0], false: seen[1] })),
      }))
      .sort((a, b) => byKey(a.file, b.file));
  }
}

/** The gates that a policy states. A gate that only some policies have is stated by those. */
const statedBy = (policy: Policy, blueprint: Blueprint): string[] =>
  gatesOf(policy, { blueprint }).flatMap(({ name, applies }) =>
    !OF_ALL.includes(name) && (STATED[name]?.(policy) ?? applies !== undefined) ? [name] : [],
  );

/** Whether a property that the policy moves has a band in which it is left alone. */
function hasBand(turn: Turn, policy: Policy, element: string): boolean {
  return policy.actions.some(({ target, command }) => {
    const id = target === 'self' ? element : target === 'parent' ? parentOf(element) : target;
    const row = id === undefined ? undefined : turn.state.elements.get(id);
    const type = row === undefined ? undefined : turn.typeOf(row);
    return Object.keys(type?.commands.get(command)?.effects ?? {}).some(
      (property) => type?.properties.get(property)?.deadZone !== undefined,
    );
  });
}

export function shareOf(policies: readonly CoveredPolicy[]): CoveredShare {
  const of = (list: readonly boolean[]) => ({ of: list.length, covered: list.filter(Boolean).length });
  const parts = {
    policies: of(policies.map(({ fired }) => fired > 0)),
    gates: of(policies.flatMap(({ gates }) => gates.map(({ held }) => held > 0))),
    comparisons: of(policies.flatMap(({ comparisons }) => comparisons.map((one) => one.true > 0 && one.false > 0))),
  };
  const all = Object.values(parts);
  const total = all.reduce((sum, part) => sum + part.of, 0);
  return { ...parts, share: total === 0 ? 1 : all.reduce((sum, part) => sum + part.covered, 0) / total };
}
