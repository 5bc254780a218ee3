/** Numbers as gates show them. */
import type { Turn } from '../../knowledge/turn.ts';

const round = (x: number): number => Number(x.toPrecision(4));

/** A number of a fact, or a text about one, with the unit that its property declares. */
export function inUnit(turn: Turn, element: string, fact: string, x: number | string): string {
  const row = turn.state.elements.get(element);
  const unit = row === undefined ? undefined : turn.typeOf(row)?.properties.get(fact)?.unit;
  const text = typeof x === 'number' ? round(x) : x;
  return unit === undefined ? `${text}` : `${text} ${unit}`;
}

export const percent = (share: number): string => `${round(share * 100)} %`;
