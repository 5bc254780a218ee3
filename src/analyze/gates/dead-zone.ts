import type { Policy } from '../../knowledge/blueprint.ts';
import { lookupFor } from '../../knowledge/tunings.ts';
import type { Turn } from '../../knowledge/turn.ts';
import type { Candidate, Gate, Hold } from './gate.ts';
import { inUnit } from './show.ts';

/** Inside the band no adaptation happens: low ≤ x ≤ high, or x unknown, holds (exact rule 5). */
export const deadZone: Gate = {
  name: 'dead-zone',
  holdsOtherwise: false,
  hold: (candidate, turn) => {
    const own = candidate.policy.deadZone;
    if (own !== undefined) return ofThePolicy(candidate, turn, own);
    return ofTheProperties(candidate, turn);
  },
};

/** The band that the policy states, whose bounds may be facts; an unknown bound holds. */
function ofThePolicy({ policy, symptom }: Candidate, turn: Turn, own: NonNullable<Policy['deadZone']>): Omit<Hold, 'gate'> | undefined {
  const lookup = lookupFor(turn, policy, symptom.element);
  const [low, high] = [own.low, own.high].map((bound) => (typeof bound === 'number' ? bound : lookup(bound.fact)));
  if (typeof low === 'number' && typeof high === 'number') return within(turn, symptom.element, own.fact, { low, high });
  const missing = [own.low, own.high].find((bound) => typeof bound === 'object' && typeof lookup(bound.fact) !== 'number');
  return { reason: `a bound of the dead zone of ${own.fact} is unknown: ${typeof missing === 'object' ? missing.fact : ''}` };
}

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
  const show = (of: string | number) => inUnit(turn, element, fact, of);
  if (typeof x !== 'number') return { reason: `${fact} is unknown, and its dead zone is ${show(`${low}…${high}`)}` };
  if (x < low || x > high) return undefined;
  return { reason: `${fact} ${show(x)} is within ${show(`${low}…${high}`)} (${show(Math.min(x - low, high - x))} short)` };
}
