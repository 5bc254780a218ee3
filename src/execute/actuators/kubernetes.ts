/**
 * Resources of a Kubernetes cluster: scale, restart, patch; cordon and uncordon of nodes. The parts: kubernetes-options, kubernetes-client (calls, with
 * the official client), kubernetes-change (changes that are done once), kubernetes-status (what is read back).
 */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { resultOfSilence, wasNotReached } from './http-answers.ts';
import { change, isNoted, type Place, read, replicasIn, setReplicas } from './kubernetes-change.ts';
import { type ApiObject, ApiRefusal, Cluster } from './kubernetes-client.ts';
import { checkKubernetes, KubernetesOptions, kindOf } from './kubernetes-options.ts';
import { observedOf, untilReady } from './kubernetes-status.ts';
import { fill, fillJson, orderValues } from './placeholders.ts';
import { failureOf, refused, succeeded } from './results.ts';

const OPERATIONS = ['scale', 'restart', 'patch', 'cordon', 'uncordon'] as const;
const FIELD_MANAGER = 'homeostat';

function resultOf(error: unknown, signal: AbortSignal): Result {
  if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason) };
  if (error instanceof ApiRefusal) return error.result;
  if (error instanceof HomeostatError) return failureOf(error);
  return wasNotReached(error)
    ? { status: 'failed', detail: `the cluster is not there: ${messageOf(error)}`, retryable: true }
    : resultOfSilence(error, signal);
}

function create(options: KubernetesOptions, context: ActuatorContext): Actuator {
  const cluster = new Cluster(options, context);

  const placeOf = async (order: Order, signal: AbortSignal): Promise<Place> => {
    const values = orderValues(order, context.target(order.command.element));
    const name = fill(options.name ?? '{name}', values);
    const namespace = options.namespace === undefined ? undefined : fill(options.namespace, values);
    return { cluster, path: await cluster.pathOf(name, namespace, signal), fieldManager: options.fieldManager ?? FIELD_MANAGER, signal };
  };
  const told = (order: Order, detail: string, object: ApiObject | undefined, replicas?: number): Result => {
    const { element, resource } = order.command;
    const size =
      replicas === undefined ? [] : [{ element, property: resource, value: replicas, time: context.clock.now(), source: context.name }];
    return succeeded(detail, { observations: [...size, ...(object ? observedOf(options, context, element, object) : [])] });
  };
  const settled = (place: Place): Promise<ApiObject | undefined> => untilReady(options, context.clock, () => read(place), place.signal);

  /** The patch of an operation; undefined: it is none that is known. */
  const patchOf = (order: Order) => {
    const { issuedAt } = order.command;
    switch (order.operation) {
      case 'restart': {
        // The instant at which it was asked for, as kubectl notes it: the same command gives the same pods, however often it is sent.
        const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date(issuedAt).toISOString() };
        return { type: 'merge', body: { spec: { template: { metadata: { annotations } } } } } as const;
      }
      case 'cordon':
        return { type: 'merge', body: { spec: { unschedulable: true } } } as const;
      case 'uncordon':
        return { type: 'merge', body: { spec: { unschedulable: null } } } as const;
      case 'patch': {
        const values = orderValues(order, context.target(order.command.element));
        return options.patch && ({ type: options.patch.type ?? 'strategic', body: fillJson(options.patch.body, values) } as const);
      }
      default:
        return undefined;
    }
  };

  const scale = async (order: Order, signal: AbortSignal): Promise<Result> => {
    const { to } = order.command.params;
    if (typeof to !== 'number' || !Number.isInteger(to) || to < 0) return refused(`scale needs a whole number "to", not ${to}`);
    const place = await placeOf(order, signal);
    const { kind, from, now } = await setReplicas(place, order, to);
    if (kind === 'changed')
      return { status: 'failed', detail: `somebody else has changed the replicas from ${from} to ${now} meanwhile`, retryable: true };
    const object = await settled(place);
    return told(order, from === now ? `${now} replicas, nothing to do` : `${from} to ${now} replicas`, object, now);
  };

  const run = async (order: Order, signal: AbortSignal): Promise<Result> => {
    if (!(OPERATIONS as readonly string[]).includes(order.operation))
      return refused(`the kubernetes actuator knows no operation ${order.operation}; known: ${OPERATIONS.join(', ')}`);
    if (order.operation === 'scale') return scale(order, signal);
    const patch = patchOf(order);
    if (!patch) return refused('patch needs the option patch');
    const place = await placeOf(order, signal);
    const { object, done } = await change(place, order, patch.type, patch.body);
    const after = order.operation === 'restart' || order.operation === 'patch' ? await settled(place) : object;
    const what = `${kindOf(options)} ${object.metadata.name}: ${order.operation}`;
    return told(order, done ? `${what} was done before` : `${what} done`, after);
  };

  /** After a restart: the note of the command says whether it was done. @throws HomeostatError H402 where a scale was noted, and another number is there. */
  const inquire = async (order: Order, signal: AbortSignal): Promise<Result | undefined> => {
    const place = await placeOf(order, signal);
    const object = await read(place);
    if (order.operation !== 'scale') return isNoted(object, order) ? told(order, 'asked by the id of the command', object) : undefined;
    const replicas = replicasIn(await read(place, '/scale'));
    if (replicas === order.command.params.to) return told(order, `${replicas} replicas found`, object, replicas);
    if (isNoted(object, order))
      throw new HomeostatError(
        'H402',
        `it was begun, and there are ${replicas} replicas: it broke off, or somebody has changed them since`,
      );
    return undefined;
  };

  return {
    execute: async (order, signal) => {
      try {
        signal.throwIfAborted();
        return await run(order, signal);
      } catch (error) {
        return resultOf(error, signal);
      }
    },
    inquire,
    close: async () => {},
  };
}

export const kubernetesKind: ActuatorKind<KubernetesOptions> = {
  kind: 'kubernetes',
  description: 'scales, restarts and patches resources of a Kubernetes cluster, and cordons its nodes',
  options: KubernetesOptions,
  operations: OPERATIONS,
  check: checkKubernetes,
  create,
};
