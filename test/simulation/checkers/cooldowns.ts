/**
 * Cooldowns hold over crashes and reloads: after a command that was not withheld, a policy rests on that element (exact rules 3 and 10). Without a
 * cooldown each action is done once, until the conditions were seen to be false.
 */
import { durationMs } from '../../../src/duration.ts';
import type { CommandRow } from '../../../src/knowledge/state.ts';
import type { Checker } from '../trace.ts';
import { type Moment, moments } from './stream.ts';

/** What rests on a (policy, element): commands, and until when each makes it rest; null: until the raise is over. */
type Resting = Map<string, { readonly row: CommandRow; readonly until: number | null }>;

export const cooldowns: Checker = {
  name: 'cooldowns',
  check: ({ steps }) => {
    const resting = new Map<string, Resting>();
    let versions = new Map<string, string>();
    for (const moment of moments(steps)) {
      const now = new Map(moment.setup.policies.map((source) => [source.name, source.version]));
      release(resting, moment, versions, now);
      versions = now;
      const hold = firstBroken(resting, moment);
      if (hold !== undefined) return hold;
      for (const row of moment.issued) {
        if (row.otherwise) continue;
        const { cooldown } = moment.policies.get(row.policy)!;
        // Those by direction and target are for `paced` to look at.
        if (typeof cooldown === 'object') continue;
        const key = `${row.policy}\t${row.origin}`;
        if (!resting.has(key)) resting.set(key, new Map());
        resting.get(key)!.set(row.key, { row, until: typeof cooldown !== 'string' ? null : row.issuedAt + durationMs(cooldown) });
      }
    }
    return undefined;
  },
};

function firstBroken(resting: ReadonlyMap<string, Resting>, { issued, step, now }: Moment) {
  for (const row of issued) {
    if (row.otherwise) continue;
    for (const earlier of resting.get(`${row.policy}\t${row.origin}`)?.values() ?? []) {
      if (earlier.until === null ? earlier.row.action !== row.action : now >= earlier.until) continue;
      const rest = earlier.until === null ? 'once a raise' : `not before ${earlier.until - now} ms more`;
      return { step, message: `${row.policy} acted on ${row.origin} again (${row.key} after ${earlier.row.key}): ${rest}` };
    }
  }
  return undefined;
}

function release(
  resting: Map<string, Resting>,
  { events, journal, policies }: Moment,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): void {
  for (const event of events) {
    // What was withheld is given back.
    if (event.kind === 'withheld') for (const rests of resting.values()) rests.delete(event.command);
  }
  for (const entry of journal) {
    // With the element all is forgotten that was known of it.
    if (entry.kind === 'vanished') for (const key of resting.keys()) if (key.endsWith(`\t${entry.element}`)) resting.delete(key);
    if (entry.kind === 'symptom' && entry.data.is === 'cleared') forgive(resting.get(`${entry.policy}\t${entry.element}`));
  }
  for (const [key, rests] of resting) {
    const policy = key.slice(0, key.indexOf('\t'));
    if (!policies.has(policy)) resting.delete(key);
    else if (before.get(documentOf(policy)) !== now.get(documentOf(policy))) forgive(rests);
  }
}

/** The name of the document that a level or a fail-safe is a part of. */
const documentOf = (policy: string): string => policy.split(':')[0]!;

/** A raise is over. */
function forgive(rests: Resting | undefined): void {
  for (const [key, { until }] of rests ?? []) if (until === null) rests!.delete(key);
}
