/** Proposals: what a candidate that passed the gates asks for, with every value settled. Commands are absolute (exact rule 7). */
import type { Candidate, Hold } from '../analyze/gates/gate.ts';
import type { CommandType, ParamSource } from '../knowledge/blueprint.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import { lookupFor } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';
import { ownHold } from './own.ts';
import { resolve } from './params.ts';

export interface Proposal {
  readonly candidate: Candidate;
  readonly params: Readonly<Record<string, Value>>;
  /** Which way it pulls properties of its target. */
  readonly pulls: Readonly<Record<string, 1 | -1>>;
  readonly serviceWeight: number;
}

const SERVICE_WEIGHTS = { gold: 3, silver: 2, bronze: 1 } as const;

/** Settles the values of a candidate, or says why there is no command: a value is unknown, or would not change anything. */
export function propose(candidate: Candidate, turn: Turn): Proposal | Hold {
  const params: Record<string, Value> = {};
  const lookup = lookupFor(turn, candidate.policy, candidate.symptom.element);
  const asked = candidate.given === undefined ? candidate.action.params : literals(candidate.given);
  for (const name of Object.keys(asked).sort()) {
    const value = resolve(asked[name]!, lookup);
    if (typeof value === 'object') return { gate: 'unknown-value', reason: `${name} is unknown: ${value.why}` };
    params[name] = value;
  }
  const { command, target } = candidate;
  const own = target === HOMEOSTAT ? ownHold(turn, candidate.policy, command.name, params) : undefined;
  if (own !== undefined) return own;
  let direction: 1 | -1 = 1;
  if (command.property !== undefined) {
    const current = turn.fact(target, command.property);
    const settled = absolute(params, current, candidate, turn);
    if ('gate' in settled) return settled;
    delete params.by;
    params.to = settled.to;
    if (typeof settled.to === 'number' && typeof current === 'number' && settled.to < current) direction = -1;
  }
  const pulls = pullsOf(command, direction);
  const { serviceClass } = turn.state.elements.get(target)?.document ?? {};
  return { candidate, params, pulls, serviceWeight: serviceClass === undefined ? 0 : SERVICE_WEIGHTS[serviceClass] };
}

/** What a candidate asks for whose value is there already: to leave it so. */
export function asItIs(candidate: Candidate, turn: Turn): Proposal {
  const { command, target } = candidate;
  const current = command.property === undefined ? undefined : turn.fact(target, command.property);
  return { candidate, params: current === undefined ? {} : { to: current }, pulls: {}, serviceWeight: 0 };
}

/** Which way a command pulls properties of its target when its number goes up (1) or down (-1). */
export function pullsOf(command: CommandType, direction: 1 | -1): Record<string, 1 | -1> {
  const pulls: Record<string, 1 | -1> = {};
  for (const [property, effect] of Object.entries(command.effects ?? {}).sort())
    pulls[property] = effect === 'rises' ? direction : direction === 1 ? -1 : 1;
  return pulls;
}

const literals = (values: Readonly<Record<string, Value>>): Readonly<Record<string, ParamSource>> =>
  Object.fromEntries(Object.entries(values).map(([name, literal]) => [name, { literal }]));

/** The value that the command's property is to have: from `to` or `by`, within its bounds. */
function absolute(
  params: Readonly<Record<string, Value>>,
  current: Value | undefined,
  { command, target }: Candidate,
  turn: Turn,
): Hold | { readonly to: Value } {
  const property = command.property!;
  const { by, to } = params;
  if (current === undefined) return { gate: 'unknown-value', reason: `the current value of ${property} is unknown` };
  if (typeof by !== 'number' && to === undefined) return { gate: 'unknown-value', reason: `${command.name} needs "by" or "to"` };
  let value = to;
  if (value === undefined) {
    if (typeof current !== 'number')
      return { gate: 'unknown-value', reason: `${property} is ${JSON.stringify(current)}, which is no number to add to` };
    value = current + (by as number);
  }
  if (typeof value === 'number') {
    const bounded = withinBounds(value, command, target, turn);
    if (typeof bounded !== 'number') return bounded;
    value = bounded;
  }
  return value === current ? { gate: 'unchanged', reason: `${property} is ${JSON.stringify(current)} already` } : { to: value };
}

/** A number within the `min` and `max` of its command, or which of them is unknown. */
export function withinBounds(number: number, command: CommandType, target: string, turn: Turn): number | Hold {
  let value = number;
  for (const [bound, limit] of [[command.min, Math.max] as const, [command.max, Math.min] as const]) {
    if (bound === undefined) continue;
    const known = typeof bound === 'number' ? bound : turn.fact(target, bound.fact);
    if (typeof known !== 'number') return { gate: 'unknown-value', reason: `the bound ${JSON.stringify(bound)} is unknown` };
    value = limit(value, known);
  }
  return value;
}
