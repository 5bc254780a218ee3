/** A process that has only agents: it runs probes and carries out commands at its places, and decides nothing. */
import { Refusal } from '../api/answers.ts';
import type { Figures } from '../api/figures.ts';
import type { Served } from '../api/served.ts';
import type { SystemClock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { type Agents, agentsOf } from './agents.ts';
import { type Cluster, type ClusterSurroundings, openCluster } from './cluster.ts';
import { Publisher } from './publisher.ts';

/** A process of agents with all that belongs to it. */
export interface AgentsProcess {
  readonly clock: SystemClock;
  readonly folder: string;
  readonly served: Served;
  figures(): Figures;
  start(): Promise<void>;
  /** Brings another configuration into force: what it says of types. */
  configure(configuration: Configuration): void;
  /** Stops; `graceMs`: how long running commands are waited for. */
  stop(graceMs: number): Promise<void>;
}

/** @throws HomeostatError as `openCluster` does */
export async function assembleAgents(
  configuration: Configuration,
  surroundings: ClusterSurroundings & { readonly places: readonly string[] },
): Promise<AgentsProcess> {
  const cluster = await openCluster(configuration, surroundings, 'agents');
  try {
    return await put(configuration, surroundings.places, cluster);
  } catch (thrown) {
    await cluster.close();
    throw thrown;
  }
}

async function put(configuration: Configuration, places: readonly string[], cluster: Cluster): Promise<AgentsProcess> {
  const { log, close } = cluster;
  let inForce = configuration;
  const writer = await log.writer();
  const publisher = new Publisher(writer, { ...cluster, queue: configuration.setup.limits.queue });
  const agents = agentsOf(cluster, { places, configuration, inForce: () => inForce, writer });
  return {
    clock: cluster.clock,
    folder: cluster.folder,
    served: servedOf(cluster.clock, agents, publisher),
    figures: () => figuresOf(cluster.partitions, agents),
    start: () => agents.start(),
    configure: (next) => {
      inForce = next;
    },
    stop: async (graceMs) => {
      await agents.stop(graceMs);
      await publisher.close();
      await close();
    },
  };
}

/** What the API shows of such a process: figures and health. All that needs a manager is refused; only that a person had the file read again is told. */
function servedOf(clock: SystemClock, agents: Agents, publisher: Publisher): Served {
  const nobody = (): never => {
    throw new Refusal(503, 'H305', 'this process has agents and no manager; ask one of homeostat run');
  };
  return {
    clock,
    get manager() {
      return nobody();
    },
    get store() {
      return nobody();
    },
    bus: {
      observe: nobody,
      signal: (signal) => {
        if (signal.kind !== 'audit') return nobody();
        publisher.tell(signal);
        return true;
      },
      get waiting() {
        return { signals: publisher.waiting.signals, telemetry: publisher.waiting.observations };
      },
    },
    executor: { counts: () => agents.counts(), withhold: nobody },
    sensors: { status: () => agents.probes() },
    agents: () => agents.views(),
  };
}

function figuresOf(partitions: number, agents: Agents): Figures {
  const away = agents.list.some(({ alive }) => !alive);
  const failing = agents.views().find(({ failure }) => failure !== null);
  const outside = away
    ? 'the group has not heard of this process lately'
    : failing === undefined
      ? null
      : `the agent of ${failing.place} cannot work: ${failing.failure}`;
  return {
    partitions: [],
    group: { partitions, outside },
    executor: agents.counts(),
    probes: agents.probes(),
    servers: [{ name: 'kafka', reachable: !away, needed: true }],
    agents: agents.views(),
  };
}
