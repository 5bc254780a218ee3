import { span } from '../../compile/zones.ts';
import type { Zone } from '../../documents/raising.ts';
import { parentOf, parseFact } from '../../knowledge/facts.ts';
import type { Turn } from '../../knowledge/turn.ts';
import type { Gate } from './gate.ts';
import { inUnit } from './show.ts';

/** The policy applies in some operating zones of a property only. */
export const zone: Gate = {
  name: 'zone',
  holdsOtherwise: false,
  applies: ({ raising }) => raising.zone !== undefined,
  hold: ({ policy, symptom: { element } }, turn) => {
    const { fact, in: wanted } = policy.raising.zone!;
    const x = turn.fact(element, fact);
    const names = wanted.join(' or ');
    if (typeof x !== 'number') return { reason: `${fact} is unknown, and the policy applies in ${names}` };
    const now = zonesOf(turn, element, fact).find(
      ({ from, below }) => (from === undefined || x >= from) && (below === undefined || x < below),
    );
    if (now !== undefined && wanted.includes(now.name)) return undefined;
    const where = now === undefined ? 'in no zone' : `in ${now.name} (${span(now)})`;
    return { reason: `${fact} ${inUnit(turn, element, fact, x)} is ${where}, and the policy applies in ${names}` };
  },
};

/** The zones that the property behind a fact declares. */
function zonesOf(turn: Turn, element: string, fact: string): readonly Zone[] {
  const name = parseFact(fact);
  if (name === undefined || name.of === 'count' || name.of === 'children') return [];
  const id = name.of === 'self' ? element : name.of === 'parent' ? (parentOf(element) ?? '') : name.element;
  const row = turn.state.elements.get(id);
  return (row && turn.typeOf(row)?.properties.get(name.property)?.zones) ?? [];
}
