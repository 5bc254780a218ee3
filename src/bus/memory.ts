/** The bus within one process. */
import type { Event, ObservationEvent, Signal } from '../messages.ts';
import type { Batch, Bus } from './bus.ts';

export class MemoryBus implements Bus {
  readonly #limits: { readonly batch: number; readonly queue: number; readonly signals: number };
  #signals: Signal[] = [];
  /** Observations in the order they came. A coalesced one leaves a hole, which is skipped. */
  #telemetry: (ObservationEvent | undefined)[] = [];
  #live = 0;
  /** By series: where its newest observation stands in the queue. Kept only while the queue is at its limit. */
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
      this.#newest?.set(seriesOf(kept), this.#telemetry.length);
      this.#telemetry.push(kept);
      this.#live++;
    }
    this.onArrival('telemetry');
  }

  /** Over the limit the newest value of a series stands for those that wait; a series that has none waiting loses its value. */
  #coalesce(observation: ObservationEvent): ObservationEvent | undefined {
    this.#newest ??= new Map(this.#telemetry.flatMap((o, i) => (o === undefined ? [] : [[seriesOf(o), i] as const])));
    this.#coalesced++;
    const place = this.#newest.get(seriesOf(observation));
    const earlier = place === undefined ? undefined : this.#telemetry[place];
    if (place === undefined || earlier === undefined) return undefined;
    this.#telemetry[place] = undefined;
    this.#live--;
    return { ...observation, coalesced: (observation.coalesced ?? 0) + (earlier.coalesced ?? 0) + 1 };
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
    let i = 0;
    for (; i < this.#telemetry.length && taken < this.#limits.batch; i++) {
      const observation = this.#telemetry[i];
      if (observation === undefined) continue;
      events.push(observation);
      taken++;
    }
    this.#telemetry = i >= this.#telemetry.length ? [] : this.#telemetry.slice(i);
    this.#live -= taken;
    this.#newest = undefined;
    return { events, more: this.#live > 0 };
  }

  putBack({ events }: Batch): void {
    this.#signals = [...events.filter((e): e is Signal => e.kind !== 'observation'), ...this.#signals];
    const telemetry = events.filter((e): e is ObservationEvent => e.kind === 'observation');
    this.#telemetry = [...telemetry, ...this.#telemetry];
    this.#live += telemetry.length;
    this.#newest = undefined;
  }
}

const seriesOf = (o: ObservationEvent): string => `${o.element}\t${o.property}\t${o.source}`;
