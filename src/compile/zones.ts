/** Operating zones: those that a property declares, and those that policies name. */
import type { Zone } from '../documents/raising.ts';
import type { ElementType, Policy, Setup } from '../knowledge/blueprint.ts';
import { parseFact } from '../knowledge/facts.ts';
import { nearest } from '../suggest.ts';
import { at, type Findings, type Place } from './report.ts';

/** Zones of one property must not overlap; a gap between them is no zone. */
export function checkZones(zones: readonly Zone[] = [], place: Place, findings: Findings): void {
  const low = ({ from }: Zone): number => from ?? Number.NEGATIVE_INFINITY;
  const high = ({ below }: Zone): number => below ?? Number.POSITIVE_INFINITY;
  for (const [i, zone] of zones.entries()) {
    const earlier = zones.slice(0, i);
    if (low(zone) >= high(zone)) {
      findings.error(
        'H003',
        at(place, i),
        `zone "${zone.name}" is empty: from ${zone.from} is not below ${zone.below}`,
        'exchange the two',
      );
    }
    if (earlier.some(({ name }) => name === zone.name)) findings.error('H006', at(place, i, 'name'), `two zones are named "${zone.name}"`);
    const rival = earlier.find((other) => low(zone) < high(other) && low(other) < high(zone));
    if (rival !== undefined) {
      findings.error(
        'H003',
        at(place, i),
        `zone "${zone.name}" overlaps "${rival.name}": ${span(zone)} and ${span(rival)}`,
        'a value belongs to one zone at most',
      );
    }
  }
}

/** The range of a zone in words. */
export const span = ({ from, below }: Zone): string =>
  from === undefined ? (below === undefined ? 'everything' : `below ${below}`) : below === undefined ? `from ${from}` : `${from}…${below}`;

/** The zones that a policy names must be declared by the property that it names. */
export function checkZoneOf(policy: Policy, types: ReadonlyMap<string, ElementType>, setup: Setup, findings: Findings): void {
  const { zone } = policy.raising;
  if (zone === undefined) return;
  const place = at({ file: policy.source.file, pointer: policy.source.pointer }, 'zone');
  const declared = zonesOf(zone.fact, policy, types, setup);
  if (declared === undefined) return;
  if (declared.length === 0) {
    findings.error(
      'H005',
      at(place, 'fact'),
      `"${zone.fact}" declares no zones`,
      'add "zones": [{ "name": …, "from": …, "below": … }] to the property in the manager file',
    );
    return;
  }
  for (const [i, name] of zone.in.entries()) {
    if (!declared.includes(name))
      findings.error('H005', at(place, 'in', i), `"${zone.fact}" has no zone "${name}"${nearest(name, declared)}`);
  }
}

/** The names of the zones that a fact may be in; undefined: there is no such fact, which is said elsewhere. */
function zonesOf(fact: string, policy: Policy, types: ReadonlyMap<string, ElementType>, setup: Setup): readonly string[] | undefined {
  const name = parseFact(fact);
  if (name === undefined) return undefined;
  if (name.of === 'children' || name.of === 'count') return [];
  const only = name.of === 'self' ? policy.scope.type : name.of === 'element' ? setup.elements[name.element]?.type : undefined;
  const properties = [...types.values()]
    .filter((type) => only === undefined || type.name === only)
    .flatMap((type) => type.properties.get(name.property) ?? []);
  if (properties.length === 0) return undefined;
  return [...new Set(properties.flatMap(({ zones = [] }) => zones.map((zone) => zone.name)))].sort();
}
