import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FARM } from './farm.ts';

type Line = Record<string, unknown> & { event: string; time: number };

/** A run in small: 8301 is killed at 10 s and 8302 freezes at 20 s; 8303 is added in the surge, from 30 s to 60 s, and goes in the calm after it. */
function logsOfRun() {
  const script: Line[] = [
    { event: 'managerStarted', time: 0 },
    { event: 'ready', time: 1_000 },
    { event: 'killed', time: 10_000, port: 8301, pid: 11, seen: 9_999 },
    { event: 'gone', time: 10_010, port: 8301, pid: 11, seen: 10_010 },
    { event: 'frozen', time: 20_000, port: 8302, pid: 12, seen: 19_999 },
    { event: 'surge', time: 30_000 },
    { event: 'managerKilled', time: 32_000 },
    { event: 'managerStarted', time: 32_500 },
    { event: 'surgeOver', time: 60_000 },
    { event: 'over', time: 90_000 },
  ];
  const servers: Record<number, Line[]> = {
    8301: [
      { event: 'start', time: 500, pid: 11, port: 8301, startedBy: 'web.1.0' },
      { event: 'start', time: 10_700, pid: 21, port: 8301, startedBy: 'web.50.0' },
    ],
    8302: [
      { event: 'start', time: 500, pid: 12, port: 8302, startedBy: 'web.1.0' },
      { event: 'start', time: 21_900, pid: 22, port: 8302, startedBy: 'web.90.0' },
    ],
    8303: [
      { event: 'start', time: 33_000, pid: 13, port: 8303, startedBy: 'web.120.0' },
      { event: 'term', time: 70_000, pid: 13 },
      { event: 'end', time: 70_800, pid: 13, reason: 'term' },
    ],
  };
  const balancer: Line[] = [
    { event: 'delisted', time: 10_200, port: 8301 },
    { event: 'listed', time: 11_000, port: 8301 },
    { event: 'delisted', time: 21_300, port: 8302 },
    { event: 'listed', time: 22_400, port: 8302 },
  ];
  const load: Line[] = [];
  const request = (server: number, sent: number, ms: number, ok = true) => {
    balancer.push({ event: 'request', time: sent + ms, sent, server, status: ok ? 200 : 502 });
    load.push({ event: 'request', time: sent + ms + 1, sent: sent - 1, end: sent + ms + 1, ms: ms + 2, ok });
    if (ok) servers[server]!.push({ event: 'request', time: sent + ms, status: 200 });
  };
  for (let sent = 1_100; sent < 9_800; sent += 100) request(8301, sent, 80);
  request(8301, 9_950, 60, false);
  for (let sent = 11_100; sent < 19_900; sent += 100) request(8301, sent, 80);
  request(8302, 19_950, 1_600, false);
  request(8302, 20_500, 1_050, false);
  for (let sent = 22_500; sent < 89_000; sent += 100) request(8302, sent, sent > 30_000 && sent < 50_000 ? 900 : 80);
  return { load, balancer, script, servers };
}

const summary = {
  killed: { detectedMs: 190, healedMs: 1_010 },
  frozen: { detectedMs: 1_290, healedMs: 2_410 },
  scaledOut: 1,
  scaledIn: 1,
  reversals: 0,
  requests: { sent: 0, ok: 0, failed: 3, inFlightAtKill: 1, sentToFrozen: 2 },
  p95Ms: { calm: 80, surge: 900, recovered: 80, limit: 250 },
  managerRestarts: 1,
  commandsRepeated: 0,
  replayVerified: true,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  mkdirSync(join(folder, 'raw'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function verify(said: object, { load, balancer, script, servers }: ReturnType<typeof logsOfRun>) {
  const write = (name: string, lines: readonly Line[]) =>
    writeFileSync(join(folder, 'raw', `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  write('load', load);
  write(
    'balancer',
    balancer.sort((a, b) => a.time - b.time),
  );
  write('script', script);
  for (const [port, lines] of Object.entries(servers)) write(`server-${port}`, lines);
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(said));
  return spawnSync(process.execPath, [join(FARM, 'verify.js'), folder], { encoding: 'utf8' });
}

/** The summary with the counts that the logs have. */
function honest(logs: ReturnType<typeof logsOfRun>) {
  return { ...summary, requests: { ...summary.requests, sent: logs.load.length, ok: logs.load.filter((line) => line.ok).length } };
}

test('an honest summary agrees with the raw logs', () => {
  const logs = logsOfRun();
  const { status, stdout } = verify(honest(logs), logs);
  expect(stdout).toContain('17 figures agree');
  expect(status).toBe(0);
});

const FALSIFIED: readonly (readonly [string, (said: ReturnType<typeof honest>) => object])[] = [
  ['killed.healedMs', (said) => ({ ...said, killed: { ...said.killed, healedMs: 400 } })],
  ['frozen.detectedMs', (said) => ({ ...said, frozen: { ...said.frozen, detectedMs: 100 } })],
  ['scaledOut', (said) => ({ ...said, scaledOut: 2 })],
  ['reversals', (said) => ({ ...said, reversals: 1 })],
  ['requests.failed', (said) => ({ ...said, requests: { ...said.requests, failed: 0 } })],
  ['requests.sentToFrozen', (said) => ({ ...said, requests: { ...said.requests, sentToFrozen: 20 } })],
  ['p95Ms.recovered', (said) => ({ ...said, p95Ms: { ...said.p95Ms, recovered: 40 } })],
  ['managerRestarts', (said) => ({ ...said, managerRestarts: undefined })],
];

test.each(FALSIFIED)('a summary with a false %s is found out', (name, falsify) => {
  const logs = logsOfRun();
  const { status, stdout } = verify(falsify(honest(logs)), logs);
  expect(stdout).toMatch(new RegExp(`^✗ ${name.replace('.', '\\.')}`, 'm'));
  expect(stdout.match(/^✗/gm)).toHaveLength(1);
  expect(status).toBe(1);
});

test('a see-saw is counted: more servers, fewer, more again', () => {
  const logs = logsOfRun();
  logs.servers[8304] = [
    { event: 'start', time: 35_000, pid: 14, port: 8304, startedBy: 'web.130.0' },
    { event: 'term', time: 40_000, pid: 14 },
    { event: 'start', time: 45_000, pid: 24, port: 8304, startedBy: 'web.140.0' },
  ];
  expect(verify(honest(logs), logs).stdout).toMatch(/✗ reversals +0 +2/);
});

test('an order that started two processes on one port is counted', () => {
  const logs = logsOfRun();
  logs.servers[8303]!.push({ event: 'start', time: 71_000, pid: 99, port: 8303, startedBy: 'web.120.0' });
  expect(verify(honest(logs), logs).stdout).toMatch(/✗ commandsRepeated +0 +1/);
});

test('raw logs that were tidied contradict each other', () => {
  const logs = logsOfRun();
  const tidied = { ...logs, load: logs.load.filter((line) => line.ok) };
  const said = honest(tidied);
  const { status, stdout } = verify({ ...said, requests: { ...said.requests, failed: 0 } }, tidied);
  expect(stdout).toContain('the raw logs contradict each other: requests that clients sent, and that the balancer took');
  expect(status).toBe(1);
});

test('a folder that holds no run cannot be verified', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(FARM, 'verify.js'), join(folder, 'nowhere')], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('cannot be verified');
});
