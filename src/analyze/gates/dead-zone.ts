import type { Turn } from '../../knowledge/turn.ts';
import type { Candidate, Gate, Hold } from './gate.ts';

/** Inside the band no adaptation happens: low ≤ x ≤ high, or x unknown, holds (exact rule 5). */
export const deadZone: Gate = {
  name: 'dead-zone',
  holdsOtherwise: false,
  hold: (candidate, turn) => {
    const own = candidate.policy.deadZone;
    if (own !== undefined) return within(turn, candidate.symptom.element, own.fact, own);
    return ofTheProperties(candidate, turn);
  },
};

/** The bands of the properties that the command moves, where their type declares any. */
function ofTheProperties({ target, command }: Candidate, turn: Turn): Omit<Hold, 'gate'> | undefined {
  const element = turn.state.elements.get(target);
  const type = element === undefined ? undefined : turn.typeOf(element);
  for (const property of Object.keys(command.effects ?? {}).sort()) {
    const band = type?.properties.get(property)?.deadZone;
    const hold = band === undefined ? undefined : within(turn, target, property, band);
    if (hold !== undefined) return hold;
  }
  return undefined;
}

function within(turn: Turn, element: string, fact: string, { low, high }: { low: number; high: number }): Omit<Hold, 'gate'> | undefined {
  const x = turn.fact(element, fact);
  const row = turn.state.elements.get(element);
  const unit = row === undefined ? undefined : turn.typeOf(row)?.properties.get(fact)?.unit;
  const show = (text: string | number) => (unit === undefined ? `${text}` : `${text} ${unit}`);
  if (typeof x !== 'number') return { reason: `${fact} is unknown, and its dead zone is ${show(`${low}…${high}`)}` };
  if (x < low || x > high) return undefined;
  return { reason: `${fact} ${show(round(x))} is within ${show(`${low}…${high}`)} (${show(round(Math.min(x - low, high - x)))} short)` };
}

const round = (x: number): number => Number(x.toPrecision(4));
