/** The size of a pool of containers: members 1 to N run, and none above. Which they are is read from their labels each time, so nothing is remembered. */
import { messageOf } from '../../errors.ts';
import type { Order, Result, Target } from './actuator.ts';
import { type Container, type Docker, graceSeconds, inspect, observed, pathOf, untilHealthy } from './docker-container.ts';
import { type Json, merged } from './json-merge.ts';
import { fill, fillJson } from './placeholders.ts';
import type { PoolOptions } from './process-options.ts';
import { memberDocument, memberId, memberNumber } from './process-pool.ts';
import { FinalFailure, failureOf, refused, succeeded } from './results.ts';

/** Labels of our containers. */
export const LABEL = {
  owner: 'homeostat.owner',
  element: 'homeostat.element',
  pool: 'homeostat.pool',
  command: 'homeostat.command',
} as const;

const MOST = 100;
/** A container of ours, as GET /containers/json lists it. */
interface Listed {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}
export type PoolDocker = Docker & { readonly pool: PoolOptions };

const RUNS = ['running', 'paused', 'restarting'];

/** The containers that carry our owner and the given label, whatever their state. */
export async function labelled({ engine, context }: Docker, label: string, value: string, signal: AbortSignal): Promise<readonly Listed[]> {
  const filters = JSON.stringify({ label: [`${LABEL.owner}=${context.owner}`, `${label}=${value}`] });
  return (await engine.read<readonly Listed[]>('/containers/json', signal, { all: '1', filters })) ?? [];
}

async function members(docker: PoolDocker, parent: string, signal: AbortSignal): Promise<ReadonlyMap<number, Listed>> {
  const found = new Map<number, Listed>();
  for (const one of await labelled(docker, LABEL.pool, parent, signal)) {
    const n = memberNumber(docker.pool, one.Labels[LABEL.element] ?? '');
    if (n !== undefined) found.set(n, one);
  }
  return found;
}

/** The engine takes texts only where a placeholder alone would have become a number. */
function withTexts(config: Json): Json {
  const lists = ['Cmd', 'Entrypoint', 'Env'].flatMap((key) => (Array.isArray(config[key]) ? [[key, config[key].map(String)]] : []));
  return { ...config, ...Object.fromEntries(lists) };
}

/** What a new member is made from: the image, or all that was configured of the template, but for its own name in the network. */
async function baseOf({ options, ...docker }: PoolDocker, image: string | undefined, signal: AbortSignal): Promise<Json> {
  if (image !== undefined) return { Image: image };
  const template = await inspect({ options, ...docker }, options.template!, signal);
  if (!template) throw new FinalFailure(`there is no container ${options.template}, which members are made from`);
  const { Hostname: _, ...config } = template.Config;
  const networks = Object.keys(template.NetworkSettings?.Networks ?? {}).map((name) => [name, {}]);
  return { ...config, HostConfig: template.HostConfig, NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks) } };
}

/** Makes member n and returns its id. Its name is taken by one container only: a second that were made at the same time is refused by the engine. */
async function make(docker: PoolDocker, order: Order, parent: Target, n: number, signal: AbortSignal): Promise<string> {
  const { pool, options, context, engine } = docker;
  const id = memberId(pool, parent.id, n);
  const values = {
    ...memberDocument(pool, parent, n).properties,
    id,
    name: pool.name.replace('{n}', String(n)),
    type: pool.type,
    n,
    command: order.command.id,
  };
  const base = await baseOf(docker, options.image === undefined ? undefined : fill(options.image, values), signal);
  const body = merged(base, withTexts(fillJson(options.config ?? {}, values) as Json));
  const labels = { [LABEL.owner]: context.owner, [LABEL.element]: id, [LABEL.pool]: parent.id, [LABEL.command]: order.command.id };
  const name = options.container === undefined ? id.replace(/[^A-Za-z0-9_.-]/g, '-') : fill(options.container, values);
  const answer = await engine.call(
    { method: 'POST', path: '/containers/create', query: { name }, body: merged(body, { Labels: labels }), signal },
    [201],
  );
  return (JSON.parse(answer.text) as { Id: string }).Id;
}

async function startMissing(docker: PoolDocker, order: Order, parent: Target, to: number, signal: AbortSignal): Promise<string[]> {
  const { pool, engine } = docker;
  const there = await members(docker, parent.id, signal);
  const done: string[] = [];
  for (let n = 1; n <= to; n++) {
    const one = there.get(n);
    if (one && RUNS.includes(one.State)) continue;
    // Made by this very command and ended since: it is not started a second time.
    if (one?.Labels[LABEL.command] === order.command.id && one.State === 'exited') {
      done.push(`${memberId(pool, parent.id, n)} has ended since it was started`);
      continue;
    }
    const id = one?.Id ?? (await make(docker, order, parent, n, signal));
    await engine.call({ method: 'POST', path: `${pathOf(id)}/start`, signal }, [204, 304]);
    await untilHealthy(docker, id, signal);
    done.push(`${memberId(pool, parent.id, n)} started`);
  }
  return done;
}

