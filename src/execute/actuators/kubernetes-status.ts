/** What a resource says of itself: how far its roll-out is, and what is told of it. */
import { type Clock, sleep } from '../../clock.ts';
import { durationMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import type { Observation, Value } from '../../messages.ts';
import type { ActuatorContext } from './actuator.ts';
import type { ApiObject } from './kubernetes-client.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';

const LOOK_EVERY_MS = 500;

interface Progress {
  readonly wanted: number;
  readonly there: number;
  readonly ready: number;
  readonly updated: number;
}

/** How many replicas are wanted, there, ready, and of the newest template. A daemon set counts by other names; what has no templates updates none. */
export function progressOf({ spec = {}, status = {} }: ApiObject): Progress {
  const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
  if (status.desiredNumberScheduled !== undefined)
    return {
      wanted: number(status.desiredNumberScheduled, 0),
      there: number(status.currentNumberScheduled, 0),
      ready: number(status.numberReady, 0),
      updated: number(status.updatedNumberScheduled, 0),
    };
  const there = number(status.replicas, 0);
  const isTemplated = 'updatedReplicas' in status || 'strategy' in spec || 'updateStrategy' in spec;
  return {
    wanted: number(spec.replicas, 1),
    there,
    ready: number(status.readyReplicas, 0),
    updated: isTemplated ? number(status.updatedReplicas, 0) : there,
  };
}

/** Whether its controller has seen the last change and carried it out. */
export function isReady(object: ApiObject): boolean {
  const { wanted, there, ready, updated } = progressOf(object);
  const seen = Number(object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
  return seen && there === wanted && ready === wanted && updated === wanted;
}

/**
 * The object as it is when its roll-out is complete, or now if that is not waited for. A look that fails is no reason to say that a change was not made:
 * it is looked again, or without waiting nothing is told.
 * @throws HomeostatError H402 if the roll-out is not complete in time.
 */
export async function untilReady(
  options: KubernetesOptions,
  clock: Clock,
  look: () => Promise<ApiObject>,
  signal: AbortSignal,
): Promise<ApiObject | undefined> {
  const latest = clock.now() + durationMs(options.ready ?? '0s');
  for (;;) {
    const object = await look().catch(() => undefined);
    if (options.ready === undefined || (object && isReady(object))) return object;
    if (clock.now() >= latest) {
      const { wanted, ready, updated } = object ? progressOf(object) : { wanted: '?', ready: '?', updated: '?' };
      throw new HomeostatError('H402', `after ${options.ready} ${ready} of ${wanted} replicas are ready and ${updated} updated`);
    }
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}

/** What `publishes` tells of a resource. */
export function observedOf(
  { publishes = [] }: KubernetesOptions,
  context: ActuatorContext,
  element: string,
  object: ApiObject,
): readonly Observation[] {
  const { wanted, ready, updated } = progressOf(object);
  const told: Record<string, Value> = {
    replicas: wanted,
    readyReplicas: ready,
    updatedReplicas: updated,
    unschedulable: object.spec?.unschedulable === true,
  };
  const time = context.clock.now();
  return publishes.map((property) => ({ element, property, value: told[property]!, time, source: context.name }));
}
