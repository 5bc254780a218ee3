/** The requests that we lay out ourselves, in versions that brokers from 2.4 to 4.x know. */
import type { Aborted } from './batches.ts';
import { In, Out } from './wire.ts';

/** What kafkajs sends over a connection of its own. */
export interface Request<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<Out>;
    expectResponse?(): boolean;
  };
  readonly response: {
    decode(bytes: Buffer): Promise<{ readonly clientSideThrottleTime: number; readonly body: T }>;
    parse(decoded: { readonly body: T }): Promise<T>;
  };
  /** How long its answer may take, ms, if longer than usual. */
  readonly requestTimeout?: number;
  readonly logResponseError?: boolean;
}

interface Shape<T> {
  readonly key: number;
  readonly version: number;
  readonly name: string;
  readonly timeoutMs?: number;
  encode(out: Out): void;
  /** The body, and for how long the broker asks us to hold back, ms. */
  decode(input: In): readonly [body: T, throttleMs: number];
}

const request = <T>({ key, version, name, timeoutMs, encode, decode }: Shape<T>): Request<T> => ({
  request: {
    apiKey: key,
    apiVersion: version,
    apiName: name,
    encode: async () => {
      const out = new Out();
      encode(out);
      return out;
    },
  },
  response: {
    decode: async (bytes) => {
      const [body, clientSideThrottleTime] = decode(new In(bytes));
      return { clientSideThrottleTime, body };
    },
    parse: async ({ body }) => body,
  },
  ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }),
  logResponseError: false,
});

/** Items by topic, as nearly every request wants them, in the order in which topics come first. */
function byTopic<T extends { readonly topic: string }>(items: readonly T[]): (readonly [topic: string, items: readonly T[]])[] {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const of = topics.get(item.topic);
    if (of === undefined) topics.set(item.topic, [item]);
    else of.push(item);
  }
  return [...topics];
}

export interface FetchPart {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
  readonly timeoutMs: number;
}

export interface FetchedPart {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  /** Records from here on belong to transactions that are not decided. */
  readonly lastStable: number;
  readonly logStart: number;
  readonly aborted: readonly Aborted[];
  readonly bytes: Buffer;
}

/** Fetch, version 11; committed records only. */
export const fetchRequest = (parts: readonly FetchPart[], limits: FetchLimits): Request<readonly FetchedPart[]> =>
  request({
    key: 1,
    version: 11,
    name: 'Fetch',
    timeoutMs: limits.timeoutMs + limits.maxWaitMs,
    encode(out) {
      out.int32(-1).int32(limits.maxWaitMs).int32(1).int32(limits.maxBytes).int8(1).int32(0).int32(-1);
      out.array(byTopic(parts), ([topic, of]) =>
        out
          .string(topic)
          .array(of, ({ partition, offset }) => out.int32(partition).int32(-1).int64(offset).int64(-1).int32(limits.maxPartitionBytes)),
      );
      out.int32(0).string('');
    },
    decode(input) {
      const throttle = input.int32();
      const errorCode = input.int16();
      input.skip(4);
      const fetched = input.array(() => {
        const topic = input.string()!;
        return input.array(() => fetchedPart(topic, input));
      });
      if (errorCode !== 0) throw new Error(`fetching failed with error ${errorCode}`);
      return [fetched.flat(), throttle];
    },
  });

function fetchedPart(topic: string, input: In): FetchedPart {
  const partition = input.int32();
  const errorCode = input.int16();
  const highWatermark = input.int64();
  const lastStable = input.int64();
  const logStart = input.int64();
  const aborted = input.array(() => ({ producer: input.long(), first: input.int64() }));
  input.skip(4);
  const length = input.int32();
  const bytes = length <= 0 ? Buffer.alloc(0) : input.bytes(length);
  return { topic, partition, errorCode, highWatermark, lastStable, logStart, aborted, bytes };
}

