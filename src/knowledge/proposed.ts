/**
 * What an action has proposed lately, held back or not, so that a proposal can be stabilised by those before it. A proposal is made at each step
 * while the symptom is raised (exact rule 3) and nearly always says the same: only changes are kept, and each value is in force until the next.
 * A symptom that sleeps would propose the same, so nothing is missed.
 */
import type { State } from './state.ts';
import { placeOf, type Row } from './table.ts';

export interface ProposedRow extends Row {
  target: string;
  /** From when on it proposed between which values; null: nothing. Oldest first. Of a single value both are the same. */
  changes: [from: number, low: number | null, high: number | null][];
  /** How long a value matters after it was last proposed, as its policy said when it was. */
  keepMs: number;
  /** When all of it will be forgotten; null: it proposes still. */
  until: number | null;
}

/** A value that was in force at some time after `from` and, if it is no longer, until `end`. */
export interface Past {
  readonly low: number;
  readonly high: number;
  readonly end: number | null;
}

/** Changes that one row keeps: over it the older half is kept half as finely, as ranges, which can only make the choice more cautious. */
const MOST = 128;

export const proposedKey = (policy: string, element: string, action: number): string => `${policy}\t${element}\t${action}`;

/** Notes what is proposed now; null: nothing. Writes only what changed. `target`: null: there is none at present. */
export function recordProposal(state: State, key: string, target: string | null, now: number, value: number | null, keepMs: number): void {
  let row = state.proposed.get(key);
  if (row !== undefined && target !== null && row.target !== target) {
    state.proposed.delete(key);
    row = undefined;
  }
  if (row === undefined) {
    if (value !== null && target !== null) state.proposed.put({ key, target, changes: [[now, value, value]], keepMs, until: null });
    return;
  }
  row.keepMs = keepMs;
  const { changes } = row;
  const last = changes.at(-1);
  if (last !== undefined && last[1] === value && last[2] === value) return;
  // What was said and unsaid in one instant was never in force.
  if (last?.[0] === now) changes.pop();
  const [, low, high] = changes.at(-1) ?? [0, null, null];
  if (changes.length === 0 || low !== value || high !== value) changes.push([now, value, value]);
  while (changes.length > 1 && changes[1]![0] <= now - keepMs) changes.shift();
  if (changes.every(([, least]) => least === null)) return state.proposed.delete(key);
  if (changes.length > MOST) row.changes = coarser(changes);
  row.until = value === null ? now + keepMs : null;
  state.proposed.touch(row);
}

function coarser(changes: ProposedRow['changes']): ProposedRow['changes'] {
  const old = MOST / 2;
  const result: ProposedRow['changes'] = [];
  for (let i = 0; i < old; i += 2) {
    const [[from, low, high], [, low2, high2]] = [changes[i]!, changes[i + 1]!];
    result.push([from, outer(low, low2, Math.min), outer(high, high2, Math.max)]);
  }
  return [...result, ...changes.slice(old)];
}

const outer = (a: number | null, b: number | null, of: (a: number, b: number) => number): number | null =>
  a === null ? b : b === null ? a : of(a, b);

/** The symptom is no longer raised: its actions propose nothing. */
export function endProposals(state: State, policy: string, element: string, now: number): void {
  if (state.proposed.size === 0) return;
  const keys = state.proposed.keys();
  const prefix = `${policy}\t${element}\t`;
  for (const key of keys.slice(placeOf(keys, prefix), placeOf(keys, `${prefix}\uffff`))) {
    const row = state.proposed.get(key)!;
    recordProposal(state, key, row.target, now, null, row.keepMs);
  }
}

/** What was proposed within (now − span, now]: every value that was in force then, newest last. */
export function pastIn(row: ProposedRow | undefined, now: number, spanMs: number): Past[] {
  const changes = row?.changes ?? [];
  return changes.flatMap(([, low, high], i): Past[] => {
    const end = changes[i + 1]?.[0] ?? null;
    return low === null || high === null || (end !== null && end <= now - spanMs) ? [] : [{ low, high, end }];
  });
}
