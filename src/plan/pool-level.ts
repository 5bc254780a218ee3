/** How much of a pool there is, and how much of it is held. What is promised by a command on its way counts as held; what is unknown is said. */
import type { Pool } from '../knowledge/blueprint.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Accepted } from './verdict.ts';

export function totalOf(turn: Turn, { total }: Pool): number | string {
  if (typeof total === 'number') return total;
  const known = turn.fact(total.element, total.property);
  return typeof known === 'number' ? known : `its total, ${total.property} of ${total.element}, is unknown`;
}

export function heldOf(turn: Turn, pool: Pool, before: readonly Accepted[]): number | string {
  const promised = new Map<string, number>();
  for (const { proposal } of before) {
    const { command, target } = proposal.candidate;
    if (command.pool === pool.name && typeof proposal.params.to === 'number')
      promised.set(`${target}\t${command.property}`, proposal.params.to);
  }
  let held = 0;
  for (const { key, document } of turn.state.elements.rows()) {
    for (const property of pool.holders.get(document.type) ?? []) {
      // The last known number of a reading that went stale: the units are there until it is seen that they are not.
      const reading = turn.reading(key, property)?.value;
      if (typeof reading !== 'number') return `how much ${key} holds, its ${property}, is unknown`;
      held += Math.max(reading, promised.get(`${key}\t${property}`) ?? reading, inFlight(turn, pool, key, property) ?? reading);
    }
  }
  return held;
}

/** The most that commands on their way will make an element hold. */
function inFlight(turn: Turn, pool: Pool, element: string, property: string): number | undefined {
  const row = turn.state.elements.get(element);
  const commands = row === undefined ? undefined : turn.typeOf(row)?.commands;
  let most: number | undefined;
  for (const { command, params } of turn.derived.inFlight.on(element)) {
    const type = commands?.get(command);
    if (type?.pool === pool.name && type.property === property && typeof params.to === 'number')
      most = Math.max(most ?? params.to, params.to);
  }
  return most;
}
