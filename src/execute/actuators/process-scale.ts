/** The size of a pool: members 1 to N run, and none above. */
import { messageOf } from '../../errors.ts';
import type { ActuatorContext, Order, Result } from './actuator.ts';
import type { ProcessKeeper } from './process-keeper.ts';
import type { PoolOptions, ProcessOptions } from './process-options.ts';
import { memberDocument, memberId, memberNumber, poolOf } from './process-pool.ts';
import type { Publisher } from './process-publish.ts';
import { processSpec } from './process-spec.ts';
import type { OwnedProcess } from './process-table.ts';
import { failureOf, refused, succeeded } from './results.ts';

const MOST = 100;

export interface Scaling {
  readonly options: ProcessOptions;
  readonly pool: PoolOptions;
  readonly context: ActuatorContext;
  readonly keeper: ProcessKeeper;
  readonly publisher: Publisher;
}

/** The processes of the members that live, by number. */
async function liveMembers({ pool, keeper }: Scaling, parent: string): Promise<ReadonlyMap<number, OwnedProcess>> {
  const live = new Map<number, OwnedProcess>();
  for (const [element, process] of await keeper.running()) {
    const n = poolOf(element) === parent ? memberNumber(pool, element) : undefined;
    if (n !== undefined) live.set(n, process);
  }
  return live;
}

/** The size that is asked for; a Result: it cannot be had. */
function sizeOf({ pool }: Scaling, order: Order): number | Result {
  const { to } = order.command.params;
  const most = pool.most ?? MOST;
  if (typeof to !== 'number' || !Number.isInteger(to) || to < 0) return refused(`scale needs a whole number "to", not ${to}`);
  return to <= most ? to : refused(`scale to ${to}: this pool has at most ${most} members (its option most)`);
}

/**
 * What is there now, told as what differs from the model: an earlier attempt, or life, may have made members that it could not tell of.
 * The size that is read back is the number of live members.
 */
async function tally(
  scaling: Scaling,
  order: Order,
  to: number,
  endedSince: readonly number[],
): Promise<Omit<Result, 'status' | 'detail'>> {
  const { pool, context, keeper, publisher } = scaling;
  const { element: parent, resource } = order.command;
  const target = context.target(parent);
  const surplus = (target?.children ?? []).filter((child) => (memberNumber(pool, child) ?? 0) > to);
  // Before looking: what is told as gone must not be brought back by a restart that is under way.
  for (const child of surplus) keeper.disown(child);
  const live = await liveMembers(scaling, parent);
  for (const process of live.values()) keeper.note(process);
  const there = [...new Set([...live.keys(), ...endedSince])].sort((a, b) => a - b);
  const strangers = there.filter((n) => context.target(memberId(pool, parent, n)) === undefined);
  const gone = surplus.filter((child) => !live.has(memberNumber(pool, child)!));
  for (const child of gone) keeper.forget(child);
  return {
    observations: [
      publisher.observation(parent, resource, live.size),
      ...there.flatMap((n) => publisher.told(memberId(pool, parent, n), live.get(n)?.pid)),
    ],
    ...(target && {
      appeared: strangers.map((n) => ({ element: memberId(pool, parent, n), document: memberDocument(pool, target, n) })),
    }),
    vanished: gone,
  };
}

async function startMissing(scaling: Scaling, order: Order, to: number, endedSince: number[], signal: AbortSignal): Promise<string[]> {
  const { options, pool, context, keeper } = scaling;
  const parent = order.command.element;
  const live = await liveMembers(scaling, parent);
  const missing = Array.from({ length: to }, (_, index) => index + 1).filter((n) => !live.has(n));
  const started: string[] = [];
  for (const n of missing) {
    const up = await keeper.make(processSpec(options, context, memberId(pool, parent, n), order), signal);
    if (up.kind === 'ended') endedSince.push(n);
    started.push(up.detail);
  }
  return started;
}

async function stopSurplus(scaling: Scaling, order: Order, to: number, signal: AbortSignal): Promise<string[]> {
  const { pool, context, keeper } = scaling;
  const parent = order.command.element;
  const known = (context.target(parent)?.children ?? []).flatMap((child) => memberNumber(pool, child) ?? []);
  const surplus = [...new Set([...(await liveMembers(scaling, parent)).keys(), ...known])].filter((n) => n > to).sort((a, b) => b - a);
  const stops = surplus.map((n) => keeper.unmake(memberId(pool, parent, n), signal));
  // All of them to their end, so that what is told afterwards is settled.
  for (const stop of await Promise.allSettled(stops)) if (stop.status === 'rejected') throw stop.reason;
  return surplus.map((n) => `${memberId(pool, parent, n)} stopped`);
}

/** Starts what is missing, one after the other, then stops the highest above the size, at the same time. Says what is there also if it fails. */
export async function scale(scaling: Scaling, order: Order, signal: AbortSignal): Promise<Result> {
  const to = sizeOf(scaling, order);
  if (typeof to !== 'number') return to;
  if (!scaling.context.target(order.command.element)) return refused(`there is no element ${order.command.element}`);
  const endedSince: number[] = [];
  try {
    const started = await startMissing(scaling, order, to, endedSince, signal);
    const stopped = await stopSurplus(scaling, order, to, signal);
    const done = [...started, ...stopped].join(', ') || 'nothing to do';
    return succeeded(`${to} of ${to}: ${done}`, await tally(scaling, order, to, endedSince));
  } catch (error) {
    const told = await tally(scaling, order, to, endedSince);
    if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason), ...told };
    return { ...failureOf(error), ...told };
  }
}

/**
 * After a restart: succeeded if the members that should run do. Else undefined, whether it was never begun or broke off in the middle: the size is
 * absolute, members that run are left alone, and the mark of one that this command started and that has ended keeps it from being started
 * again. So carrying it out once more does the remainder. Past its deadline it will not be, and what is there is told here.
 */
export async function inquireScale(scaling: Scaling, order: Order): Promise<Result | undefined> {
  const to = sizeOf(scaling, order);
  if (typeof to !== 'number') return to;
  const { element: parent, deadlineAt } = order.command;
  const live = await liveMembers(scaling, parent);
  const whole = live.size === to && [...live.keys()].every((n) => n <= to);
  if (whole) return succeeded(`${to} of ${to} found running`, await tally(scaling, order, to, []));
  if (scaling.context.clock.now() < deadlineAt) return undefined;
  return {
    status: 'timedOut',
    detail: `${live.size} of ${to} found running, past the deadline`,
    ...(await tally(scaling, order, to, [])),
  };
}
