/** What the demo promises, and whether a run kept it: the second point of "Done when" of the demo's issue. */
import type { Summary } from './summary.ts';

export interface PromiseKept {
  readonly name: string;
  readonly kept: boolean;
  /** What was promised and what came of it, in words. */
  readonly text: string;
}

const KILLED_MS = 3_000;
const FROZEN_MS = 6_000;

export function promisesOf(summary: Summary): readonly PromiseKept[] {
  const { killed, frozen, requests, p95Ms } = summary;
  const within = (ms: number | null, limit: number) => ms !== null && ms <= limit;
  const seconds = (ms: number | null) => (ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`);
  const atRisk = requests.inFlightAtKill + requests.sentToFrozen;
  return [
    {
      name: 'killed',
      kept: within(killed.healedMs, KILLED_MS),
      text: `a killed server is replaced within 3 s: ${seconds(killed.healedMs)}`,
    },
    {
      name: 'frozen',
      kept: within(frozen.healedMs, FROZEN_MS),
      text: `a frozen server is replaced within 6 s: ${seconds(frozen.healedMs)}`,
    },
    { name: 'scaledOut', kept: summary.scaledOut >= 1, text: `the farm grows in the surge: by ${summary.scaledOut}` },
    { name: 'scaledIn', kept: summary.scaledIn >= 1, text: `the farm shrinks after it: by ${summary.scaledIn}` },
    { name: 'reversals', kept: summary.reversals === 0, text: `it does not see-saw: ${summary.reversals} needless changes of direction` },
    {
      name: 'recovered',
      kept: p95Ms.recovered !== null && p95Ms.recovered < p95Ms.limit,
      text: `the response time (p95) is under ${p95Ms.limit} ms while the surge lasts: ${p95Ms.recovered ?? 'unknown'} ms`,
    },
    {
      name: 'failed',
      kept: requests.failed <= atRisk,
      text: `no more requests fail than the ${requests.inFlightAtKill} in flight at the kill and the ${requests.sentToFrozen} given to the frozen server: ${requests.failed} of ${requests.sent}`,
    },
    {
      name: 'managerRestarts',
      kept: summary.managerRestarts === 1,
      text: `the manager is killed and started again once: ${summary.managerRestarts}`,
    },
    {
      name: 'commandsRepeated',
      kept: summary.commandsRepeated === 0,
      text: `nothing is done twice: ${summary.commandsRepeated} commands repeated`,
    },
    {
      name: 'replayVerified',
      kept: summary.replayVerified,
      text: `every decision can be derived again: ${summary.replayVerified ? 'yes' : 'no'}`,
    },
  ];
}
