/** What a run made happen, counted; and what every longer series of runs must have made happen, so that nothing in the simulator is idle. */
import type { Trace } from './trace.ts';

export type Counts = Map<string, number>;

const count = (counts: Counts, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

export function exercised({ entries, steps }: Trace, counts: Counts): void {
  for (const entry of entries) {
    if (entry.kind === 'ended')
      count(counts, entry.where === 'stopped' || entry.where === 'any moment' ? `life ended: ${entry.where}` : `crash ${entry.where}`);
    else if (entry.kind === 'fault') count(counts, `fault: ${entry.what.split(':')[0]}`);
    else if (entry.kind === 'lost') count(counts, 'power lost');
    else if (entry.kind === 'hand') count(counts, `hand: ${entry.what}`);
    else if (['execute', 'inquire', 'attempt', 'effect', 'disagreed', 'life'].includes(entry.kind)) count(counts, entry.kind);
  }
  const attempts = new Map<string, number>();
  for (const entry of entries) if (entry.kind === 'attempt') attempts.set(entry.command.id, (attempts.get(entry.command.id) ?? 0) + 1);
  for (const times of attempts.values()) if (times > 1) count(counts, 'command attempted again');
  for (const { record, journal } of steps) {
    count(counts, 'step');
    for (const { kind, data, policy } of journal) {
      if (kind === 'held') count(counts, `held by ${data.gate}`);
      else if (kind === 'lost') count(counts, `lost by ${data.rule}`);
      else if (kind === 'outcome') count(counts, data.late === true ? 'outcome: late' : `outcome: ${data.status}`);
      else if (kind === 'effect') count(counts, `effect: ${data.effect}`);
      else if (kind === 'withheld') count(counts, `withheld: ${data.cause}`);
      else if (kind === 'oscillation') count(counts, `oscillation: ${data.is}`);
      else if (kind === 'canary') count(counts, `canary: ${data.is}`);
      else if (kind === 'advice') count(counts, `advice: ${data.is}`);
      else if (kind === 'command' && data.merged !== undefined) count(counts, 'command merged');
      else if (kind === 'command' && policy?.endsWith(':missing')) count(counts, 'command of a fail-safe');
      else if (kind === 'command' && policy?.includes(':')) count(counts, 'command of a level');
      else if (kind === 'command' && data.otherwise === true) count(counts, 'otherwise');
      else if (kind === 'command' && data.approvedBy !== undefined) count(counts, 'command approved');
      else if (kind === 'command' && data.latched !== undefined) count(counts, 'command latched');
      else if (kind === 'command' && policy === 'staff-surge') count(counts, 'command of a pattern');
      else if (kind === 'command' && policy === 'staff-stuck') count(counts, 'command of a machine');
      else count(counts, kind);
    }
    for (const event of record.events) if (event.kind === 'observation' && event.coalesced !== undefined) count(counts, 'coalesced');
  }
}

/** All of these must have been seen in a series of runs. */
export const MUST: readonly string[] = [
  ...['rate', 'stabilise', 'tolerance', 'zone', 'flapping', 'oscillation', 'schedule', 'remedy', 'suite'].map((gate) => `held by ${gate}`),
  ...['raised', 'frozen', 'thawed', 'cleared'].map((word) => `oscillation: ${word}`),
  ...['running', 'withdrawn', 'promoted'].map((word) => `canary: ${word}`),
  ...['asked', 'approved', 'rejected', 'expired', 'withdrawn'].map((word) => `advice: ${word}`),
  ...['command merged', 'command of a level', 'command of a fail-safe', 'command approved', 'command latched', 'remedy', 'tuned'],
  ...['command of a pattern', 'command of a machine'],
  ...['for', 'dead-zone', 'cooldown', 'settling', 'breaker', 'paused', 'mode', 'set-aside', 'unknown-value', 'unchanged', 'target'].map(
    (gate) => `held by ${gate}`,
  ),
  ...['lease', 'resource', 'opposite', 'opposed', 'budget', 'order', 'pool', 'together'].map((rule) => `lost by ${rule}`),
  ...['succeeded', 'failed', 'timedOut', 'unknown', 'late'].map((status) => `outcome: ${status}`),
  ...['seen', 'missed', 'unknown'].map((effect) => `effect: ${effect}`),
  ...['disagreement', 'paused'].map((cause) => `withheld: ${cause}`),
  ...['before', 'after'].flatMap((when) => ['commit', 'flush', 'execute', 'inquire', 'outcome'].map((port) => `crash ${when} ${port}`)),
  ...['stopped', 'any moment'].map((how) => `life ended: ${how}`),
  ...['load fails', 'commit fails', 'flush fails'].map((what) => `fault: ${what}`),
  ...[
    'command',
    'otherwise',
    'would',
    'breaker',
    'setAside',
    'pause',
    'resume',
    'clockJumped',
    'appeared',
    'vanished',
    'deadLetter',
    'dropped',
    'coalesced',
  ],
  ...['power lost', 'command attempted again', 'inquire'],
];

/** What a series of runs should have made happen, and did not. */
export const idle = (counts: Counts): string[] => MUST.filter((name) => !counts.has(name));
