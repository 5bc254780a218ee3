/**
 * Processes of this machine: start, stop, restart one; scale a pool of them. They are detached, outlive the manager, and are found again in /proc
 * by the owner, element and command in their environment. The parts: process-options (what may be said), process-pool and process-spec (what is
 * to be run), process-keeper (one element's process), process-scale (a pool's size), process-table (/proc).
 */
import { messageOf } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result, Target } from './actuator.ts';
import { ProcessKeeper, type Up } from './process-keeper.ts';
import { ProcessOptions } from './process-options.ts';
import { memberNumber } from './process-pool.ts';
import { publisher } from './process-publish.ts';
import { untilReady } from './process-ready.ts';
import { inquireScale, type Scaling, scale } from './process-scale.ts';
import { processSpec } from './process-spec.ts';
import { failureOf, refused, succeeded } from './results.ts';
import { Turns } from './turns.ts';

const OPERATIONS = ['start', 'stop', 'restart', 'scale'] as const;

function create(options: ProcessOptions, context: ActuatorContext): Actuator {
  const publish = publisher(options, context);
  const keeper = new ProcessKeeper(options, context, (element, how) => {
    context.log.info({ element, how }, 'a process has ended');
    for (const observation of publish.exited(element)) context.emit({ kind: 'observation', ...observation });
  });
  const pools = new Turns();
  const scaling: Scaling | undefined = options.pool && { options, pool: options.pool, context, keeper, publisher: publish };
  const spec = (order: Order) => processSpec(options, context, order.command.element, order);
  const cameUp = (element: string, up: Up): Result =>
    succeeded(up.detail, { observations: publish.told(element, up.kind === 'up' ? up.pid : undefined) });

  const operate = async (order: Order, signal: AbortSignal): Promise<Result> => {
    const { element } = order.command;
    switch (order.operation) {
      case 'start':
        return cameUp(element, await keeper.start(spec(order), signal));
      case 'restart':
        return cameUp(element, await keeper.restart(spec(order), order.command, signal));
      case 'stop': {
        const count = await keeper.stop(element, signal);
        return succeeded(count === 0 ? `${element} has no process` : `${element} stopped`, {
          observations: publish.told(element, undefined),
        });
      }
      case 'scale':
        if (!scaling) return refused('scale needs the option pool');
        return pools.take(element, () => scale(scaling, order, signal));
      default:
        return refused(`the process actuator knows no operation ${order.operation}; known: ${OPERATIONS.join(', ')}`);
    }
  };

  /**
   * After a restart. Every operation names a state to be in and looks at /proc first, so that carrying out once more what broke off in the middle
   * does only the remainder; a process that the command had started and that has ended since is remembered in its mark and not started
   * again. Hence: succeeded if the state is there, else undefined, which sends the command again.
   */
  const inquire = async (order: Order, signal: AbortSignal): Promise<Result | undefined> => {
    const { element, id } = order.command;
    if (order.operation === 'scale') return scaling && pools.take(element, () => inquireScale(scaling, order));
    const process = (await keeper.running()).get(element);
    if (order.operation === 'stop') {
      return process ? undefined : succeeded(`${element} has no process`, { observations: publish.told(element, undefined) });
    }
    const there = process !== undefined && (order.operation === 'start' || process.command === id);
    if (!there) return undefined;
    keeper.note(process);
    await untilReady(process, spec(order).readiness, context.clock, signal);
    return succeeded(`${element} found running as ${process.pid}`, { observations: publish.told(element, process.pid) });
  };

  return {
    execute: async (order, signal) => {
      try {
        return await operate(order, signal);
      } catch (error) {
        return signal.aborted ? { status: 'timedOut', detail: messageOf(signal.reason) } : failureOf(error);
      }
    },
    inquire: (order, signal) => inquire(order, signal).catch(() => undefined),
    adopt: (elements) => keeper.adopt(new Set(elements.filter((element) => isKept(options, element)).map((element) => element.id))),
    processes: () => keeper.list(),
    close: async () => {},
  };
}

/** Whether an element is one that has a process here: a member of a pool by its type and name; without pools any. */
function isKept({ pool }: ProcessOptions, element: Target): boolean {
  return !pool || (element.type === pool.type && memberNumber(pool, element.id) !== undefined);
}

export const processKind: ActuatorKind<ProcessOptions> = {
  kind: 'process',
  description: 'starts, stops and restarts processes of this machine, and scales pools of them (Linux)',
  options: ProcessOptions,
  operations: OPERATIONS,
  check: ({ pool }, operations) =>
    operations.includes('scale') && !pool
      ? [
          {
            at: [],
            message: 'the operation scale needs the option "pool"',
            remedy: 'say under "pool" what type and names its members have',
          },
        ]
      : [],
  create,
};
