/** A run as the demo records it, made by hand: what the tests of summary, screen and report look at. */
import type { NumberedEntry, StatusView } from '../../../src/cli/demo/api.ts';
import { decisionsOf, heldOf, type Point, type Recording } from '../../../src/cli/demo/record.ts';
import type { Deed } from '../../../src/cli/demo/script.ts';
import type { RunView } from '../../../src/cli/demo/view.ts';
import type { Value } from '../../../src/messages.ts';

export const START = 1_700_000_000_000;
export const at = (seconds: number): number => START + Math.round(seconds * 1_000);

export const DEEDS: readonly Deed[] = [
  { event: 'managerStarted', time: at(-2), pid: 1 },
  { event: 'ready', time: at(0) },
  { event: 'scene', time: at(0), scene: 'calm' },
  { event: 'scene', time: at(10), scene: 'killed' },
  { event: 'killed', time: at(10), port: 8302, pid: 12, seen: at(10) },
  { event: 'scene', time: at(20), scene: 'frozen' },
  { event: 'frozen', time: at(20), port: 8301, pid: 11, seen: at(20) },
  { event: 'scene', time: at(30), scene: 'surge' },
  { event: 'surge', time: at(30), rate: 180 },
  { event: 'managerKilled', time: at(33), pid: 1 },
  { event: 'managerStarted', time: at(33.5), pid: 2 },
  { event: 'scene', time: at(60), scene: 'after' },
  { event: 'surgeOver', time: at(60), rate: 45 },
  { event: 'over', time: at(90) },
];

let sequence = 0;
const entry = (kind: NumberedEntry['kind'], time: number, about: Partial<NumberedEntry>, data: NumberedEntry['data']): NumberedEntry => ({
  seq: ++sequence,
  step: sequence,
  kind,
  time,
  text: kind,
  ...about,
  data,
});

/** The entries of one command that succeeds after `took` s. */
export function commanded(
  id: string,
  time: number,
  policy: string,
  command: string,
  element: string,
  params: Readonly<Record<string, Value>> = {},
  took = 0.1,
): NumberedEntry[] {
  return [
    entry('command', at(time), { policy, element, command: id }, { command, params, facts: { p95: 312.345 }, origin: element }),
    entry('outcome', at(time + took), { policy, element, command: id }, { status: 'succeeded' }),
  ];
}

export const held = (time: number, policy: string, element: string, gate: string, reason: string): NumberedEntry =>
  entry('held', at(time), { policy, element }, { gate, reason });

export const JOURNAL: readonly NumberedEntry[] = [
  ...commanded('web.1.0', -1, 'keep-the-fewest', 'start', 'web', { to: 3 }),
  ...commanded('web.2.0', 10.2, 'take-off-the-list', 'delist', 'web/server-2'),
  ...commanded('web.3.0', 10.5, 'replace-a-server-that-ended', 'restart', 'web/server-2', {}, 0.3),
  ...commanded('web.4.0', 11, 'put-on-the-list', 'enlist', 'web/server-2'),
  ...commanded('web.5.0', 21.1, 'replace-a-server-that-is-frozen', 'restart', 'web/server-1', {}, 0.4),
  ...commanded('web.5.1', 21.1, 'take-off-the-list', 'delist', 'web/server-1'),
  ...commanded('web.6.0', 21.8, 'put-on-the-list', 'enlist', 'web/server-1'),
  held(31, 'grow-when-slow', 'web', 'for', 'true for 0 ms of 2 s'),
  ...commanded('web.7.0', 33, 'grow-when-slow', 'scale', 'web', { to: 5 }, 1.5),
  held(33.01, 'grow-when-slow', 'web', 'cooldown', '4 s of 4 s left'),
  ...commanded('web.8.0', 38, 'grow-when-slow', 'scale', 'web', { to: 7 }),
  ...commanded('web.9.0', 70, 'shrink-when-easy', 'scale', 'web', { to: 6 }),
];

export const POINTS: readonly Point[] = Array.from({ length: 450 }, (_, i) => {
  const second = i / 5;
  const surge = second >= 30 && second < 60;
  return {
    time: at(second),
    load: surge ? 180 : 45,
    p95: second >= 33 && second < 34.5 ? null : surge && second < 50 ? 900 : 85,
    servers: second < 33 ? 3 : second < 70 ? 7 : 6,
    listed: second < 34 ? 3 : 7,
  };
});

export const RECORDING: Recording = { points: POINTS, journal: JOURNAL, deeds: DEEDS };

export const VIEW: RunView = {
  from: at(0),
  to: at(90),
  points: POINTS,
  deeds: DEEDS,
  decisions: decisionsOf(JOURNAL).filter((decision) => decision.time >= at(0)),
  held: heldOf(JOURNAL),
  clients: [
    { time: at(5), p95: 88 },
    { time: at(40), p95: 905 },
  ],
  limitMs: 250,
  deadZone: { low: 150, high: 250 },
  why: { 'grow-when-slow': 'People leave above 250 ms. <script>alert(1)</script>' },
};

export const STATUS: StatusView = {
  now: at(40),
  step: 77,
  mode: 'act',
  elements: [
    { id: 'web', type: 'farm', readings: { servers: { value: 5 } } },
    {
      id: 'web/server-1',
      type: 'server',
      readings: {
        pid: { value: 11 },
        state: { value: 'stopped' },
        stalledMs: { value: 1_500 },
        listed: { value: false },
        pending: { value: 17 },
      },
    },
  ],
  symptoms: [{ policy: 'grow-when-slow', element: 'web', since: at(37), heldBy: 'cooldown', reason: '1.2 s of 4 s left' }],
  commands: [],
};
