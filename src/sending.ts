/** Hands commands over to those who carry them out, in order, and never before the step that made them is on disk. */

import { isOwn } from './knowledge/own.ts';
import type { State } from './knowledge/state.ts';
import type { Store } from './knowledge/store.ts';
import type { Command } from './messages.ts';
import { commandOf } from './plan/commit.ts';

/** What carries commands out: the executor. */
export interface Sender {
  dispatch(command: Command): void;
  /** Takes up commands that an earlier life left without outcome. */
  recover(commands: readonly Command[], term: number): void;
}

/** Commands that were attempted, or were about to be, when the last life ended. `without`: those that it had withheld. */
export const leftBy = (state: State, without: ReadonlySet<string>): Command[] =>
  [...state.commands.rows()].filter((row) => row.phase === 'sent' && !isOwn(row) && !without.has(row.key)).map(commandOf);

export class Sending {
  readonly #store: Pick<Store, 'flushed'>;
  readonly #sender: Sender;
  readonly #failed: (thrown: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(store: Pick<Store, 'flushed'>, sender: Sender, failed: (thrown: unknown) => void) {
    this.#store = store;
    this.#sender = sender;
    this.#failed = failed;
  }

  /** Sends commands of a step that is committed, as soon as it is flushed. The next step need not wait for that. */
  send(commands: readonly Command[]): void {
    const sent = commands.filter((command) => !isOwn(command));
    this.#whenFlushed(sent, () => {
      for (const command of sent) this.#sender.dispatch(command);
    });
  }

  /**
   * Takes up what the last life left, under the term of this one. That life may have ended before its last steps were on disk, and the term
   * must be there before anything is done in its name: so both wait for the flush of the step in which this life started.
   */
  recover(commands: readonly Command[], term: number): void {
    this.#whenFlushed(commands, () => this.#sender.recover(commands, term));
  }

  #whenFlushed(commands: readonly Command[], then: () => void): void {
    if (commands.length === 0) return;
    const flushed = this.#store.flushed();
    // It may fail while an earlier one is still waited for; it is looked at in its turn.
    flushed.catch(() => {});
    this.#last = this.#last
      .then(() => flushed)
      .then(then)
      .catch(this.#failed);
  }

  /** Resolves when all that was to be sent has been handed over. */
  settled(): Promise<void> {
    return this.#last;
  }
}
