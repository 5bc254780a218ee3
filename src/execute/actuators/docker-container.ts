/** One container: what the engine says of it, and the operations on it. Each looks first and names a state to be in, so that a second time does nothing. */
import { sleep } from '../../clock.ts';
import { durationMs } from '../../duration.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Observation, Value } from '../../messages.ts';
import type { ActuatorContext, Order, Result } from './actuator.ts';
import type { DockerEngine } from './docker-engine.ts';
import { limitsAsked } from './docker-limits.ts';
import type { DockerOptions } from './docker-options.ts';
import { refused, succeeded } from './results.ts';

/** The part of the engine's answer to GET /containers/ID/json that is used here. */
export interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount?: number;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: Readonly<Record<string, unknown>>;
  readonly HostConfig: Readonly<Record<string, unknown>> & {
    readonly NanoCpus?: number;
    readonly Memory?: number;
    readonly MemorySwap?: number;
  };
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> };
}

export interface Docker {
  readonly options: DockerOptions;
  readonly context: ActuatorContext;
  readonly engine: DockerEngine;
}

const DEFAULT_GRACE = '10s';
const LOOK_EVERY_MS = 200;

export const pathOf = (id: string): string => `/containers/${encodeURIComponent(id)}`;
export const inspect = ({ engine }: Docker, id: string, signal: AbortSignal) => engine.read<Container>(`${pathOf(id)}/json`, signal);
export const graceSeconds = ({ grace }: DockerOptions): string => String(Math.ceil(durationMs(grace ?? DEFAULT_GRACE) / 1_000));

/** What `publishes` tells of a container; undefined: there is none. What the engine does not say, such as the health of one without a check, is not told. */
export function observed({ options, context }: Docker, element: string, container: Container | undefined): readonly Observation[] {
  const read: Record<string, Value | undefined> = container
    ? {
        state: container.State.Status,
        health: container.State.Health?.Status,
        restarts: container.RestartCount,
        cpus: container.HostConfig.NanoCpus === undefined ? undefined : container.HostConfig.NanoCpus / 1e9,
        memory: container.HostConfig.Memory,
      }
    : { state: 'removed' };
  const time = context.clock.now();
  return (options.publishes ?? []).flatMap((property) => {
    const value = read[property];
    return value === undefined ? [] : [{ element, property, value, time, source: context.name }];
  });
}

/** Waits, if that is wanted, until a container that has a health check is healthy. @throws HomeostatError H402 if it ends or is not in time. */
export async function untilHealthy(docker: Docker, id: string, signal: AbortSignal): Promise<void> {
  const { healthy } = docker.options;
  if (healthy === undefined) return;
  const { clock } = docker.context;
  const latest = clock.now() + durationMs(healthy);
  for (;;) {
    const now = await inspect(docker, id, signal).catch((thrown) => {
      signal.throwIfAborted();
      throw new HomeostatError('H402', `it was started, and whether it is healthy cannot be seen: ${messageOf(thrown)}`, { cause: thrown });
    });
    if (!now?.State.Running) throw new HomeostatError('H402', `it ended with status ${now?.State.ExitCode} before it was healthy`);
    if (now.State.Health === undefined || now.State.Health.Status === 'healthy' || now.State.Health.Status === 'none') return;
    if (clock.now() >= latest) throw new HomeostatError('H402', `it is ${now.State.Health.Status} after ${healthy}`);
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}

/** Whether a container runs that was started since the command was given. Both times by the clock of the engine. */
async function startedSince({ engine }: Docker, { State }: Container, order: Order, signal: AbortSignal): Promise<boolean> {
  return State.Running && Date.parse(State.StartedAt) > (await engine.timeOf(order.command.issuedAt, signal));
}

/** What is still to be done to a container, as a call; undefined: nothing, since it is done. Refused: it cannot be done. */
async function remainder(docker: Docker, seen: Container, order: Order, signal: AbortSignal) {
  const { Running, Paused } = seen.State;
  const post = (what: string, query?: Readonly<Record<string, string>>, body?: unknown) => ({ kind: 'call', what, query, body }) as const;
  const no = (result: Result) => ({ kind: 'refused', result }) as const;
  switch (order.operation) {
    case 'start':
      return Running ? undefined : post('start');
    case 'stop':
      return Running ? post('stop', { t: graceSeconds(docker.options) }) : undefined;
    case 'restart':
      return (await startedSince(docker, seen, order, signal)) ? undefined : post('restart', { t: graceSeconds(docker.options) });
    case 'kill': {
      const named = String(order.command.params.signal ?? 'KILL').replace(/^SIG/, '');
      if (Running) return post('kill', { signal: named });
      return named === 'KILL' || named === 'TERM'
        ? undefined
        : no(refused(`${seen.Name} does not run, and cannot take the signal ${named}`));
    }
    case 'pause':
      return Paused ? undefined : post('pause');
    case 'unpause':
      return Paused ? post('unpause') : undefined;
    default: {
      const asked = limitsAsked(order, seen);
      if ('refusal' in asked) return no(asked.refusal);
      const same = Object.entries(asked.limits).every(([name, value]) => seen.HostConfig[name] === value);
      return same ? undefined : post('update', undefined, asked.limits);
    }
  }
}

export async function operate(docker: Docker, id: string, order: Order, signal: AbortSignal): Promise<Result> {
  const { element } = order.command;
  const seen = await inspect(docker, id, signal);
  if (!seen) return refused(`there is no container ${id}`);
  const todo = await remainder(docker, seen, order, signal);
  if (todo?.kind === 'refused') return todo.result;
  const name = seen.Name.replace(/^\//, '');
  if (!todo) return succeeded(`${name}: nothing to do, it is ${seen.State.Status}`, { observations: observed(docker, element, seen) });
  const { what, query, body } = todo;
  await docker.engine.call({ method: 'POST', path: `${pathOf(seen.Id)}/${what}`, signal, body, ...(query && { query }) }, [200, 204, 304]);
  if (what === 'start' || what === 'restart') await untilHealthy(docker, seen.Id, signal);
  const done = `${name}: ${order.operation} done`;
  try {
    const after = await inspect(docker, seen.Id, signal);
    return succeeded(`${done}, it is ${after?.State.Status ?? 'gone'}`, { observations: observed(docker, element, after) });
  } catch {
    // That it cannot be read back is no reason to say that it was not done.
    return succeeded(`${done}, and could not be read back`);
  }
}

/**
 * After a restart: done if the state is there that the operation names, else undefined, since carrying it out does the remainder.
 * @throws HomeostatError H402 for a signal that leaves no trace.
 */
export async function inquireOne(docker: Docker, id: string, order: Order, signal: AbortSignal): Promise<Result | undefined> {
  const seen = await inspect(docker, id, signal);
  if (!seen) return undefined;
  const found = () =>
    succeeded(`${seen.Name.replace(/^\//, '')}: found ${seen.State.Status}`, {
      observations: observed(docker, order.command.element, seen),
    });
  if (order.operation === 'kill') {
    const since = await docker.engine.timeOf(order.command.issuedAt, signal);
    if (Date.parse(seen.State.FinishedAt) > since) return found();
    if (!seen.State.Running) return undefined;
    if (String(order.command.params.signal ?? 'KILL').replace(/^SIG/, '') === 'KILL') return undefined;
    throw new HomeostatError('H402', 'whether a running container has got a signal cannot be seen');
  }
  return (await remainder(docker, seen, order, signal)) === undefined ? found() : undefined;
}
