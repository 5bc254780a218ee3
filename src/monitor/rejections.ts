/** Dead letters of one probe, of which there may be thousands a second: the first of each second are told as they are, the others as a count. */
import type { Cancel, Clock } from '../clock.ts';

const PER_SECOND = 10;
const SECOND_MS = 1_000;
const EXCERPT = 200;

export class Rejections {
  readonly #clock: Clock;
  readonly #tell: (reason: string, excerpt: string) => void;
  #told = 0;
  #more = 0;
  #last = { reason: '', excerpt: '' };
  #cancel: Cancel | undefined;

  constructor(clock: Clock, tell: (reason: string, excerpt: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(reason: string, excerpt: string): void {
    this.#cancel ??= this.#clock.after(SECOND_MS, () => this.#turn());
    if (this.#told++ < PER_SECOND) return this.#tell(reason, excerpt.slice(0, EXCERPT));
    this.#more++;
    this.#last = { reason, excerpt: excerpt.slice(0, EXCERPT) };
  }

  #turn(): void {
    this.#cancel = undefined;
    const more = this.#more;
    this.#told = 0;
    this.#more = 0;
    if (more > 0) this.#tell(`${more} more were refused within a second, the last: ${this.#last.reason}`, this.#last.excerpt);
  }

  close(): void {
    this.#cancel?.();
  }
}
