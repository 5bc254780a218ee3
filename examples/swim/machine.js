/** One server of the site: requests wait first come, first served for one of its threads, and those that have one share the processor evenly. */
import { Level } from './past.js';

const THREADS = 100;
/** A request that has waited for a thread as long as this is not served any more, s. */
const GIVE_UP_S = 10;
const NEVER = Number.POSITIVE_INFINITY;

export class Machine {
  /** By the time of its processor at which they are done, the first at the end. */
  #running = [];
  #waiting = [];
  #taken = 0;
  /** How much each request that ran all along has got of the processor, s, as of `#now`. */
  #shared = 0;
  #now;
  #work;
  #answered;
  #busy;

  /**
   * @param {string} name
   * @param {number} now s
   * @param {(machine: Machine) => { optional: boolean, seconds: number }} work what the next request takes
   * @param {(machine: Machine, arrived: number, optional: boolean, now: number) => void} answered
   */
  constructor(name, now, work, answered) {
    this.name = name;
    this.#now = now;
    this.#work = work;
    this.#answered = answered;
    this.#busy = new Level(0);
  }

  get idle() {
    return this.#running.length === 0;
  }

  /** When the next request is done, if nothing comes; Infinity: there is none. */
  get nextAt() {
    const count = this.#running.length;
    if (count === 0) return NEVER;
    const left = this.#running[count - 1].done - this.#shared;
    return left > 0 ? this.#now + left * count : this.#now;
  }

  /** Share of a span in which it had something to do. */
  utilization(from, to) {
    return this.#busy.mean(from, to);
  }

  /** A request comes. @param {number} now */
  take(now) {
    this.#pass(now);
    if (this.#running.length < THREADS) this.#start(now, now);
    else this.#waiting.push(now);
  }

  /** The request of `nextAt` is done. */
  finish() {
    const now = this.nextAt;
    this.#pass(now);
    const { arrived, optional } = this.#running.pop();
    this.#answered(this, arrived, optional, now);
    while (this.#running.length < THREADS && this.#taken < this.#waiting.length) {
      const waited = this.#waiting[this.#taken++];
      if (now - waited < GIVE_UP_S) this.#start(waited, now);
    }
    if (this.#taken === this.#waiting.length) [this.#waiting, this.#taken] = [[], 0];
    if (this.idle) this.#busy.set(now, 0);
  }

  #start(arrived, now) {
    const { optional, seconds } = this.#work(this);
    const done = this.#shared + seconds;
    let [low, high] = [0, this.#running.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#running[middle].done > done) low = middle + 1;
      else high = middle;
    }
    this.#running.splice(low, 0, { done, arrived, optional });
    this.#busy.set(now, 1);
  }

  #pass(now) {
    if (this.#running.length > 0) this.#shared += (now - this.#now) / this.#running.length;
    this.#now = now;
  }
}
