/** A broker of one node, as `install.sh` gets it. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePorts, newFolder, type Server, startProgram } from './process.ts';

export const KAFKA_VERSION = process.env.KAFKA_VERSION ?? '3.9.1';

const home = (version: string) => join(process.env.HOMEOSTAT_SERVERS ?? join(homedir(), '.cache/homeostat'), `kafka-${version}`);

/** Whether `install.sh` has installed it. */
export const hasKafka = (version = KAFKA_VERSION): boolean => existsSync(join(home(version), 'complete'));

export interface KafkaOptions {
  readonly version?: string;
  /** More lines of `server.properties`, which win over ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** SCRAM users, as `StorageTool --add-scram` wants them: `SCRAM-SHA-256=[name=alice,password=secret]`. */
  readonly scram?: readonly string[];
  /** More listeners by name, such as `SASL_SSL`; each gets a port. */
  readonly listeners?: Readonly<Record<string, string>>;
  /** The port that clients of one of those are told, such as that of a proxy before it; its own if not given. */
  readonly advertised?: Readonly<Record<string, number>>;
  /** Heap in MB. */
  readonly heap?: number;
}

export interface KafkaServer extends Server {
  /** What a client is told: `127.0.0.1:port`. */
  readonly broker: string;
  /** Of a listener of `listeners`. */
  portOf(listener: string): number;
  /** Runs one of Kafka's own tools, such as `kafka.admin.ConfigCommand`, and returns what it prints. */
  tool(main: string, ...args: readonly string[]): string;
  /** How to run one of them with input. */
  toolCommand(main: string): { readonly command: string; readonly args: readonly string[] };
}

/** Starts a broker on free ports of the loopback interface, in a folder of its own. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const version = options.version ?? KAFKA_VERSION;
  if (!hasKafka(version)) throw new Error(`Kafka ${version} is not installed: KAFKA_VERSION=${version} test/servers/install.sh kafka`);
  const more = Object.keys(options.listeners ?? {});
  const [port, controller, ...ports] = (await freePorts(2 + more.length)) as [number, number, ...number[]];
  const folder = newFolder('kafka');
  const listeners = [`PLAINTEXT://127.0.0.1:${port}`, ...more.map((name, i) => `${name}://127.0.0.1:${ports[i]}`)];
  const protocols = { CONTROLLER: 'PLAINTEXT', PLAINTEXT: 'PLAINTEXT', ...options.listeners };
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controller}`].join(','),
    'advertised.listeners': [
      `PLAINTEXT://127.0.0.1:${port}`,
      ...more.map((name, i) => `${name}://127.0.0.1:${options.advertised?.[name] ?? ports[i]}`),
    ].join(','),
    'listener.security.protocol.map': Object.entries(protocols)
      .map(([name, protocol]) => `${name}:${protocol}`)
      .join(','),
    'log.dirs': join(folder, 'data'),
    'num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    'log.cleaner.dedupe.buffer.size': String(16 << 20),
    ...options.properties,
  };
  const file = join(folder, 'server.properties');
  writeFileSync(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const java = [
    `-Xmx${options.heap ?? 384}m`,
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.log.kafka.server=info',
    '-cp',
    join(home(version), 'libs/*'),
  ];
  const run = (main: string, args: readonly string[]) =>
    execFileSync('java', [...java, main, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const users = (options.scram ?? []).flatMap((user) => ['--add-scram', user]);
  run('kafka.tools.StorageTool', ['format', '-t', 'aG9tZW9zdGF0LXRlc3RzIQ', '-c', file, ...users]);
  const server = await startProgram({
    name: `Kafka ${version}`,
    port,
    folder,
    command: 'java',
    args: [...java, 'kafka.Kafka', file],
    ready: (log) => log.includes('Kafka Server started'),
  });
  return Object.defineProperties(server as KafkaServer, {
    broker: { value: `127.0.0.1:${port}` },
    portOf: { value: (listener: string) => ports[more.indexOf(listener)] },
    toolCommand: { value: (main: string) => ({ command: 'java', args: [...java, main] }) },
    tool: { value: (main: string, ...args: readonly string[]) => run(main, args) },
  });
}
