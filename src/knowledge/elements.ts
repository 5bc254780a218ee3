/** How elements come into the model and leave it. */
import { forgetRaising } from '../analyze/renew.ts';
import { clearSymptom } from '../analyze/symptoms.ts';
import type { ElementDocument } from '../messages.ts';
import { createReading, stirDependents } from '../monitor/readings.ts';
import { cycleIn, dependsOn } from './dependencies.ts';
import { parentOf } from './facts.ts';
import { HOMEOSTAT } from './own.ts';
import { endProposals } from './proposed.ts';
import type { ElementRow, SymptomRow } from './state.ts';
import { dropTrack } from './tracks.ts';
import type { Turn } from './turn.ts';

/** Adds an element, or gives one that is there its document anew. Returns what is wrong with it, if anything. `circles`: it might close one. */
export function appear(turn: Turn, id: string, document: ElementDocument, source: string, circles = true): string | undefined {
  const { state } = turn;
  if (id === HOMEOSTAT) return `"${HOMEOSTAT}" stands for Homeostat itself, and cannot be an element`;
  if (!turn.blueprint.types.has(document.type)) return `no type is named "${document.type}"`;
  const before = state.elements.get(id);
  if (before !== undefined && before.document.type !== document.type)
    return `"${id}" is a ${before.document.type}, and cannot become a ${document.type}`;
  if (before === undefined && state.elements.size >= turn.blueprint.setup.limits.elements) {
    return `the limit of ${turn.blueprint.setup.limits.elements} elements is reached (limits.elements)`;
  }
  if (before !== undefined && JSON.stringify(before.document) === JSON.stringify(document)) return undefined;
  const circle = circles ? circleOf(turn, id, document, source === 'configuration') : undefined;
  if (circle !== undefined) return `"${id}" would depend on itself: ${circle.join(' → ')}`;
  const row = state.elements.put({ key: id, document, createdAt: before?.createdAt ?? turn.now, source });
  turn.derived.members.at(id).become(row);
  if (before === undefined) {
    turn.family.add(id);
    turn.note('appeared', `${id} appeared`, { element: id }, { type: document.type, source });
  }
  // Other policies may be about it now.
  if (before === undefined || JSON.stringify(before.document.labels) !== JSON.stringify(document.labels)) turn.born.add(id);
  equip(turn, row, before?.document);
  const parent = parentOf(id);
  if (before === undefined && parent !== undefined) stirRollups(turn, parent);
  return undefined;
}

/**
 * The circle that an element would close. At a reload the elements of the configuration come one by one, so they are asked for what they will depend
 * on, not for what they did.
 */
function circleOf(turn: Turn, id: string, document: ElementDocument, reloading: boolean): string[] | undefined {
  if (dependsOn(document).length === 0) return undefined;
  const { state, blueprint } = turn;
  const circle = cycleIn([id], (other) =>
    dependsOn(other === id ? document : ((reloading ? blueprint.setup.elements[other] : undefined) ?? state.elements.get(other)?.document)),
  );
  // One further on is not its own.
  return circle?.includes(id) ? circle : undefined;
}

/**
 * Gives an element a reading for each property of its type. Those it has already it keeps, also where they have moved away from what the document
 * gives; only what the document gives otherwise than `before` is set anew.
 */
export function equip(turn: Turn, element: ElementRow, before: ElementDocument = element.document): void {
  const member = turn.member(element.key)!;
  for (const property of turn.typeOf(element)?.properties.values() ?? []) {
    const given = element.document.properties?.[property.name];
    if (member.reading(property.name) === undefined || (given !== undefined && given !== before.properties?.[property.name]))
      createReading(turn, member, property, given);
  }
}

/** Takes an element away with all that is known of it. Commands in flight run on to their outcome. */
export function vanish(turn: Turn, id: string, source: string): string | undefined {
  const { state } = turn;
  const member = turn.member(id);
  if (member?.row === undefined) return `no element is named "${id}"`;
  const type = member.typeIn(turn.blueprint);
  state.elements.delete(id);
  turn.derived.raised.touch(id);
  turn.family.remove(id);
  for (const name of type?.properties.keys() ?? []) turn.dropReading(member, name);
  for (const name of type?.series.keys() ?? []) dropTrack(state, member, name);
  for (const row of [...member.symptoms.values()]) retire(turn, row);
  forgetRaising(turn, id, type?.policies ?? []);
  state.oscillations.delete(id);
  if (type !== undefined) turn.derived.matching.forget(type, member);
  member.become(undefined);
  for (const name of type?.properties.keys() ?? []) stirDependents(turn, member, name);
  turn.left(member);
  for (const probe of state.probes.keys()) if (probe.endsWith(`\t${id}`)) state.probes.delete(probe);
  turn.note('vanished', `${id} vanished`, { element: id }, { source });
  const parent = parentOf(id);
  if (parent !== undefined) stirRollups(turn, parent);
  return undefined;
}

/** What a policy did to an element that went is forgotten, but for a cooldown that still runs: the element may come again under its id (exact rule 10). */
function retire(turn: Turn, row: SymptomRow): void {
  endProposals(turn.state, row.policy, row.element, turn.now);
  const until = Math.max(row.acted.cooldownUntil ?? 0, row.observed.cooldownUntil ?? 0);
  if (until <= turn.now) return turn.dropSymptom(row);
  turn.derived.raised.delete(row.key);
  turn.state.latches.delete(row.key);
  clearSymptom(row);
  row.misses = 0;
  row.broken = false;
  turn.state.breakers.delete(row.key);
  row.dueAt = until;
  turn.state.symptoms.touch(row);
}

function stirRollups(turn: Turn, parent: string): void {
  const member = turn.member(parent);
  for (const property of member?.typeIn(turn.blueprint)?.rollups ?? []) turn.stir(member!, property);
}
