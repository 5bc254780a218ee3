/** Puts the services mode together: managers, the agents of its places and the carrier of the intake, on Kafka. The one place where its parts meet their adapters. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { wordsWith } from '../analyze/custom.ts';
import { catchingUp, type SystemClock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { Confirmer } from '../confirm.ts';
import { LmdbStore } from '../knowledge/lmdb.ts';
import type { State } from '../knowledge/state.ts';
import type { Log } from '../log/log.ts';
import { placeOfActuator } from '../places.ts';
import type { StepResult } from '../step.ts';
import { type Agents, agentsOf } from './agents.ts';
import { type Cluster, type ClusterSurroundings, openCluster } from './cluster.ts';
import { Managers } from './managers.ts';
import type { Partition } from './partition.ts';
import { Past } from './past.ts';
import { Publisher } from './publisher.ts';
import { Router } from './router.ts';

export interface ServicesSurroundings extends ClusterSurroundings {
  /** The places that this process works at. */
  readonly places: readonly string[];
  readonly onStep?: (partition: number, result: StepResult, state: State) => void;
}

/** A process of the services mode with all that belongs to it. */
export interface Services {
  readonly cluster: string;
  readonly partitions: number;
  /** Where this process keeps its copies, and says where it answers. */
  readonly folder: string;
  readonly clock: SystemClock;
  readonly log: Log;
  readonly managers: Managers;
  readonly agents: Agents;
  readonly router: Router;
  /** Writes what comes in by the API. */
  readonly publisher: Publisher;
  /** The history in InfluxDB, where the manager file names one. */
  readonly past: Past | undefined;
  /** The copy of a partition that is ours. */
  readonly copyOf: (partition: number) => LmdbStore | undefined;
  start(): Promise<void>;
  /** Brings another configuration into force: its types and policies, here and in what is taken over later. */
  configure(configuration: Configuration): void;
  /** Stops in order, so that others can go on at once. `graceMs`: how long running commands are waited for. */
  stop(graceMs: number): Promise<void>;
}

/** Rows of a copy that are put in their places with a step: it should cost a step as little as can be. */
const COPY_CALM = 16;

/** @throws HomeostatError as `openCluster` does */
export async function assembleServices(configuration: Configuration, surroundings: ServicesSurroundings): Promise<Services> {
  const part = await openCluster(configuration, surroundings, 'managers');
  try {
    return await put(configuration, surroundings, part);
  } catch (thrown) {
    await part.close();
    throw thrown;
  }
}

async function put(configuration: Configuration, { places, onStep }: ServicesSurroundings, part: Cluster): Promise<Services> {
  const { setup, manager: document } = configuration;
  const { connections: _connections, close, ...shared } = part;
  const { cluster, partitions, clock, log, logger, folder, names } = shared;
  const copies = new Map<number, LmdbStore>();
  let inForce = configuration;
  const past = await Past.open(configuration, { ...shared, running: (partition) => agents.running(partition) });
  const managers = new Managers({
    ...shared,
    setup,
    paceMs: configuration.paceMs,
    words: wordsWith(configuration.words),
    confirmer: new Confirmer(configuration.words),
    clockFrom: (notBefore) => catchingUp(clock, notBefore),
    agentProperties: propertiesNamedIn(document.probes ?? []),
    placeOf: (actuator) => placeOfActuator(document, actuator),
    localOf: (partition) => {
      const copy = openCopy(configuration, join(folder, 'partitions', String(partition)), logger);
      if (copy !== undefined) copies.set(partition, copy);
      return copy;
    },
    onStep: (partition, result, state, events) => {
      past?.onStep(partition, result, events);
      onStep?.(partition, result, state);
    },
    onChange: (partition, manager: Partition | undefined) => {
      if (manager === undefined) copies.delete(partition);
      past?.follow(partition, manager);
    },
  });
  const writer = await log.writer();
  const agents: Agents = agentsOf(part, { places, configuration, inForce: () => inForce, writer });
  const router = new Router(shared);
  const publisher = new Publisher(writer, { names, partitions, clock, logger, queue: setup.limits.queue });
  return {
    cluster,
    partitions,
    folder,
    clock,
    log,
    managers,
    agents,
    router,
    publisher,
    past,
    copyOf: (partition) => copies.get(partition),
    start: async () => {
      await managers.start();
      await agents.start();
      await router.start();
      await past?.start();
    },
    configure: (next) => {
      inForce = next;
      managers.configure(next.setup);
    },
    stop: async (graceMs) => {
      await router.stop();
      await agents.stop(graceMs);
      await managers.stop();
      await past?.close();
      await publisher.close();
      await close();
    },
  };
}

/** The copy of a partition on this machine. Where there can be none it goes without: the state is in the log. */
function openCopy(configuration: Configuration, folder: string, logger: Logger): LmdbStore | undefined {
  const { journalEntries, inputBytes } = configuration.setup.limits;
  try {
    return new LmdbStore({ folder, journalEntries, inputBytes, historyMs: configuration.historyMs, calm: COPY_CALM });
  } catch (thrown) {
    logger.warn({ err: thrown, folder }, 'no copy of the state is kept on this machine');
    return undefined;
  }
}

/** Names that options of probes have in braces: the properties of elements that an agent must know. */
function propertiesNamedIn(probes: readonly unknown[]): ReadonlySet<string> {
  return new Set([...JSON.stringify(probes).matchAll(/\{([A-Za-z0-9_:-]+)\}/g)].map(([, name]) => name!));
}
