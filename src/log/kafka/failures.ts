/** What brokers answer when something is wrong, and what to do about each. */
import { Fenced } from '../log.ts';

/** Codes of Kafka's protocol that we tell apart. */
export const CODES: Readonly<Record<number, string>> = {
  1: 'OFFSET_OUT_OF_RANGE',
  2: 'CORRUPT_MESSAGE',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  8: 'BROKER_NOT_AVAILABLE',
  9: 'REPLICA_NOT_AVAILABLE',
  10: 'MESSAGE_TOO_LARGE',
  13: 'NETWORK_EXCEPTION',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  17: 'INVALID_TOPIC_EXCEPTION',
  18: 'RECORD_LIST_TOO_LARGE',
  19: 'NOT_ENOUGH_REPLICAS',
  20: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  22: 'ILLEGAL_GENERATION',
  25: 'UNKNOWN_MEMBER_ID',
  26: 'INVALID_SESSION_TIMEOUT',
  27: 'REBALANCE_IN_PROGRESS',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  30: 'GROUP_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  37: 'INVALID_PARTITIONS',
  45: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  46: 'DUPLICATE_SEQUENCE_NUMBER',
  47: 'INVALID_PRODUCER_EPOCH',
  48: 'INVALID_TXN_STATE',
  49: 'INVALID_PRODUCER_ID_MAPPING',
  51: 'CONCURRENT_TRANSACTIONS',
  53: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  55: 'OPERATION_NOT_ATTEMPTED',
  56: 'KAFKA_STORAGE_ERROR',
  59: 'UNKNOWN_PRODUCER_ID',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
  78: 'OFFSET_NOT_AVAILABLE',
  79: 'MEMBER_ID_REQUIRED',
  90: 'PRODUCER_FENCED',
  120: 'TRANSACTION_ABORTABLE',
};

/** A broker's refusal. */
export class Refused extends Error {
  readonly type: string;

  constructor(code: number, doing: string) {
    const type = CODES[code] ?? `error ${code}`;
    super(`${doing}: ${type}`);
    this.name = 'Refused';
    this.type = type;
  }
}

/** Kafka's name of what went wrong, of our own refusals and those of kafkajs. */
export function typeOf(thrown: unknown): string {
  if (thrown instanceof Refused) return thrown.type;
  const { type, code, message, name, cause } = (thrown ?? {}) as {
    type?: unknown;
    code?: unknown;
    message?: unknown;
    name?: unknown;
    cause?: unknown;
  };
  // kafkajs tells codes that it does not know in words only.
  const unknown = code === -99 ? /([0-9]+)$/.exec(String(message))?.[1] : undefined;
  if (unknown !== undefined) return CODES[Number(unknown)] ?? `error ${unknown}`;
  if (typeof code === 'number' && CODES[code] !== undefined) return CODES[code];
  if (typeof type === 'string') return type;
  if (cause !== undefined && cause !== thrown) return typeOf(cause);
  return typeof name === 'string' ? name : 'Error';
}

const FENCING = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

/** Whether another has begun under our transactional id, or the broker has given it up. */
export const isFencing = (thrown: unknown): boolean => thrown instanceof Fenced || FENCING.has(typeOf(thrown));

const COORDINATOR_MOVED = new Set([
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
  'COORDINATOR_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
]);
const LEADER_MOVED = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
]);
const PASSING = new Set([
  'REQUEST_TIMED_OUT',
  'BROKER_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'CONCURRENT_TRANSACTIONS',
  'OFFSET_NOT_AVAILABLE',
]);
const REFUSING = new Set([
  'KafkaJSSASLAuthenticationError',
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);

/** The connection broke, or no answer came in time: what was asked may have been done. */
export function isDisconnected(thrown: unknown): boolean {
  const { name, code, cause } = (thrown ?? {}) as { name?: unknown; code?: unknown; cause?: unknown };
  return (
    (typeof name === 'string' &&
      /^KafkaJS(Connection|ConnectionClosed|RequestTimeout|BrokerNotFound|LockTimeout|MetadataNotLoaded|TopicMetadataNotLoaded|GroupCoordinatorNotFound|NoBrokerAvailable)(Error)?$/.test(
        name,
      )) ||
    code === 'ECONNREFUSED' ||
    code === 'ECONNRESET' ||
    (cause !== undefined && cause !== thrown && isDisconnected(cause))
  );
}

export const coordinatorMoved = (thrown: unknown): boolean => COORDINATOR_MOVED.has(typeOf(thrown)) || isDisconnected(thrown);
export const leaderMoved = (thrown: unknown): boolean => LEADER_MOVED.has(typeOf(thrown)) || isDisconnected(thrown);

/** Whether the same request may succeed in a while. */
export const isPassing = (thrown: unknown): boolean => PASSING.has(typeOf(thrown)) || coordinatorMoved(thrown) || leaderMoved(thrown);

/** What Node says of certificates and handshakes that fail. */
const TLS = /CERT|_TLS_|_SSL_|SELF_SIGNED|UNABLE_TO_/;

/** We are not let in, or not allowed this, or they are not whom we trust: only a person can help. */
export const isRefusal = (thrown: unknown): boolean => {
  const { cause, name, code } = (thrown ?? {}) as { cause?: unknown; name?: unknown; code?: unknown };
  if (REFUSING.has(typeOf(thrown)) || REFUSING.has(String(name)) || (typeof code === 'string' && TLS.test(code))) return true;
  return cause !== undefined && cause !== thrown && isRefusal(cause);
};
