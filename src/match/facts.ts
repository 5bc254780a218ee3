/** What conditions ask of each fact. */
import { Ladder } from './ladder.ts';
import { type Above, type Among, FIRST, type Literal, placeOf, slotOf } from './literals.ts';
import { Rungs } from './rungs.ts';
import { Values } from './values.ts';

export interface AskedFact {
  readonly values: Values;
  /** Conditions that must be judged whenever it changes. */
  readonly others: Int32Array;
  /** All that compare it with a number: what is no number may be read as one. */
  readonly numeric: Int32Array;
}

/** What is asked of all facts. */
export interface Asked {
  readonly rungs: Rungs;
  /** By place: where the rungs of its ladder begin, lowest first. */
  readonly starts: Int32Array;
  /** By place and height: how many of these are below. */
  readonly below: readonly Int32Array[];
  /** By slot. */
  readonly facts: readonly AskedFact[];
}

/** The ladders by place, and the rank of each literal on its own. */
export function laddersOf(literals: readonly Literal[], facts: number): Ladder[] {
  const limits: number[][] = Array.from({ length: placeOf(facts) }, () => []);
  for (const literal of literals) if (literal.kind === 'above') limits[literal.place]!.push(literal.limit);
  const ladders = limits.map((list) => new Ladder(list));
  for (const literal of literals) if (literal.kind === 'above') literal.rank = ladders[literal.place]!.heightOf(literal.limit);
  return ladders;
}

/** `literals`: all, or some; those of a condition follow each other. */
export function askedOf(literals: readonly Literal[], ladders: readonly Ladder[]): Asked {
  const above: Above[][] = ladders.map(() => []);
  const slots = ladders.slice(FIRST).length / 2;
  const facts = Array.from({ length: slots }, () => ({ among: [] as Among[], others: [] as number[], numeric: [] as number[] }));
  for (const literal of literals) {
    const { condition, place } = literal;
    const fact = facts[slotOf(place)]!;
    if (literal.kind === 'other') for (const slot of literal.reads) pushOnce(facts[slot]!.others, condition);
    else if (literal.kind === 'among') fact.among.push(literal);
    else {
      above[place]!.push(literal);
      pushOnce(fact.numeric, condition);
    }
  }
  const row: Literal[] = [];
  const starts = new Int32Array(ladders.length);
  const below = above.map((list, place) => {
    starts[place] = row.length;
    return putInOrder(list, ladders[place]!.size, row);
  });
  const asked = facts.map(({ among, others, numeric }) => ({
    values: new Values(among, row),
    others: Int32Array.from(others),
    numeric: Int32Array.from(numeric),
  }));
  return { rungs: new Rungs(row), starts, below, facts: asked };
}

/** Puts literals behind the others of a row, by rank, of which there are as many as `height`. Returns how many are below each. */
function putInOrder(literals: readonly Above[], height: number, row: Literal[]): Int32Array {
  const below = new Int32Array(height + 1);
  for (const { rank } of literals) below[rank + 1]!++;
  for (let i = 1; i <= height; i++) below[i]! += below[i - 1]!;
  const next = below.slice();
  const start = row.length;
  for (const literal of literals) row.push(literal);
  for (const literal of literals) row[start + next[literal.rank]!++] = literal;
  return below;
}

function pushOnce(list: number[], condition: number): void {
  if (list[list.length - 1] !== condition) list.push(condition);
}