export interface ProducePart {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

export interface ProducedPart {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
}

/** Produce, version 7; acknowledged by all replicas in sync. */
export const produceRequest = (
  parts: readonly ProducePart[],
  transactionalId: string | null,
  timeoutMs: number,
): Request<readonly ProducedPart[]> =>
  request({
    key: 0,
    version: 7,
    name: 'Produce',
    encode(out) {
      out.string(transactionalId).int16(-1).int32(timeoutMs);
      out.array(byTopic(parts), ([topic, of]) =>
        out.string(topic).array(of, ({ partition, batch }) => out.int32(partition).int32(batch.length).bytes(batch)),
      );
    },
    decode(input) {
      const produced = input.array(() => {
        const topic = input.string()!;
        return input.array(() => {
          const part = { topic, partition: input.int32(), errorCode: input.int16(), baseOffset: input.int64() };
          input.skip(16);
          return part;
        });
      });
      return [produced.flat(), input.int32()];
    },
  });

export interface InitProducer {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /** Who we were: the broker refuses if another has begun under the id since. */
  readonly id: bigint;
  readonly epoch: number;
}

export interface InitedProducer {
  readonly errorCode: number;
  readonly id: bigint;
  readonly epoch: number;
}

/** InitProducerId, version 3, which unlike that of kafkajs can say who we were. */
export const initProducerRequest = ({ transactionalId, transactionTimeoutMs, id, epoch }: InitProducer): Request<InitedProducer> =>
  request({
    key: 22,
    version: 3,
    name: 'InitProducerId',
    encode(out) {
      // From version 2 on headers have tagged fields too, of which kafkajs' has none; ours begin with the end of an empty list.
      out.uvarint(0).compactString(transactionalId).int32(transactionTimeoutMs).long(id).int16(epoch).uvarint(0);
    },
    decode(input) {
      input.skip(1);
      const throttle = input.int32();
      return [{ errorCode: input.int16(), id: input.long(), epoch: input.int16() }, throttle];
    },
  });

export interface TransactionOf {
  readonly transactionalId: string;
  readonly id: bigint;
  readonly epoch: number;
}

/** AddPartitionsToTxn, version 1. Answers with an error code for each. */
export const addPartitionsRequest = (
  { transactionalId, id, epoch }: TransactionOf,
  parts: readonly { readonly topic: string; readonly partition: number }[],
): Request<readonly number[]> =>
  request({
    key: 24,
    version: 1,
    name: 'AddPartitionsToTxn',
    encode(out) {
      out.string(transactionalId).long(id).int16(epoch);
      out.array(byTopic(parts), ([topic, of]) => out.string(topic).array(of, ({ partition }) => out.int32(partition)));
    },
    decode(input) {
      const throttle = input.int32();
      const codes = input.array(() => {
        input.string();
        return input.array(() => {
          input.skip(4);
          return input.int16();
        });
      });
      return [codes.flat(), throttle];
    },
  });

/** EndTxn, version 1. Answers with an error code. */
export const endTransactionRequest = ({ transactionalId, id, epoch }: TransactionOf, commit: boolean): Request<number> =>
  request({
    key: 26,
    version: 1,
    name: 'EndTxn',
    encode(out) {
      out
        .string(transactionalId)
        .long(id)
        .int16(epoch)
        .int8(commit ? 1 : 0);
    },
    decode(input) {
      const throttle = input.int32();
      return [input.int16(), throttle];
    },
  });

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly offset: number;
}

/** ListOffsets, version 2: the oldest that is kept, or the end, open transactions included. */
export const listOffsetsRequest = (
  parts: readonly { readonly topic: string; readonly partition: number }[],
  which: 'oldest' | 'end',
): Request<readonly ListedOffset[]> =>
  request({
    key: 2,
    version: 2,
    name: 'ListOffsets',
    encode(out) {
      out.int32(-1).int8(0);
      out.array(byTopic(parts), ([topic, of]) =>
        out.string(topic).array(of, ({ partition }) => out.int32(partition).int64(which === 'oldest' ? -2 : -1)),
      );
    },
    decode(input) {
      const throttle = input.int32();
      const listed = input.array(() => {
        const topic = input.string()!;
        return input.array(() => {
          const part = { topic, partition: input.int32(), errorCode: input.int16() };
          input.skip(8);
          return { ...part, offset: input.int64() };
        });
      });
      return [listed.flat(), throttle];
    },
  });

/** FindCoordinator, version 2: who keeps account of a group or of a transactional id. */
export const findCoordinatorRequest = (
  kind: 'group' | 'transaction',
  id: string,
): Request<{ readonly errorCode: number; readonly nodeId: number }> =>
  request({
    key: 10,
    version: 2,
    name: 'FindCoordinator',
    encode(out) {
      out.string(id).int8(kind === 'group' ? 0 : 1);
    },
    decode(input) {
      const throttle = input.int32();
      const errorCode = input.int16();
      input.string();
      return [{ errorCode, nodeId: input.int32() }, throttle];
    },
  });

/** DescribeTransactions, version 0 (Kafka 3.0): when the open transaction of an id began, by the broker's clock, ms since 1970; 0 or less: there is none, or we may not ask. */
export const describeTransactionRequest = (transactionalId: string): Request<number> =>
  request({
    key: 65,
    version: 0,
    name: 'DescribeTransactions',
    encode(out) {
      // Lists have their length plus one before them.
      out.uvarint(0).uvarint(2).compactString(transactionalId).uvarint(0);
    },
    decode(input) {
      input.skip(1);
      const throttle = input.int32();
      const count = input.uvarint() - 1;
      if (count < 1 || input.int16() !== 0) return [0, throttle];
      input.skip(input.uvarint() - 1); // the id
      input.skip(input.uvarint() - 1); // its state
      input.skip(4);
      return [input.int64(), throttle];
    },
  });
