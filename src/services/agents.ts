/** The agents of one process: one for each of its places, each in the group of its place. */
import type { AgentView } from '../api/served.ts';
import { following } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { DEFAULT_PLACE } from '../documents/manager.ts';
import type { ExecutorCounts } from '../execute/executor.ts';
import type { Writer } from '../log/log.ts';
import { makeActuators } from '../make-actuators.ts';
import { LEAD_LIMIT_MS } from '../monitor/intake.ts';
import type { ProbeStatus } from '../monitor/schedule.ts';
import { startBridge } from '../mqtt/bridge.ts';
import { placeOfProbe } from '../places.ts';
import { Agent, type AgentPorts } from './agent.ts';
import type { Cluster } from './cluster.ts';

export interface AgentsPorts extends Omit<Cluster, 'connections' | 'close'> {
  readonly mqtt: AgentPorts['mqtt'];
  readonly places: readonly string[];
  /** The configuration that this process was started with. */
  readonly configuration: Configuration;
  /** The configuration as it is in force now. */
  readonly inForce: () => Configuration;
  /** What runs beside the agent of the default place while that works. */
  readonly beside: AgentPorts['beside'];
}

export class Agents {
  readonly list: readonly Agent[];

  constructor({ places, beside, ...ports }: AgentsPorts) {
    this.list = places.map((place) => agentAt(place, ports, place === DEFAULT_PLACE ? beside : undefined));
  }

  async start(): Promise<void> {
    for (const agent of this.list) await agent.start();
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.list.map((agent) => agent.stop(graceMs)));
  }

  /** By place. */
  views(): readonly AgentView[] {
    return this.list.map(({ status: { place, working, failure, commands } }) => ({ place, working, failure, commands: sum(commands) }));
  }

  counts(): ExecutorCounts {
    return sum(this.views().map(({ commands }) => commands));
  }

  /** Commands of a partition that are being carried out here. */
  running(partition: number): number {
    return this.list.reduce((all, { status }) => all + (status.commands[partition]?.running ?? 0), 0);
  }

  probes(): readonly ProbeStatus[] {
    return this.list.flatMap((agent) => agent.probes());
  }
}

function agentAt(
  place: string,
  { configuration, inForce, ...ports }: Omit<AgentsPorts, 'places' | 'beside'>,
  beside: AgentPorts['beside'],
): Agent {
  const { manager, directory, folder, setup } = configuration;
  const probes = manager.probes ?? [];
  const stamps = following(ports.clock, LEAD_LIMIT_MS);
  const here = probes.filter((probe) => placeOfProbe(probe) === place);
  return new Agent({
    ...ports,
    stamps,
    place,
    probes: here,
    elsewhere: new Set(probes.filter((probe) => !here.includes(probe)).map(({ name }) => name)),
    directory,
    blueprint: () => inForce().blueprint,
    // What agents of one place leave in the world, their successors find again: it is in the name of the place, not of the process.
    actuators: ({ target, emit }) =>
      makeActuators(
        manager.actuators,
        {
          clock: stamps,
          directory,
          folder,
          owner: folder,
          environment: ports.environment,
          target,
          emit,
          log: ports.logger,
          mqtt: ports.mqtt,
        },
        place,
      ),
    queue: setup.limits.queue,
    ...(beside === undefined ? {} : { beside }),
  });
}

/** The agents of a process at its places. The bridge to MQTT, if the manager file has one, runs with that of the default place. */
export function agentsOf(
  cluster: Cluster,
  { writer, ...more }: Pick<AgentsPorts, 'places' | 'configuration' | 'inForce'> & { readonly writer: Writer },
): Agents {
  const { connections, close: _close, ...shared } = cluster;
  const { names, partitions, clock, logger } = shared;
  const bridge = more.configuration.manager.mqtt?.bridge;
  const beside =
    bridge &&
    (() => startBridge(bridge, { connection: connections.get(bridge.connection), writer, topics: names, partitions, clock, log: logger }));
  return new Agents({ ...shared, ...more, mqtt: connections.get, beside });
}

/** Counts of several executors as those of one. */
function sum(counts: readonly ExecutorCounts[]): ExecutorCounts {
  const of = (count: (one: ExecutorCounts) => number) => counts.reduce((all, one) => all + count(one), 0);
  return { waiting: of((c) => c.waiting), running: of((c) => c.running), leftBehind: of((c) => c.leftBehind) };
}
