/** Waiting until a started process does its work. */
import { connect } from 'node:net';
import { type Clock, deadline, sleep } from '../../clock.ts';
import { HomeostatError } from '../../errors.ts';
import { httpCall } from './http-call.ts';
import { isAlive, type ProcessIdentity } from './process-table.ts';

/** How to see that a process is ready, placeholders replaced. */
export interface Readiness {
  readonly http?: string;
  readonly tcp?: string;
  readonly withinMs: number;
}

const ASK_EVERY_MS = 50;
const ANSWER_WITHIN_MS = 1_000;

function takesConnection(address: string, signal: AbortSignal): Promise<boolean> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(at + 1)), signal });
    const done = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

async function answersWell(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await httpCall({ url, method: 'GET', signal });
    return status >= 200 && status < 300;
  } catch {
    return false;
  }
}

async function isReady(readiness: Readiness, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const late = deadline(clock, ANSWER_WITHIN_MS, new Error('no answer'));
  const either = AbortSignal.any([signal, late.signal]);
  try {
    if (readiness.tcp !== undefined && !(await takesConnection(readiness.tcp, either))) return false;
    return readiness.http === undefined || (await answersWell(readiness.http, either));
  } finally {
    late.done();
  }
}

/**
 * Resolves when the process is ready; at once if nothing was said of how to see it.
 * @throws HomeostatError H402 if it ends or is not ready in time; the signal's reason when it is aborted.
 */
export async function untilReady(process: ProcessIdentity, readiness: Readiness, clock: Clock, signal: AbortSignal): Promise<void> {
  const { http, tcp, withinMs } = readiness;
  if (http === undefined && tcp === undefined) return;
  const latest = clock.now() + withinMs;
  for (;;) {
    const ready = await isReady(readiness, clock, signal);
    signal.throwIfAborted();
    // Asked after the answer: another process may answer on the port of one that has ended.
    if (!isAlive(process)) throw new HomeostatError('H402', 'it ended before it was ready');
    if (ready) return;
    if (clock.now() >= latest) throw new HomeostatError('H402', `${http ?? tcp} was not ready within ${withinMs} ms`);
    await sleep(clock, ASK_EVERY_MS, signal);
  }
}
