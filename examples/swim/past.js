/** What is asked about the past: how much was counted, and what a value was on average, in any span that has ended. Times in seconds. */

/** How many of the sorted `times`, of which `length` are in use, are at or before `time`. */
function countUntil(times, length, time) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Amounts with their times, which never fall. */
export class Tally {
  #times = [];
  #sums = [0];

  /** @param {number} time @param {number} amount */
  add(time, amount) {
    this.#times.push(time);
    this.#sums.push(this.#sums[this.#sums.length - 1] + amount);
  }

  /** How many there are in (from, to], and their sum. @param {number} from @param {number} to */
  between(from, to) {
    const begin = countUntil(this.#times, this.#times.length, from);
    const end = countUntil(this.#times, this.#times.length, to);
    return { count: end - begin, sum: this.#sums[end] - this.#sums[begin] };
  }
}

/** A value that is set now and then, and holds in between. */
export class Level {
  #times = [0];
  #values;
  #areas = [0];

  /** @param {number} value at time 0 */
  constructor(value) {
    this.#values = [value];
  }

  /** @param {number} time @param {number} value */
  set(time, value) {
    if (value === this.value) return;
    this.#areas.push(this.#area(time));
    this.#times.push(time);
    this.#values.push(value);
  }

  get value() {
    return this.#values[this.#values.length - 1];
  }

  /** Its mean by time. @param {number} from @param {number} to later than `from` */
  mean(from, to) {
    return (this.#area(to) - this.#area(from)) / (to - from);
  }

  #area(time) {
    const i = Math.max(0, countUntil(this.#times, this.#times.length, time) - 1);
    return this.#areas[i] + (time - this.#times[i]) * this.#values[i];
  }
}
