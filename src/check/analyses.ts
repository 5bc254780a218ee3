/** All analyses there are, by code. Each is a pure function of what was compiled; docs/check.md has a section for each. */
import { pullsApart } from './rules/apart.ts';
import { cycle } from './rules/cycle.ts';
import { firstStart } from './rules/first-start.ts';
import { interval } from './rules/interval.ts';
import { never } from './rules/never.ts';
import { noWayDown } from './rules/no-way-down.ts';
import { noise } from './rules/noise.ts';
import { shadowed } from './rules/shadowed.ts';
import { touching } from './rules/touching.ts';
import { undone } from './rules/undone.ts';
import { unfed } from './rules/unfed.ts';
import { units } from './rules/units.ts';
import { unseen } from './rules/unseen.ts';
import { unserved } from './rules/unserved.ts';
import type { Analysis } from './subject.ts';

/** Sorted by code. */
export const ANALYSES: readonly Analysis[] = [
  pullsApart, // H210
  never, // H211
  shadowed, // H212
  noWayDown, // H213
  touching, // H214
  undone, // H215
  noise, // H216
  cycle, // H217
  unfed, // H218
  unserved, // H219
  interval, // H220
  units, // H221
  firstStart, // H222
  unseen, // H223
];
