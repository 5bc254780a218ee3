/** How often somebody may ask: each has a bucket that fills with time, from which every request takes one. */
import type { Clock } from '../clock.ts';

/** Those who are remembered; over it, whoever asked least recently is forgotten, and begins with a full bucket again. */
const REMEMBERED = 10_000;

interface Bucket {
  left: number;
  at: number;
}

export class Rates {
  readonly #clock: Clock;
  /** In the order in which they last asked. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one of `most` that a bucket holds, which fills within `fillMs`. Returns how long to wait if it is empty, ms; 0: taken. */
  take(who: string, most: number, fillMs: number): number {
    const bucket = this.#look(who, most, fillMs);
    if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * fillMs) / most);
    bucket.left--;
    return 0;
  }

  /** How long to wait until there is one, ms, without taking it; 0: there is. */
  wait(who: string, most: number, fillMs: number): number {
    const { left } = this.#look(who, most, fillMs);
    return left < 1 ? Math.ceil(((1 - left) * fillMs) / most) : 0;
  }

  #look(who: string, most: number, fillMs: number): Bucket {
    const now = this.#clock.now();
    const before = this.#buckets.get(who);
    const bucket = before ?? { left: most, at: now };
    bucket.left = Math.min(most, bucket.left + ((now - bucket.at) * most) / fillMs);
    bucket.at = now;
    this.#buckets.delete(who);
    this.#buckets.set(who, bucket);
    if (this.#buckets.size > REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}
