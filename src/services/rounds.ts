/** Brings what comes to an agent, and what came of it, into transactions, one after the other: a command is begun only when that is written down. */
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Executor } from '../execute/executor.ts';
import { Fenced, type ReadRecord } from '../log/log.ts';
import type { OutcomeEvent, WithheldEvent } from '../messages.ts';
import type { Arrived, Attempts } from './attempts.ts';
import { decodeOrder } from './wire.ts';

export interface RoundsPorts {
  readonly logger: Logger;
  readonly onFenced: (reason: Error) => void;
}

export class Rounds {
  readonly #attempts: Attempts;
  readonly #dispatch: (arrived: Arrived) => void;
  readonly #ports: RoundsPorts;
  #arrived: Arrived[] = [];
  #told: { partition: number; event: OutcomeEvent | WithheldEvent }[] = [];
  /** Where reading goes on after all that has come. */
  readonly #next = new Map<number, number>();
  #running: Promise<void> | undefined;
  #over = false;

  constructor(attempts: Attempts, dispatch: (arrived: Arrived) => void, ports: RoundsPorts) {
    this.#attempts = attempts;
    this.#dispatch = dispatch;
    this.#ports = ports;
  }

  /** Where reading of a partition's commands goes on. */
  next(partition: number): number {
    return this.#next.get(partition) ?? this.#attempts.next(partition);
  }

  /** Records of the topic of commands. */
  deliver(partition: number, records: readonly ReadRecord[], next: number, { executor }: { readonly executor: Executor }): void {
    const from = this.next(partition);
    if (next <= from) return;
    for (const record of records) {
      if (record.offset < from || record.value === null) continue;
      try {
        const order = decodeOrder(record.value);
        if (order.kind === 'stop') executor.withhold(order.detail);
        else if (order.kind === 'go') executor.release();
        else if (!this.#attempts.isKnown(order.wire.command.id)) this.#arrived.push({ wire: order.wire, partition });
      } catch (thrown) {
        this.#ports.logger.error(
          { offset: record.offset, partition, reason: messageOf(thrown) },
          'a command cannot be read and is left out',
        );
      }
    }
    this.#next.set(partition, next);
    this.#run();
  }

  /** What came of a command. */
  tell(partition: number, event: OutcomeEvent | WithheldEvent): void {
    this.#told.push({ partition, event });
    this.#run();
  }

  /** Resolves when all that was told so far is written, or never will be by us. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #run(): void {
    if (this.#over) return;
    this.#running ??= this.#rounds()
      .catch((thrown: unknown) => {
        this.#over = true;
        if (thrown instanceof Fenced) this.#ports.onFenced(thrown);
        else this.#ports.logger.warn({ err: thrown }, 'the agent writes nothing more');
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#waits()) this.#run();
      });
  }

  #waits(): boolean {
    return this.#arrived.length + this.#told.length > 0 || this.#isBehind();
  }

  async #rounds(): Promise<void> {
    // What comes in the same turn of the event loop goes into one round.
    await Promise.resolve();
    while (this.#waits()) {
      const begun = this.#arrived.filter(({ wire }) => wire.binding !== undefined);
      const told = this.#told;
      this.#arrived = [];
      this.#told = [];
      await this.#attempts.commit({ begun, told, next: new Map(this.#next) });
      for (const arrived of begun) this.#dispatch(arrived);
    }
  }

  /** Whether more was read than is written down. */
  #isBehind(): boolean {
    return [...this.#next].some(([partition, next]) => this.#attempts.next(partition) < next);
  }
}
