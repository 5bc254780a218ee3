/**
 * Order by the relation `dependsOn`. What others depend on is decided in the place of the first of them and acts first; what depends on it loses
 * this step, and is proposed afresh until that command has its outcome. Nothing queues (exact rule 6).
 */
import { EVERYWHERE } from '../compile/index.ts';
import { dependenciesOf, dependsOn } from '../knowledge/dependencies.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Proposal } from './propose.ts';
import type { Rival, Rivals } from './rivals.ts';
import type { Loss } from './verdict.ts';

interface Placed {
  readonly proposal: Proposal;
}

export class Order {
  readonly #turn: Turn;
  /** By element: the first command below it that has no outcome. What it depends on is decided before it, so that this holds for the rest of the pass. */
  readonly #first = new Map<string, Rival | undefined>();

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Units in the order in which they are decided: as they come, but for those that others depend on. */
  sequence<U extends readonly Placed[]>(units: readonly U[]): U[] {
    if (units.every((unit) => unit.every(({ proposal }) => this.#direct(proposal.candidate.target).length === 0))) return [...units];
    const on = new Map<string, number[]>();
    for (const [i, unit] of units.entries()) {
      for (const { proposal } of unit) {
        const { target } = proposal.candidate;
        const list = on.get(target);
        if (list === undefined) on.set(target, [i]);
        else list.push(i);
      }
    }
    const targets = (i: number) => units[i]!.map(({ proposal }) => proposal.candidate.target);
    return visit(units.length, targets, on, (id) => this.#direct(id)).map((i) => units[i]!);
  }

  /** Whether a proposal must wait for a command on what its target depends on. `among`: what was accepted as parts of a whole, of which one may depend on it. */
  waits(proposal: Proposal, rivals: Rivals, unit: readonly Placed[], among: readonly Rival[]): Loss | undefined {
    const { target, command } = proposal.candidate;
    if (EVERYWHERE.has(command.name)) return undefined;
    const first = this.#firstBelow(target, rivals, unit);
    if (first !== undefined) {
      const what = first.lease ? `${first.label} has no outcome yet` : `${first.label} acts first`;
      return {
        proposal,
        rule: 'order',
        winner: first.label,
        reason: `${target} depends on ${first.element}, where ${what}`,
        ...(first.until === null ? {} : { until: first.until }),
      };
    }
    const later = among.find((rival) => rival.unit !== unit && !rival.word && dependenciesOf(this.#turn.state, rival.element).has(target));
    if (later === undefined) return undefined;
    const reason = `${later.element} depends on ${target}, and ${later.label} acts there already`;
    return { proposal, rule: 'order', winner: later.label, reason };
  }

  #direct(id: string): readonly string[] {
    return dependsOn(this.#turn.state.elements.get(id)?.document);
  }

  #firstBelow(target: string, rivals: Rivals, unit: readonly Placed[]): Rival | undefined {
    // Parts of one whole do not wait for each other, which holds for nobody else.
    const known = unit.length === 1 ? this.#first : new Map<string, Rival | undefined>();
    const open = [target];
    const entered = new Set<string>();
    for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
      const direct = known.has(id) ? [] : this.#direct(id);
      if (!known.has(id) && !entered.has(id)) {
        entered.add(id);
        open.push(...direct.filter((below) => !known.has(below) && !entered.has(below)));
        if (open.at(-1) !== id) continue;
      }
      open.pop();
      if (known.has(id)) continue;
      const busy = (below: string) => rivals.of(below).find((r) => r.yieldsAbove === null && !r.word && r.unit !== unit);
      let first: Rival | undefined;
      for (const below of direct) first ??= busy(below) ?? known.get(below);
      known.set(id, first);
    }
    return known.get(target);
  }
}

/**
 * The numbers of units in order, each after those on what its targets depend on. Without recursion, for a chain may be long; a circle, which only
 * units with several targets can make, is cut where it was entered.
 */
function visit(
  count: number,
  targets: (i: number) => readonly string[],
  on: ReadonlyMap<string, readonly number[]>,
  direct: (id: string) => readonly string[],
): number[] {
  const begun = new Set<number>();
  /** Elements below which all is in order. */
  const settled = new Set<string>();
  const below = (i: number): number[] => {
    const found = new Set<string>();
    for (const id of targets(i)) for (const next of direct(id)) if (!settled.has(next)) found.add(next);
    for (const id of found) for (const next of direct(id)) if (!settled.has(next)) found.add(next);
    const units: number[] = [];
    for (const id of found) for (const unit of on.get(id) ?? []) if (!begun.has(unit)) units.push(unit);
    return units.sort((a, b) => a - b);
  };
  const result: number[] = [];
  for (let start = 0; start < count; start++) {
    const open: { readonly i: number; readonly below: readonly number[]; next: number }[] = [];
    const enter = (i: number): void => {
      if (begun.has(i)) return;
      begun.add(i);
      open.push({ i, below: below(i), next: 0 });
    };
    enter(start);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.below[top.next++];
      if (next !== undefined) {
        enter(next);
        continue;
      }
      open.pop();
      result.push(top.i);
      // With nothing of it still open, all that it depends on is done.
      if (open.length === 0) settle(targets(top.i), direct, settled);
    }
  }
  return result;
}

function settle(targets: readonly string[], direct: (id: string) => readonly string[], settled: Set<string>): void {
  const open = targets.flatMap((id) => [...direct(id)]);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (settled.has(id)) continue;
    settled.add(id);
    open.push(...direct(id));
  }
}
