/** How a client reaches the broker. By default at once and without fail; the simulator draws its own from a seed. */
import type { Clock } from '../../../src/clock.ts';

/** What is asked of the broker. A transaction is `init`, then any number of `produce`, then `end`. */
export type RequestKind =
  | 'topics'
  | 'create'
  | 'write'
  | 'init'
  | 'produce'
  | 'end'
  | 'read'
  | 'fetch'
  | 'join'
  | 'heartbeat'
  | 'leave'
  | 'note';

export interface Link {
  /** Of the client's machine. */
  readonly clock: Clock;
  /** How long a request takes to the broker, ms. Null: it never gets there. */
  there(kind: RequestKind): number | null;
  /** How long the answer takes back, ms. Null: it is lost, although the request took effect. */
  back(kind: RequestKind): number | null;
  /** Lets what came back in: at once; later if the client is frozen; never if it is dead. */
  arrive(kind: RequestKind, then: () => void): void;
}

export const directLink = (clock: Clock): Link => ({ clock, there: () => 0, back: () => 0, arrive: (_, then) => then() });

/** The broker did not answer, or was not there. What was asked may have been done all the same. */
export class Unreachable extends Error {
  constructor(kind: RequestKind) {
    super(`the broker did not answer: ${kind}`);
    this.name = 'Unreachable';
  }
}

/** Not now; the client asks again in a moment, as Kafka's CONCURRENT_TRANSACTIONS makes it. */
export class NotYet {}

/** The group does not know the member any more. */
export class NotAMember extends Error {}
