/** Numbers as gates show them. */
import type { Turn } from '../../knowledge/turn.ts';

export const round = (x: number): number => Number(x.toPrecision(4));

/** A value of a fact with the unit that its property declares. */
export function inUnit(turn: Turn, element: string, fact: string, x: number): string {
  const row = turn.state.elements.get(element);
  const unit = row === undefined ? undefined : turn.typeOf(row)?.properties.get(fact)?.unit;
  return unit === undefined ? `${round(x)}` : `${round(x)} ${unit}`;
}

export const percent = (share: number): string => `${round(share * 100)} %`;
