/** Lets requests wait until a step has taken them in: an answer then says what is so, not what is hoped for. */
import type { Clock } from '../clock.ts';
import type { JournalEntry } from '../messages.ts';
import type { StepResult } from '../step.ts';

type Listener = (result: StepResult) => void;

export class Steps {
  readonly #listeners = new Set<Listener>();

  /** Tells of a committed step. */
  readonly tell = (result: StepResult): void => {
    for (const listener of [...this.#listeners]) listener(result);
  };

  /** The first journal entry from now on that fits; undefined when none has come in time. */
  entry(clock: Clock, withinMs: number, fits: (entry: JournalEntry) => boolean): Promise<JournalEntry | undefined> {
    return this.#until(clock, withinMs, (result) => result.journal.find(fits));
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
    return new Promise((resolve) => {
      const end = (value: T | undefined): void => {
        cancel();
        this.#listeners.delete(listener);
        resolve(value);
      };
      const listener: Listener = (result) => {
        const found = look(result);
        if (found !== undefined) end(found);
      };
      const cancel = clock.after(withinMs, () => end(undefined));
      this.#listeners.add(listener);
    });
  }
}
