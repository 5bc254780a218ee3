/** What the sensors show, on its way to the bus: late, twice, not at all, for several, from the future, or as no number. */
import type { Clock, SimulatedClock } from '../../src/clock.ts';
import type { ObservationEvent, Value } from '../../src/messages.ts';
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';
import type { Sight, World } from './world.ts';

const EVERY_MS = 1_000;
/** Settings are looked at more rarely than what changes by itself, ms. */
const SETTINGS_MS = 3_000;
const SETTINGS = ['fan', 'throttle', 'workers'];

/** What is listening now; undefined: the manager is away. */
export interface Listener {
  readonly clock: Clock;
  readonly observe: (observation: ObservationEvent) => void;
}

export class Telemetry {
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #swarm: () => Swarm;
  readonly #world: World;
  readonly #listener: () => Listener | undefined;
  #looks = 0;

  constructor(clock: SimulatedClock, random: Random, swarm: () => Swarm, world: World, listener: () => Listener | undefined) {
    this.#clock = clock;
    this.#random = random;
    this.#swarm = swarm;
    this.#world = world;
    this.#listener = listener;
  }

  /** Looks at the whole world once. */
  look(): void {
    const { heapsPerMinute } = this.#swarm().telemetry;
    const times = this.#random.chance(heapsPerMinute / 60) ? this.#random.between(3, 6) : 1;
    const settings = (this.#looks++ * EVERY_MS) % SETTINGS_MS === 0;
    for (let i = 0; i < times; i++) {
      for (const sight of this.#world.look()) if (settings || !SETTINGS.includes(sight.property)) this.#send(sight, i);
    }
  }

  #send({ element, property, value }: Sight, again: number): void {
    const [random, faults] = [this.#random, this.#swarm().telemetry];
    if (random.chance(faults.missing)) return;
    // Temperatures come from outside, stamped with the wall clock, which may be wrong; all else is measured by probes of the manager.
    const pushed = property === 'temp';
    const clock = pushed ? this.#clock : this.#listener()?.clock;
    if (clock === undefined) return;
    const ahead = random.chance(faults.future) ? random.pick([1_500, 4_000, 60_000]) : 0;
    const observation: ObservationEvent = {
      kind: 'observation',
      element,
      property,
      value: random.chance(faults.odd) ? odd(random, value) : value,
      time: Math.max(0, (pushed ? clock.wall() : clock.now()) + ahead - again * 10),
      source: pushed ? 'push:room' : `probe:${property}`,
      everyMs: SETTINGS.includes(property) ? SETTINGS_MS : EVERY_MS,
      ...(random.chance(faults.coalesced) ? { coalesced: random.between(1, 4) } : {}),
    };
    this.#deliver(observation, random.chance(faults.late) ? random.between(100, 9_000) : 0);
    if (random.chance(faults.duplicated)) this.#deliver(observation, random.between(0, 5_000));
  }

  #deliver(observation: ObservationEvent, delayMs: number): void {
    if (delayMs === 0) this.#listener()?.observe(observation);
    else this.#clock.after(delayMs, () => this.#listener()?.observe(observation));
  }
}

/** What a sensor says when something is wrong with it. */
function odd(random: Random, value: Value): Value {
  return random.pick<Value>([Number.NaN, Number.POSITIVE_INFINITY, 'unavailable', '', String(value), true, -0]);
}
