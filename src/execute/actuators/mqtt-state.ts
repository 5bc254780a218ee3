/** Watches the topic in which a device tells its state, for as long as a command needs it. */
import { messageOf } from '../../errors.ts';
import type { MqttConnection } from '../../mqtt/connection.ts';
import { pick } from '../../mqtt/pick.ts';
import { beforeAborted } from './mqtt-answers.ts';

export interface Seen {
  readonly value: unknown;
  readonly fits: boolean;
  /** Told before we asked. */
  readonly retained: boolean;
}

export interface StateWatch {
  /** Resolves when the broker tells us what is published. */
  readonly ready: Promise<void>;
  /** The next state that is told. Rejects when the signal is aborted. */
  next(): Promise<Seen>;
  close(): void;
}

/** States that wait to be looked at; of more the oldest are forgotten. */
const WAITING = 100;

export function watchState(
  connection: MqttConnection,
  topic: string,
  valueFrom: string | undefined,
  signal: AbortSignal,
  fits: (value: unknown) => boolean,
): StateWatch {
  const seen: Seen[] = [];
  let wake: () => void = () => {};
  const { ready, close } = connection.subscribe({
    filter: topic,
    qos: 1,
    acknowledged: 'taken',
    take: ({ payload, retained }) => {
      const value = pick(payload, valueFrom);
      if (value === undefined) return;
      if (seen.length >= WAITING) seen.shift();
      seen.push({ value, fits: fits(value), retained });
      wake();
    },
  });
  const heard = beforeAborted(ready, signal);
  heard.catch(() => {});
  return {
    ready: heard,
    async next() {
      while (seen.length === 0) {
        await new Promise<void>((resolve, reject) => {
          const abort = () => reject(new Error(`its state was not told: ${messageOf(signal.reason)}`));
          if (signal.aborted) return abort();
          signal.addEventListener('abort', abort, { once: true });
          wake = () => {
            signal.removeEventListener('abort', abort);
            resolve();
          };
        });
      }
      return seen.shift()!;
    },
    close,
  };
}
