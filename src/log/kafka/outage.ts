/** Says once that the brokers are away, and once that they are back, however many connections notice. */
import type { Clock } from '../../clock.ts';
import { formatMs } from '../../duration.ts';
import { messageOf } from '../../errors.ts';

/** What a log is written to; pino's is one. */
export interface Lines {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const SPARE_MS = 300;

export class Outage {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #brokers: string;
  #since: number | undefined;
  #said = false;

  constructor(clock: Clock, lines: Lines, brokers: readonly string[]) {
    this.#clock = clock;
    this.#lines = lines;
    this.#brokers = brokers.join(', ');
  }

  /** One broken connection is no outage: brokers close those that are idle. It is one if trying again fails too, or if no answer came for long. */
  failed(thrown: unknown): void {
    this.#since ??= this.#clock.now();
    const silent = thrown instanceof Error && thrown.name === 'KafkaJSRequestTimeoutError';
    if (this.#said || (!silent && this.#clock.now() - this.#since < SPARE_MS)) return;
    this.#said = true;
    this.#lines.warn(
      { brokers: this.#brokers, reason: messageOf(thrown) },
      'Kafka does not answer: trying again until it does; see that the brokers run and can be reached from here',
    );
  }

  over(): void {
    if (this.#since === undefined) return;
    const ms = this.#clock.now() - this.#since;
    this.#since = undefined;
    if (!this.#said) return;
    this.#said = false;
    this.#lines.info({ brokers: this.#brokers }, `Kafka answers again, after ${formatMs(ms)}`);
  }
}
