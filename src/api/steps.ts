/** Lets requests wait until a step has taken them in: an answer then says what is so, not what is hoped for. */
import type { Clock } from '../clock.ts';
import type { JournalEntry } from '../messages.ts';
import type { StepResult } from '../step.ts';

type Listener = (result: StepResult) => void;

export class Steps {
  readonly #listeners = new Set<Listener>();
  /** Ends each wait that is under way. */
  readonly #waits = new Set<() => void>();
  #over = false;

  /** Tells of a committed step. */
  readonly tell = (result: StepResult): void => {
    for (const listener of [...this.#listeners]) listener(result);
  };

  /** Calls it with every committed step from now on. */
  each(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** No more steps will come: who waits is told so now, and who comes later at once. */
  close(): void {
    this.#over = true;
    for (const end of [...this.#waits]) end();
  }

  /** The first journal entry from now on that fits; undefined when none has come in time. */
  entry(clock: Clock, withinMs: number, fits: (entry: JournalEntry) => boolean): Promise<JournalEntry | undefined> {
    return this.#until(clock, withinMs, (result) => result.journal.find(fits));
  }

  /** The whole journal of the first step from now on that has such an entry; undefined when none has come in time. */
  journal(clock: Clock, withinMs: number, fits: (entry: JournalEntry) => boolean): Promise<readonly JournalEntry[] | undefined> {
    return this.#until(clock, withinMs, ({ journal }) => (journal.some(fits) ? journal : undefined));
  }

  /** Resolves to true with the next step, to false when none has come in time. */
  async next(clock: Clock, withinMs: number): Promise<boolean> {
    return (await this.#until(clock, withinMs, () => true)) ?? false;
  }

  /** Resolves to true as soon as something is so, now or after a step; to false when the time is up. */
  async until(clock: Clock, withinMs: number, isSo: () => boolean): Promise<boolean> {
    return isSo() || ((await this.#until(clock, withinMs, () => isSo() || undefined)) ?? false);
  }

  #until<T>(clock: Clock, withinMs: number, look: (result: StepResult) => T | undefined): Promise<T | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const end = (value?: T): void => {
        cancel();
        this.#listeners.delete(listener);
        this.#waits.delete(end);
        resolve(value);
      };
      const listener: Listener = (result) => {
        const found = look(result);
        if (found !== undefined) end(found);
      };
      const cancel = clock.after(withinMs, end);
      this.#listeners.add(listener);
      this.#waits.add(end);
    });
  }
}