/** Stops and removes what is above the size, at the same time. Volumes that have a name are left. */
async function removeSurplus(docker: PoolDocker, parent: string, to: number, signal: AbortSignal): Promise<string[]> {
  const surplus = [...(await members(docker, parent, signal))].filter(([n]) => n > to).sort(([a], [b]) => b - a);
  const removals = surplus.map(async ([n, { Id }]) => {
    await docker.engine.call(
      { method: 'POST', path: `${pathOf(Id)}/stop`, query: { t: graceSeconds(docker.options) }, signal },
      [204, 304, 404],
    );
    await docker.engine.call({ method: 'DELETE', path: pathOf(Id), query: { v: 'true', force: 'true' }, signal }, [204, 404]);
    return `${memberId(docker.pool, parent, n)} removed`;
  });
  // All of them to their end, so that what is told afterwards is settled.
  const settled = await Promise.allSettled(removals);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** What is there now, told as what differs from the model, with the number of members that run as the resource of the command. */
async function tally(docker: PoolDocker, order: Order, signal: AbortSignal): Promise<Omit<Result, 'status' | 'detail'>> {
  const { pool, context } = docker;
  const { element: parent, resource } = order.command;
  const target = context.target(parent);
  const there = await members(docker, parent, signal);
  const told = await Promise.all(
    [...there].map(async ([n, { Id }]) => {
      const container: Container | undefined = (docker.options.publishes ?? []).length > 0 ? await inspect(docker, Id, signal) : undefined;
      return container ? observed(docker, memberId(pool, parent, n), container) : [];
    }),
  );
  const running = [...there.values()].filter((one) => RUNS.includes(one.State)).length;
  const strangers = [...there.keys()].sort((a, b) => a - b).filter((n) => context.target(memberId(pool, parent, n)) === undefined);
  return {
    observations: [
      { element: parent, property: resource, value: running, time: context.clock.now(), source: context.name },
      ...told.flat(),
    ],
    ...(target && { appeared: strangers.map((n) => ({ element: memberId(pool, parent, n), document: memberDocument(pool, target, n) })) }),
    vanished: (target?.children ?? []).filter((child) => {
      const n = memberNumber(pool, child);
      return n !== undefined && !there.has(n);
    }),
  };
}

/** The size that is asked for; a Result: it cannot be had. */
export function sizeOf(order: Order, most = MOST): number | Result {
  const { to } = order.command.params;
  if (typeof to !== 'number' || !Number.isInteger(to) || to < 0) return refused(`scale needs a whole number "to", not ${to}`);
  return to <= most ? to : refused(`scale to ${to}: this pool has at most ${most} members (its option most)`);
}

export async function scalePool(docker: PoolDocker, order: Order, signal: AbortSignal): Promise<Result> {
  const to = sizeOf(order, docker.pool.most);
  if (typeof to !== 'number') return to;
  const parent = docker.context.target(order.command.element);
  if (!parent) return refused(`there is no element ${order.command.element}`);
  try {
    const done = [...(await startMissing(docker, order, parent, to, signal)), ...(await removeSurplus(docker, parent.id, to, signal))];
    return succeeded(`${to} of ${to}: ${done.join(', ') || 'nothing to do'}`, await tally(docker, order, signal));
  } catch (error) {
    // What is there is told also if it failed or ran out of time; an engine that is gone cannot say.
    const told = await tally(docker, order, AbortSignal.timeout(LAST_LOOK_MS)).catch(() => ({}));
    if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason), ...told };
    return { ...failureOf(error), ...told };
  }
}

/** How long the last look may take when the time of the command is over, ms: less than the executor waits for a last word. */
const LAST_LOOK_MS = 300;

/** After a restart: done if the members that should run do, and none above; past its deadline what is there. Else undefined: doing it does the remainder. */
export async function inquirePool(docker: PoolDocker, order: Order, signal: AbortSignal): Promise<Result | undefined> {
  const to = sizeOf(order, docker.pool.most);
  if (typeof to !== 'number') return to;
  const there = await members(docker, order.command.element, signal);
  const running = [...there].filter(([, one]) => RUNS.includes(one.State)).map(([n]) => n);
  const detail = `${running.length} of ${to} found running`;
  if (there.size === to && running.length === to && running.every((n) => n <= to))
    return succeeded(detail, await tally(docker, order, signal));
  if (docker.context.clock.now() < order.command.deadlineAt) return undefined;
  return { status: 'timedOut', detail: `${detail}, past the deadline`, ...(await tally(docker, order, signal)) };
}
