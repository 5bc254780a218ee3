/** The demo over real servers: what changes in the manager file, the device that publishes by MQTT, and the journal as it is in Kafka. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '../../clock.ts';
import { openKafka } from '../../log/kafka.ts';
import { Connections } from '../../mqtt/connections.ts';
import { domainOf, partitionOf, topicNames } from '../../services/topics.ts';
import { decodeEntry } from '../../services/wire.ts';
import { makeLog } from '../log.ts';
import type { NumberedEntry } from './api.ts';
import { callJson } from './call.ts';

/** Where the servers are. */
export interface DemoServers {
  /** host:port of a Kafka broker. */
  readonly kafka: string;
  /** URL of an InfluxDB, such as http://127.0.0.1:8086. */
  readonly influx: string;
  /** URL of an MQTT broker, such as mqtt://127.0.0.1:1883. */
  readonly mqtt: string;
}

const PARTITIONS = 4;
/** Of the history of a demo. */
export const DATABASE = 'homeostat_demo';
const TOPIC = 'farm/web/stats';
const PUBLISH_EVERY_MS = 250;
const FARM = 'web';

/** Names the topics of one run: another run on the same servers has others. */
export const clusterOf = (port: number): string => `demo-${port}`;

/** The manager file with the servers of this run; the balancer's figures come by MQTT, as those of a device would. */
export function withServers(text: string, { kafka, influx, mqtt }: DemoServers, cluster: string): string {
  const document = JSON.parse(text) as { probes: { name: string }[] } & Record<string, unknown>;
  const probes = document.probes.map((probe) =>
    probe.name === 'balancer'
      ? {
          name: 'balancer',
          kind: 'mqtt',
          element: FARM,
          every: '500ms',
          topic: TOPIC,
          read: { requests: '/requests', waiting: '/pending', listed: '/listed' },
        }
      : probe,
  );
  return JSON.stringify(
    {
      ...document,
      probes,
      api: { port: 0 },
      services: { name: cluster, partitions: PARTITIONS, session: '6s', kafka: { brokers: [kafka] } },
      history: { influx: { url: influx, database: DATABASE } },
      mqtt: { url: mqtt },
    },
    null,
    2,
  );
}

/** Publishes what the balancer says of itself, as a device would, until it is told to stop. */
export function device(servers: DemoServers, balancer: number, clock: Clock): { stop(): Promise<void> } {
  const connections = new Connections(
    { url: servers.mqtt },
    {
      instance: `demo-${balancer}`,
      clock,
      random: () => 0.5,
      secrets: { environment: {}, directory: '.' },
      log: makeLog('silent'),
    },
  );
  let cancel: Cancel = () => {};
  const publish = (): void => {
    cancel = clock.after(PUBLISH_EVERY_MS, () => {
      callJson<object>(`http://127.0.0.1:${balancer}/admin/stats`)
        .then((stats) => connections.get().publish({ topic: TOPIC, payload: JSON.stringify(stats), qos: 0, retain: false }))
        .catch(() => {})
        .finally(publish);
    });
  };
  publish();
  return {
    stop: async () => {
      cancel();
      await connections.close();
    },
  };
}

/** The whole journal of the farm's partition, as all managers have written it. */
export async function journalIn(servers: DemoServers, cluster: string, clock: Clock): Promise<NumberedEntry[]> {
  const secrets = { environment: {}, directory: '.' };
  const log = await openKafka({ kafka: { brokers: [servers.kafka] }, secrets, clock, log: makeLog('silent') });
  try {
    const entries: NumberedEntry[] = [];
    const partition = partitionOf(domainOf(FARM), PARTITIONS);
    await log.read(topicNames(cluster).journal, partition, 0, (records) => {
      for (const { value } of records) if (value !== null) entries.push({ seq: entries.length + 1, ...decodeEntry(value) });
    });
    return entries;
  } finally {
    await log.close();
  }
}

/** The folders of the states that processes of a run have kept: each is replayed for itself. */
export async function copiesIn(state: string): Promise<readonly string[]> {
  const list = async (folder: string) => (await readdir(folder).catch(() => [])).sort().map((name) => join(folder, name));
  const managers = await list(join(state, 'managers'));
  return (await Promise.all(managers.map((manager) => list(join(manager, 'partitions'))))).flat();
}
