/**
 * Containers of a Docker engine: start, stop, restart, kill, pause, unpause, update one; scale a pool of them or a swarm service. Nothing is remembered:
 * what is there, and whose it is, is read from the engine each time. The parts: docker-options, docker-engine (calls), docker-container (one),
 * docker-limits (its limits), docker-pool (several), docker-service (swarm).
 */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { type Docker, inquireOne, operate } from './docker-container.ts';
import { DockerEngine, EngineRefusal } from './docker-engine.ts';
import { checkDocker, DockerOptions } from './docker-options.ts';
import { inquirePool, LABEL, labelled, scalePool } from './docker-pool.ts';
import { inquireService, scaleService } from './docker-service.ts';
import { resultOfSilence, wasNotReached } from './http-answers.ts';
import { fill, orderValues } from './placeholders.ts';
import { failureOf, refused } from './results.ts';
import { Turns } from './turns.ts';

const OPERATIONS = ['start', 'stop', 'restart', 'kill', 'pause', 'unpause', 'update', 'scale'] as const;

/** What a thrown error says. A connection that broke after the engine was reached may have had its effect; the next attempt looks first. */
function resultOf(error: unknown, signal: AbortSignal): Result {
  if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason) };
  if (error instanceof EngineRefusal) return error.result;
  if (error instanceof HomeostatError) return failureOf(error);
  const silence = resultOfSilence(error, signal);
  return wasNotReached(error) ? { ...silence, detail: `the engine is not there: ${messageOf(error)}` } : silence;
}

function create(options: DockerOptions, context: ActuatorContext): Actuator {
  const docker: Docker = { options, context, engine: new DockerEngine(options, context) };
  const turns = new Turns();
  const valuesOf = (order: Order) => orderValues(order, context.target(order.command.element));

  /** The container of an element: a member of a pool by its label, another by its name. */
  const containerOf = async (order: Order, signal: AbortSignal): Promise<string> => {
    const named = () => fill(options.container ?? '{name}', valuesOf(order));
    if (!options.pool) return named();
    const [own] = await labelled(docker, LABEL.element, order.command.element, signal);
    return own?.Id ?? named();
  };
  const knows = (operation: string) => (OPERATIONS as readonly string[]).includes(operation);

  const run = async (order: Order, signal: AbortSignal): Promise<Result> => {
    if (!knows(order.operation))
      return refused(`the docker actuator knows no operation ${order.operation}; known: ${OPERATIONS.join(', ')}`);
    if (order.operation !== 'scale') return operate(docker, await containerOf(order, signal), order, signal);
    if (options.pool) return scalePool({ ...docker, pool: options.pool }, order, signal);
    if (options.service !== undefined) return scaleService(docker, fill(options.service, valuesOf(order)), order, signal);
    return refused('scale needs the option pool or service');
  };

  const inquire = async (order: Order, signal: AbortSignal): Promise<Result | undefined> => {
    if (order.operation !== 'scale') return inquireOne(docker, await containerOf(order, signal), order, signal);
    if (options.pool) return inquirePool({ ...docker, pool: options.pool }, order, signal);
    return options.service === undefined ? undefined : inquireService(docker, fill(options.service, valuesOf(order)), order, signal);
  };

  return {
    execute: (order, signal) =>
      turns.take(order.command.element, async () => {
        try {
          signal.throwIfAborted();
          return await run(order, signal);
        } catch (error) {
          return resultOf(error, signal);
        }
      }),
    inquire,
    close: async () => {},
  };
}

export const dockerKind: ActuatorKind<DockerOptions> = {
  kind: 'docker',
  description: 'starts, stops, limits and scales containers of a Docker engine, and scales swarm services',
  options: DockerOptions,
  operations: OPERATIONS,
  check: checkDocker,
  create,
};
