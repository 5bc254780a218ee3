/** Brings what comes to an agent, and what came of it, into transactions, one after the other: a command is begun only when that is written down. */
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Executor } from '../execute/executor.ts';
import { Fenced, type ReadRecord } from '../log/log.ts';
import type { OutcomeEvent, WithheldEvent } from '../messages.ts';
import type { Arrived, Attempts } from './attempts.ts';
import { decodeOrder, placeOf } from './wire.ts';

export interface RoundsPorts {
  /** Only commands of this place are taken; those of others are passed by. */
  readonly place: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onFenced: (reason: Error) => void;
}

/** How long it may wait to be written down that commands of other places were passed by, ms. A successor that reads them again passes them by again. */
const PASSED_MS = 5_000;

export class Rounds {
  readonly #attempts: Attempts;
  readonly #dispatch: (arrived: Arrived) => void;
  readonly #ports: RoundsPorts;
  #arrived: Arrived[] = [];
  #told: { partition: number; event: OutcomeEvent | WithheldEvent }[] = [];
  /** Where reading goes on after all that has come. */
  readonly #next = new Map<number, number>();
  /** Whether what was read is to be written down, although nothing else is. */
  #noting = false;
  #noteLater: Cancel | undefined;
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
    let [passed, taken] = [0, 0];
    for (const record of records) {
      if (record.offset < from || record.value === null) continue;
      try {
        const order = decodeOrder(record.value);
        if (order.kind === 'command' && placeOf(order.wire) !== this.#ports.place) {
          passed++;
          continue;
        }
        taken++;
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
    if (passed > 0 && taken === 0) this.#noteSoon();
    else this.#note();
  }

  /** What came of a command. */
  tell(partition: number, event: OutcomeEvent | WithheldEvent): void {
    this.#told.push({ partition, event });
    this.#run();
  }

  /** Writes nothing more by itself. */
  close(): void {
    this.#noteLater?.();
  }

  /** Resolves when all that was told so far is written, or never will be by us. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Each place reads all commands: a transaction of each for every command of any would cost more than the commands. */
  #noteSoon(): void {
    this.#noteLater ??= this.#ports.clock.after(PASSED_MS, () => this.#note());
  }

  #note(): void {
    this.#noting = true;
    this.#run();
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
    return this.#arrived.length + this.#told.length > 0 || (this.#noting && this.#isBehind());
  }

  async #rounds(): Promise<void> {
    // What comes in the same turn of the event loop goes into one round.
    await Promise.resolve();
    while (this.#waits()) {
      const begun = this.#arrived.filter(({ wire }) => wire.binding !== undefined);
      const told = this.#told;
      this.#arrived = [];
      this.#told = [];
      this.#noting = false;
      this.#noteLater?.();
      this.#noteLater = undefined;
      await this.#attempts.commit({ begun, told, next: new Map(this.#next) });
      for (const arrived of begun) this.#dispatch(arrived);
    }
  }

  /** Whether more was read than is written down. */
  #isBehind(): boolean {
    return [...this.#next].some(([partition, next]) => this.#attempts.next(partition) < next);
  }
}
