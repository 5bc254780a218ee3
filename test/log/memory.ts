/**
 * The log in memory: a broker as Kafka's, from which any number of clients open a `Log`. Offsets have gaps, transactions are fenced by the epoch of their id,
 * aborted ones are invisible, groups rebalance eagerly, and whoever was frozen goes on believing until its next heartbeat. Time is that of the clocks that it is
 * given, and all waiting is on promises and alarms, so that under a simulated clock the same requests make the same run. All delays and losses come
 * from the client's `Link`.
 *
 * A torn tail, which Kafka cuts off after a crash, is a request that is lost on its way here: what was never acknowledged was never seen by anybody either.
 */
export { type BrokerOptions, MemoryBroker } from './memory/broker.ts';
export { directLink, type Link, type RequestKind, Unreachable } from './memory/link.ts';
export type { Origin, Witnessed } from './memory/partition.ts';
