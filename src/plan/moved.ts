/** What a command moves, so that it can be seen whether another moves it back. */
import type { CommandType } from '../knowledge/blueprint.ts';
import type { Moved } from '../knowledge/oscillation.ts';
import { HOMEOSTAT, OWN_COMMANDS } from '../knowledge/own.ts';
import type { Turn } from '../knowledge/turn.ts';
import { moveOf } from './direction.ts';
import type { Proposal } from './propose.ts';

/** The property that it sets, those that it pulls by its `effects`, the commands that it contradicts, or the part of Homeostat that it sets. */
export function movedBy(proposal: Proposal, turn: Turn): Moved[] {
  const { candidate, params, pulls } = proposal;
  const { command, target } = candidate;
  if (target === HOMEOSTAT)
    return [{ what: command.resource, way: 0, from: null, to: params[OWN_COMMANDS.get(command.name)!.value] ?? null }];
  const moved: Moved[] = [];
  if (command.property !== undefined) {
    const move = moveOf(proposal, turn);
    const way = move === undefined ? 0 : (Math.sign(move.to - move.from) as Moved['way']);
    moved.push({ what: command.property, way, from: turn.fact(target, command.property) ?? null, to: params.to ?? null });
  }
  for (const [what, way] of Object.entries(pulls)) {
    if (what !== command.property) moved.push({ what, way, from: turn.fact(target, what) ?? null, to: null });
  }
  return [...moved, ...contradicted(turn, target, command)];
}

/** Two commands that are declared opposed are the two ends of one thing. */
function contradicted(turn: Turn, target: string, command: CommandType): Moved[] {
  const element = turn.state.elements.get(target);
  const commands = element === undefined ? undefined : turn.typeOf(element)?.commands;
  return [...(commands?.values() ?? [])].flatMap(({ name, opposes }): Moved[] => {
    if (name === command.name || !(command.opposes?.includes(name) || opposes?.includes(command.name))) return [];
    const ends = [name, command.name].sort();
    return [{ what: ends.join(' and '), way: ends[0] === command.name ? 1 : -1, from: null, to: command.name }];
  });
}
