/** What the tests of the probes share: surroundings, a wait for what can only be looked at, and processes that do not outlive their test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SystemClock } from '../../../src/clock.ts';
import type { Value } from '../../../src/messages.ts';
import type { Measurement, Probe, ProbeContext, ProbeSink } from '../../../src/monitor/probes/probe.ts';
import { Connections } from '../../../src/mqtt/connections.ts';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, the latest first. */
export const afterwards = (undo: () => unknown): number => cleanups.push(undo);

afterEach(async () => {
  for (let undo = cleanups.pop(); undo; undo = cleanups.pop()) await undo();
});

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'homeostat-probe-'));
  afterwards(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export const context = (changes: Partial<ProbeContext> = {}): ProbeContext => ({
  name: 'test',
  element: 'shop/server-1',
  everyMs: 20,
  timeoutMs: 20,
  clock: new SystemClock(),
  directory: tmpdir(),
  environment: {},
  processesOf: () => [],
  known: () => true,
  mqtt: new Connections(undefined, {
    instance: 'test',
    clock: new SystemClock(),
    random: () => 0,
    secrets: { environment: {}, directory: tmpdir() },
    log: pino({ level: 'silent' }),
  }).get,
  ...changes,
});

/** A child that is killed when the test ends. */
export function child(program: string, ...args: string[]): ChildProcess & { pid: number } {
  const started = spawn(program, args, { stdio: 'ignore' });
  afterwards(() => started.kill('SIGKILL'));
  return started as ChildProcess & { pid: number };
}

/** Counts the tests, so that a wait whose test has ended ends too. */
let turn = 0;
afterEach(() => {
  turn += 1;
});

/** Waits until a look shows what is awaited; the test's own limit ends it. */
export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const mine = turn; mine === turn; ) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('the test has ended');
}

/** Whether a process lives: it is there and has not ended, reaped or not. */
export function lives(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  try {
    return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}

export const idle = (): AbortSignal => new AbortController().signal;

/** One measurement. */
export const sampled = (probe: Probe, signal = idle()): Promise<Measurement> => probe.sample!(signal);

/** The values of a measurement, by property. */
export const valuesOf = ({ samples }: Measurement): Record<string, Value> => Object.fromEntries(samples.map((s) => [s.property, s.value]));

/** Follows a probe; `seen` grows with what it tells. Closed when the test ends. */
export function followed(probe: Probe): Measurement[] {
  const seen: Measurement[] = [];
  const sink: ProbeSink = {
    measured: (m) => seen.push(m),
    failed: (wrong) => seen.push({ samples: [], wrong }),
    rejected: () => {},
    appeared: () => {},
  };
  afterwards(() => probe.close());
  probe.follow!(sink);
  return seen;
}
