/** The gates, in the order in which they are asked. Budget, lease and conflicts come after them, in the plan. */
import type { Policy } from '../../knowledge/blueprint.ts';
import type { Turn } from '../../knowledge/turn.ts';
import { aside } from './aside.ts';
import { breaker } from './breaker.ts';
import { confidence } from './confidence.ts';
import { cooldown } from './cooldown.ts';
import { deadZone } from './dead-zone.ts';
import { flapping } from './flapping.ts';
import { forGate } from './for.ts';
import type { Candidate, Gate, Hold } from './gate.ts';
import { level } from './level.ts';
import { mode } from './mode.ts';
import { oscillation } from './oscillation.ts';
import { paused } from './paused.ts';
import { schedule } from './schedule.ts';
import { settling } from './settling.ts';
import { suite } from './suite.ts';
import { tolerance } from './tolerance.ts';
import { unknown } from './unknown.ts';
import { zone } from './zone.ts';

/** In this order; those that a policy has nothing for are passed over. */
export const GATES: readonly Gate[] = [
  aside,
  forGate,
  unknown,
  level,
  zone,
  deadZone,
  tolerance,
  confidence,
  flapping,
  cooldown,
  settling,
  breaker,
  oscillation,
  schedule,
  suite,
  paused,
  mode,
];

export const gatesOf = (policy: Policy, turn: Pick<Turn, 'blueprint'>): readonly Gate[] =>
  GATES.filter((gate) => looksAt(gate, policy, turn));

/** A fail-safe acts because data is missing: it passes by the gates that look at data, and at what was done on that data. */
const OF_FAIL_SAFE = new Set(['set-aside', 'for', 'cooldown', 'breaker', 'paused', 'mode']);

const looksAt = ({ name, applies }: Gate, policy: Policy, turn: Pick<Turn, 'blueprint'>): boolean =>
  policy.raising.family?.failSafe === true ? OF_FAIL_SAFE.has(name) : (applies?.(policy, turn) ?? true);

/** The first gate that holds a candidate back, or nothing. */
export function firstHold(candidate: Candidate, turn: Turn): Hold | undefined {
  for (const gate of GATES) {
    if (!looksAt(gate, candidate.policy, turn)) continue;
    const held = candidate.otherwise && !gate.holdsOtherwise ? undefined : gate.hold(candidate, turn);
    if (held !== undefined) return { gate: gate.name, ...held };
  }
  return undefined;
}
