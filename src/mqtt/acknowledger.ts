/** Acknowledges messages of QoS 1 in the order in which they came, as MQTT demands, in whatever order they are done with. */

interface Open {
  readonly id: number;
  /** How many takers have not said yet that it is safe. */
  left: number;
}

export class Acknowledger {
  readonly #open: Open[] = [];
  readonly #send: (ids: readonly number[]) => void;
  /** Messages that may be open before the broker is told to wait, and what to do then. */
  readonly #limit: number;
  readonly #halt: (halted: boolean) => void;
  #halted = false;
  #sending = false;

  constructor(limit: number, send: (ids: readonly number[]) => void, halt: (halted: boolean) => void) {
    this.#limit = limit;
    this.#send = send;
    this.#halt = halt;
  }

  /** A message has come. Returns what each of its `takers` calls when it is safe; with none it is done at once. */
  take(id: number, takers: number): () => void {
    const open: Open = { id, left: takers };
    this.#open.push(open);
    if (takers === 0) this.#soon();
    if (!this.#halted && this.#open.length > this.#limit) {
      this.#halted = true;
      this.#halt(true);
    }
    return () => {
      if (open.left > 0 && --open.left === 0) this.#soon();
    };
  }

  /** All that are done in one turn go together. */
  #soon(): void {
    if (this.#sending) return;
    this.#sending = true;
    queueMicrotask(() => {
      this.#sending = false;
      let done = 0;
      while (done < this.#open.length && this.#open[done]!.left === 0) done++;
      if (done > 0) this.#send(this.#open.splice(0, done).map(({ id }) => id));
      if (this.#halted && this.#open.length * 2 <= this.#limit) {
        this.#halted = false;
        this.#halt(false);
      }
    });
  }
}
