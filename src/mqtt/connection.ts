/** A connection to a broker, as probes, actuators and the bridge of one process share it. */
import type { Arrived } from './frames.ts';

export interface Subscription {
  /** A topic, which may hold + and # as MQTT has them. */
  readonly filter: string;
  readonly qos: 0 | 1;
  /**
   * `taken`: acknowledged when `take` returns. `later`: when `take` calls `acknowledge`, in whatever order; the broker sends it again after the
   * next connection until then.
   */
  readonly acknowledged: 'taken' | 'later';
  /** Must not throw, and must not keep the payload beyond the call. */
  readonly take: (message: Arrived, acknowledge: () => void) => void;
  /** Whether the broker sends us what is published; false with the reason when it cannot be reached, or refuses. */
  readonly listening?: (is: boolean, reason: string) => void;
}

export interface Publication {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** MQTT 5: what an answer should carry, and where it should be sent. */
  readonly correlation?: string;
  readonly answerTo?: string;
}

/** The message was not sent, and will not be. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  /** Whether the same later may be. */
  readonly retryable: boolean;

  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

export interface MqttStatus {
  readonly connected: boolean;
  /** Of the protocol, as of the last connection. */
  readonly version: 4 | 5;
  /** Why it is not connected; empty while it is. */
  readonly reason: string;
  /** Messages that came, that we sent, that were too long, and those that wait to be sent or for the broker's word. */
  readonly received: number;
  readonly sent: number;
  readonly tooLong: number;
  readonly waiting: number;
  readonly connections: number;
}

export interface MqttConnection {
  readonly name: string;
  readonly clientId: string;
  /** Names this life of the process: another at each start. */
  readonly boot: string;
  readonly status: MqttStatus;
  /** Resolves when the broker has accepted it, for the first time. */
  subscribe(subscription: Subscription): { readonly ready: Promise<void>; readonly close: () => void };
  /**
   * Resolves when the broker has the message (QoS 1), or it is written (QoS 0). While there is no connection it waits in a bounded queue.
   * Aborting takes it out of the queue.
   *
   * @throws NotSent if it was never handed to the broker; any other error: it may have been.
   */
  publish(publication: Publication, signal?: AbortSignal): Promise<void>;
  /** Says good-bye, so that the last will is not sent, and disconnects. What waits is given up. */
  close(): Promise<void>;
}
