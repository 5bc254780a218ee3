/** At most one value of a series in each span, the newest: what a chart can show, and what a server can take. */
import type { HistoryObservation, HistoryReading } from './history.ts';

/** The newest of what came under each key since it was taken out last. */
export class Newest {
  readonly #all: boolean;
  #count = 0;
  #readings = new Map<string, HistoryReading>();
  #observations = new Map<string, HistoryObservation>();

  /** @param all keeps every value, and not only the newest */
  constructor(all = false) {
    this.#all = all;
  }

  reading(key: string, reading: HistoryReading): void {
    this.#readings.set(this.#all ? String(this.#count++) : key, reading);
  }

  /** An observation that gives way to a newer one is counted in it, so that whoever reads it again knows what is missing. */
  observation(key: string, observation: HistoryObservation): void {
    const earlier = this.#all ? undefined : this.#observations.get(key);
    if (earlier === undefined) {
      this.#observations.set(this.#all ? String(this.#count++) : key, observation);
      return;
    }
    const newest = observation.time >= earlier.time ? observation : earlier;
    const coalesced = (observation.coalesced ?? 0) + (earlier.coalesced ?? 0) + 1;
    this.#observations.set(key, { ...newest, coalesced });
  }

  take(): { readonly readings: readonly HistoryReading[]; readonly observations: readonly HistoryObservation[] } {
    const taken = { readings: [...this.#readings.values()], observations: [...this.#observations.values()] };
    this.#readings = new Map();
    this.#observations = new Map();
    return taken;
  }
}
