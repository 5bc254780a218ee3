/** The bus within one process. */
import type { Event, ObservationEvent, Signal } from '../messages.ts';
import type { Batch, Bus } from './bus.ts';

/** Places in front that are empty before the queue is moved up. */
const EMPTY_PLACES = 4_096;

export class MemoryBus implements Bus {
  readonly #limits: { readonly batch: number; readonly queue: number; readonly signals: number };
  #signals: Signal[] = [];
  /** Observations in the order they came. A coalesced one leaves a hole, which is skipped. */
  #telemetry: (ObservationEvent | undefined)[] = [];
  /** The first place that is not taken yet. */
  #head = 0;
  /** Places before the first of the queue that have been given up. */
  #gone = 0;
  #live = 0;
  /**
   * By series: where its newest observation stands, counted from the first place there ever was. Kept from when the queue is at its limit until
   * half of it is free; what has been taken is found in it too, before the head.
   */
  #newest: Map<string, number> | undefined;
  #coalesced = 0;
  onArrival: (kind: 'signal' | 'telemetry') => void = () => {};

  constructor(limits: { readonly batch: number; readonly queue: number; readonly signals: number }) {
    this.#limits = limits;
  }

  get waiting() {
    return { signals: this.#signals.length, telemetry: this.#live };
  }

  signal(signal: Signal): boolean {
    if (this.#signals.length >= this.#limits.signals) return false;
    this.#signals.push(signal);
    this.onArrival('signal');
    return true;
  }

  observe(observation: ObservationEvent): void {
    const kept = this.#live >= this.#limits.queue ? this.#coalesce(observation) : observation;
    if (kept !== undefined) {
      this.#newest?.set(seriesOf(kept), this.#gone + this.#telemetry.length);
      this.#telemetry.push(kept);
      this.#live++;
    }
    this.onArrival('telemetry');
  }

  /** Over the limit the newest value of a series stands for those that wait; a series that has none waiting loses its value. */
  #coalesce(observation: ObservationEvent): ObservationEvent | undefined {
    // Series that came and went with the flood are forgotten now and then.
    if (this.#newest === undefined || this.#newest.size > 2 * this.#limits.queue) this.#newest = this.#index();
    this.#coalesced++;
    const place = (this.#newest.get(seriesOf(observation)) ?? -1) - this.#gone;
    const earlier = place < this.#head ? undefined : this.#telemetry[place];
    if (earlier === undefined) return undefined;
    this.#telemetry[place] = undefined;
    this.#live--;
    return { ...observation, coalesced: (observation.coalesced ?? 0) + (earlier.coalesced ?? 0) + 1 };
  }

  #index(): Map<string, number> {
    const newest = new Map<string, number>();
    for (let i = this.#head; i < this.#telemetry.length; i++) {
      const observation = this.#telemetry[i];
      if (observation !== undefined) newest.set(seriesOf(observation), this.#gone + i);
    }
    return newest;
  }

  take(): Batch {
    const events: Event[] = this.#signals;
    this.#signals = [];
    if (this.#coalesced > 0) {
      events.push({
        kind: 'dropped',
        observations: this.#coalesced,
        reason: `more than ${this.#limits.queue} were waiting (limits.queue)`,
      });
      this.#coalesced = 0;
    }
    let taken = 0;
    let i = this.#head;
    for (; i < this.#telemetry.length && taken < this.#limits.batch; i++) {
      const observation = this.#telemetry[i];
      if (observation === undefined) continue;
      this.#telemetry[i] = undefined;
      events.push(observation);
      taken++;
    }
    this.#head = i;
    this.#live -= taken;
    this.#moveUp();
    if (this.#live < this.#limits.queue / 2) this.#newest = undefined;
    return { events, more: this.#live > 0 };
  }

  /** Gives up the places in front, when they are many and most: each place is moved once at the most, however long the queue. */
  #moveUp(): void {
    if (this.#live > 0 && (this.#head < EMPTY_PLACES || this.#head * 2 < this.#telemetry.length)) return;
    this.#gone += this.#live > 0 ? this.#head : this.#telemetry.length;
    this.#telemetry = this.#live > 0 ? this.#telemetry.slice(this.#head) : [];
    this.#head = 0;
  }

  putBack({ events }: Batch): void {
    this.#signals = [...events.filter((e): e is Signal => e.kind !== 'observation'), ...this.#signals];
    const telemetry = events.filter((e): e is ObservationEvent => e.kind === 'observation');
    this.#telemetry = [...telemetry, ...this.#telemetry.slice(this.#head)];
    this.#head = 0;
    this.#live += telemetry.length;
    this.#newest = undefined;
  }
}

const seriesOf = (o: ObservationEvent): string => `${o.element}\t${o.property}\t${o.source}`;
