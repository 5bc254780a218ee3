/** The web site: arrivals by a trace, a balancer, servers that boot and drain, a dimmer. A discrete-event simulation on a clock of its own. */
import { Machine } from './machine.js';
import { Level, Tally } from './past.js';
import { randomFrom, truncatedNormal } from './random.js';

/** What a probe tells is the mean of so long, s. */
export const WINDOW_S = 60;

/** What a request takes, s: mean and deviation, and what a wholly cold cache adds. */
const WITH_OPTIONAL = { mean: 0.03, deviation: 0.03, cold: 0.05 };
const WITHOUT_OPTIONAL = { mean: 0.001, deviation: 0.001, cold: 0.0019 };
/** A cache that has served 6,750 requests is cold by one twentieth. */
const WARMING = -Math.log(0.05) / 6750;
const { exp } = Math;
const NEVER = Number.POSITIVE_INFINITY;

/** What the real simulator does not survive; a manager has to ask before it acts. */
export class Aborted extends Error {}

export class Site {
  now = 0;
  #next = 0;
  #turn = 0;
  /** Those that take requests, in the order of their names. */
  #active = [];
  /** Those that no longer do, and are not done yet. */
  #draining = [];
  #boot;
  #answers = { basic: new Tally(), optional: new Tally() };
  /** Requests answered by name: a server that comes back finds its cache as it was. */
  #served = new Map();
  #random;
  #options;

  /**
   * @param {object} options
   * @param {Float64Array} options.arrivals when requests come, s
   * @param {number} options.seed
   * @param {number} [options.bootS] how long a new server takes until it serves
   */
  constructor({ arrivals, seed, bootS = 60, maxServers = 3, initialServers = 3, dimmer = 0.9 }) {
    this.#options = { arrivals, bootS, maxServers };
    this.#random = randomFrom(seed);
    this.dimmers = new Level(dimmer);
    this.counts = new Level(initialServers);
    this.actives = new Level(initialServers);
    for (let i = 1; i <= initialServers; i++) this.#active.push(this.#machine(`server${i}`));
  }

  /** Lives on until then, with all that happens at that instant. @param {number} until s */
  advance(until) {
    const { arrivals } = this.#options;
    for (;;) {
      const machine = this.#nextDone();
      const done = machine?.nextAt ?? NEVER;
      const booted = this.#boot?.at ?? NEVER;
      const arrival = this.#next < arrivals.length ? arrivals[this.#next] : NEVER;
      const at = arrival < done ? (arrival < booted ? arrival : booted) : done < booted ? done : booted;
      if (at > until) break;
      if (at > this.now) this.now = at;
      if (at === booted) this.#booted();
      else if (at === arrival) this.#arrive();
      else this.#finish(machine);
    }
    this.now = until;
  }

  // What a manager may ask.

  get maxServers() {
    return this.#options.maxServers;
  }

  get dimmer() {
    return this.dimmers.value;
  }

  /** Those that boot and those that are being drained are among them. */
  get servers() {
    return this.#active.length + this.#draining.length + (this.#boot === undefined ? 0 : 1);
  }

  get activeServers() {
    return this.#active.length;
  }

  get booting() {
    return this.#boot !== undefined;
  }

  /** @param {string} name @returns {number | undefined} none for a server that boots or is not there */
  utilization(name) {
    const machine = [...this.#active, ...this.#draining].find((one) => one.name === name);
    return machine && this.now > 0 ? machine.utilization(Math.max(0, this.now - WINDOW_S), this.now) : undefined;
  }

  /** Requests a second of a span. */
  arrivalRate(from = this.#windowStart, to = this.now) {
    const { arrivals } = this.#options;
    let count = 0;
    for (let i = this.#next - 1; i >= 0 && arrivals[i] > from; i--) if (arrivals[i] <= to) count++;
    return to > from ? count / (to - from) : 0;
  }

  /** Mean response time, s, and answers a second, of one kind in a span. @param {'basic' | 'optional'} kind */
  answered(kind, from = this.#windowStart, to = this.now) {
    const { count, sum } = this.#answers[kind].between(from, to);
    return { time: count === 0 ? 0 : sum / count, throughput: to > from ? count / (to - from) : 0 };
  }

  get #windowStart() {
    return Math.max(0, this.now - WINDOW_S);
  }

  // What a manager may do.

  /** @throws Aborted at the maximum, or while another boots or drains */
  addServer() {
    if (this.servers >= this.maxServers) throw new Aborted('there are as many servers as there may be');
    this.#refuseWhileChanging();
    this.#boot = { at: this.now + this.#options.bootS };
    if (this.#options.bootS === 0) this.#booted();
    this.#count();
  }

  /** The last server takes no more requests, and goes when it has answered those it has. @throws Aborted for the only one, or while another boots or drains */
  removeServer() {
    if (this.servers <= 1) throw new Aborted('there is one server only');
    this.#refuseWhileChanging();
    this.#draining.push(this.#active.pop());
    this.#dropDrained();
    this.#count();
  }

  /** @param {number} value 0…1 */
  setDimmer(value) {
    this.dimmers.set(this.now, value);
  }

  #refuseWhileChanging() {
    if (this.booting) throw new Aborted('a server is booting');
    if (this.#draining.length > 0) throw new Aborted('a server is being removed');
  }

  // What happens.

  #nextDone() {
    let next;
    for (const list of [this.#active, this.#draining])
      for (const machine of list) if (machine.nextAt < (next?.nextAt ?? NEVER)) next = machine;
    return next;
  }

  #arrive() {
    this.#next++;
    this.#active[this.#turn++ % this.#active.length].take(this.now);
  }

  #booted() {
    this.#boot = undefined;
    this.#active.push(this.#machine(`server${this.#active.length + 1}`));
    this.#count();
  }

  #finish(machine) {
    machine.finish();
    if (this.#draining.length > 0) this.#dropDrained();
  }

  #dropDrained() {
    this.#draining = this.#draining.filter((machine) => !machine.idle);
    this.#count();
  }

  #count() {
    this.counts.set(this.now, this.servers);
    this.actives.set(this.now, this.activeServers);
  }

  #machine(name) {
    const work = () => {
      const optional = this.#random() < this.dimmer;
      const { mean, deviation, cold } = optional ? WITH_OPTIONAL : WITHOUT_OPTIONAL;
      const served = this.#served.get(name) ?? 0;
      return { optional, seconds: truncatedNormal(this.#random, mean, deviation) + cold * exp(-WARMING * served) };
    };
    return new Machine(name, this.now, work, (_machine, arrived, optional, now) => {
      this.#served.set(name, (this.#served.get(name) ?? 0) + 1);
      this.#answers[optional ? 'optional' : 'basic'].add(now, now - arrived);
    });
  }
}
