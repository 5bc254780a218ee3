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

export class Outage {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #brokers: string;
  #since: number | undefined;

  constructor(clock: Clock, lines: Lines, brokers: readonly string[]) {
    this.#clock = clock;
    this.#lines = lines;
    this.#brokers = brokers.join(', ');
  }

  failed(thrown: unknown): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.now();
    this.#lines.warn(
      { brokers: this.#brokers, reason: messageOf(thrown) },
      'Kafka does not answer: trying again until it does; see that the brokers run and can be reached from here',
    );
  }

  over(): void {
    if (this.#since === undefined) return;
    const ms = this.#clock.now() - this.#since;
    this.#since = undefined;
    this.#lines.info({ brokers: this.#brokers }, `Kafka answers again, after ${formatMs(ms)}`);
  }
}
