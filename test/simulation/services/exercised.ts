/** What runs of the services made happen, counted; and what every longer series must have made happen. */
import type { Counts } from '../exercised.ts';
import type { ServicesTrace } from './trace.ts';

const count = (counts: Counts, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

export function servicesExercised({ entries, partitions }: ServicesTrace, counts: Counts): void {
  const attempts = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === 'process') {
      const kind = entry.name.slice(0, entry.name.indexOf('-'));
      count(counts, `${kind} ${entry.what}${entry.where === '' ? '' : ` ${entry.where}`}`);
    } else if (entry.kind === 'fault') count(counts, `fault: ${entry.what}`);
    else if (entry.kind === 'hand') count(counts, `hand: ${entry.what}`);
    else if (['execute', 'inquire', 'attempt', 'effect', 'disagreed'].includes(entry.kind)) count(counts, entry.kind);
    if (entry.kind === 'attempt') attempts.set(entry.command.id, (attempts.get(entry.command.id) ?? 0) + 1);
  }
  for (const times of attempts.values()) if (times > 1) count(counts, 'command attempted again');
  for (const { entries: steps, journal, orders } of partitions) {
    const owners = steps.map(({ record }) => record.origin.client);
    for (const [i, owner] of owners.entries()) {
      const before = owners[i - 1];
      if (before === undefined || before === owner) continue;
      count(counts, before.split('#')[0] === owner.split('#')[0] ? 'partition taken up again' : 'partition taken over');
    }
    for (const { value } of steps) if (typeof value.telemetry[0] === 'object') count(counts, 'step with telemetry that was coalesced');
    for (const { value } of orders)
      count(counts, `order: ${value.kind}${value.kind === 'command' && value.wire.at !== undefined ? ' for another place' : ''}`);
    for (const { value } of journal) {
      const { kind, data } = value;
      if (kind === 'outcome') count(counts, `outcome ${data.status}`);
      else if (kind === 'withheld') count(counts, `withheld ${data.cause}`);
      else count(counts, kind);
    }
  }
}

const MUST = [
  ...['init', 'produce', 'end', 'read'].flatMap((port) => [`manager died before ${port}`, `manager died after ${port}`]),
  ...[
    'manager died any moment',
    'manager died stopped',
    'manager frozen any moment',
    'manager suspended any moment',
    'manager frozen after end',
    'manager frozen so long before init',
  ],
  ...['agent died before end', 'agent died after end', 'agent died before execute', 'agent died after execute', 'agent frozen after end'],
  'agent frozen so long after end',
  ...['end', 'produce', 'init', 'read'].flatMap((port) => [`fault: request lost: ${port}`, `fault: answer lost: ${port}`]),
  'fault: answer lost: write',
  ...['a clock steps', 'a machine is cut off', 'the broker stops', 'the leader of a topic is away', 'compaction', 'retention'].map(
    (what) => `fault: ${what}`,
  ),
  ...['the disk is full', 'a copy cannot be made', 'a copy cannot be read', 'a copy is torn', 'a copy is wiped'].map(
    (what) => `fault: ${what}`,
  ),
  'fault: unflushed steps of a copy are lost',
  ...['partition taken over', 'partition taken up again', 'step with telemetry that was coalesced'],
  ...['order: command', 'order: command for another place', 'order: stop', 'order: go', 'command attempted again', 'inquire', 'disagreed'],
  ...['outcome succeeded', 'outcome failed', 'outcome timedOut', 'outcome unknown', 'withheld disagreement', 'withheld paused'],
  ...[
    'hand: pauseAll',
    'hand: edit',
    'hand: answer',
    'advice',
    'breaker',
    'oscillation',
    'canary',
    'deadLetter',
    'dropped',
    'appeared',
    'vanished',
    'clockJumped',
  ],
];

/** What a series of runs should have made happen, and did not. */
export const idleServices = (counts: Counts): string[] => MUST.filter((name) => !counts.has(name));
