/**
 * The only importer of kafkajs, of which we use the lower half: connections, TLS, SASL, metadata and the simple requests. Its producer and consumer
 * we do without. Its consumer beats only between batches, shows records of aborted transactions (see batches.ts) and stops decisions of all
 * partitions in each rebalance; its producer looks its coordinator up anew for each transaction, and cannot say who it was. Internals are safe to use
 * because the version is pinned, and has been its last since 2023.
 */
import { createRequire } from 'node:module';
import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Admin, Kafka, type logCreator } from 'kafkajs';
import type { Request } from './requests.ts';

const inside = createRequire(import.meta.url);

export type { Admin } from 'kafkajs';

/** A member's answer to having joined. */
export interface Joined {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  /** Only the leader is told. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

/** What we ask of one broker. */
export interface Broker {
  readonly nodeId: number | string | null;
  readonly connectionPool: {
    readonly host: string;
    readonly port: number;
    send<T>(request: Request<T>): Promise<T>;
  };
  joinGroup(options: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: { name: string; metadata: Buffer }[];
  }): Promise<Joined>;
  syncGroup(options: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ memberAssignment: Buffer }>;
  heartbeat(options: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(options: { groupId: string; memberId: string }): Promise<unknown>;
  offsetCommit(options: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
  offsetFetch(options: { groupId: string; topics: { topic: string; partitions: { partition: number }[] }[] }): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }>;
  disconnect(): Promise<void>;
}

/** What we ask of a client. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(options: { nodeId: number }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
}

export interface ClientOptions {
  readonly clientId: string;
  readonly brokers: readonly string[];
  readonly ssl?: object;
  readonly sasl?: object;
  readonly connectMs: number;
  readonly requestMs: number;
  readonly log: logCreator;
}

/** Few and quick: who calls tries again in its own time. */
const RETRY = { initialRetryTime: 50, factor: 0.2, multiplier: 2, maxRetryTime: 400, retries: 3 };
const METADATA_MS = 300_000;
const KEEP_ALIVE_MS = 10_000;

/**
 * A request queue that has nothing to send sets a timer that finds nothing to send and sets the next, a thousand times a second and connection;
 * its delay is negative, hence the warnings of newer versions of Node. With nothing pending there is nothing to check: what is pushed later checks for itself.
 */
function quiet(): void {
  const Queue = inside('kafkajs/src/network/requestQueue') as {
    prototype: { pending: readonly unknown[]; scheduleCheckPendingRequests(): void };
  };
  const { scheduleCheckPendingRequests } = Queue.prototype;
  Queue.prototype.scheduleCheckPendingRequests = function (this: typeof Queue.prototype) {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}
quiet();

/** Without Nagle's algorithm, which holds a small request back while another is not acknowledged. */
function socket({ host, port, ssl, onConnect }: { host: string; port: number; ssl?: object; onConnect: () => void }) {
  const made =
    ssl === undefined || ssl === null
      ? connectPlain({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
  made.setNoDelay(true);
  made.setKeepAlive(true, KEEP_ALIVE_MS);
  return made;
}

const common = (options: ClientOptions) => ({
  clientId: options.clientId,
  brokers: [...options.brokers],
  ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
  ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
  connectionTimeout: options.connectMs,
  authenticationTimeout: options.requestMs,
  requestTimeout: options.requestMs,
  enforceRequestTimeout: true,
  retry: RETRY,
  socketFactory: socket,
});

/** A client with connections of its own. */
export function makeCluster(options: ClientOptions): Cluster {
  const Cluster = inside('kafkajs/src/cluster') as new (options: object) => Cluster;
  const { createLogger, LEVELS } = inside('kafkajs/src/loggers') as {
    createLogger: (options: object) => object;
    LEVELS: { INFO: number };
  };
  return new Cluster({
    ...common(options),
    logger: createLogger({ level: LEVELS.INFO, logCreator: options.log }),
    reauthenticationThreshold: 10_000,
    metadataMaxAge: METADATA_MS,
    allowAutoTopicCreation: false,
    isolationLevel: 1,
  });
}

/** What topics are made and looked at with. */
export const makeAdmin = (options: ClientOptions): Admin =>
  new Kafka({ ...common(options), logCreator: options.log } as unknown as ConstructorParameters<typeof Kafka>[0]).admin({ retry: RETRY });
