/** H222: a command that starts the first of something is held back by the dead zone of a property that is unknown until there is one. */

import type { Value } from '../../messages.ts';
import { clausesOf } from '../clauses.ts';
import { type Move, movesOf } from '../moves.ts';
import { isPossible } from '../possible.ts';
import { compared } from '../ready.ts';
import { type Analysis, type Found, managerPlace, type Subject } from '../subject.ts';

export const firstStart: Analysis = {
  code: 'H222',
  severity: 'warning',
  find: (subject) => subject.policies.flatMap((policy) => movesOf(subject, policy).flatMap((move) => held(subject, move))),
};

function held(subject: Subject, move: Move): Found[] {
  const { policy, type, command, way, action } = move;
  const counted = command?.property;
  if (type === undefined || counted === undefined || way === -1 || policy.deadZone !== undefined || action.target !== 'self') return [];
  if (firstValues(subject, type.name, counted).every((value) => value !== 0) || !holdsAtZero(move, counted)) return [];
  return Object.keys(command!.effects ?? {}).flatMap((property) => {
    const own = type.properties.get(property);
    const measured = own?.source.kind === 'gauge' && own.source.gauge.over === 'series' && own.source.gauge.tellsSilence !== true;
    // A policy that reads the property itself does not act while it is unknown, and is not meant to.
    if (own?.deadZone === undefined || !measured || own.initial !== undefined || policy.facts.includes(property)) return [];
    if (firstValues(subject, type.name, property).length > 0) return [];
    return [
      {
        places: [move.place, managerPlace(subject, 'types', type.name, 'properties', property, 'deadZone')],
        message: `holds at ${counted} 0, when ${property} is not known yet: the dead zone of ${property} then holds ${action.command} back, and nothing ever starts`,
        remedy: `give a command of its own that declares no effect on ${property}, or the policy a "deadZone" on a fact that is known`,
      },
    ];
  });
}

/** What a property is from the beginning, on the elements of the file. */
function firstValues(subject: Subject, type: string, property: string): readonly Value[] {
  const { elements = {}, types = {} } = subject.manager?.document ?? {};
  const initial = types[type]?.properties?.[property]?.initial;
  return Object.values(elements)
    .filter((element) => element.type === type)
    .flatMap((element) => element.properties?.[property] ?? initial ?? []);
}

/** Whether the conditions can be true where nothing is there yet, and read that. */
function holdsAtZero({ policy }: Move, counted: string): boolean {
  if (!policy.facts.includes(counted)) return false;
  const clauses = clausesOf({ kind: 'all', parts: [policy.condition, compared(counted, 'equal', 0)] });
  return clauses?.some(isPossible) === true;
}
