/**
 * The sensors of each domain, on a machine of their own that does not fail but whose way to the broker does: what they see is written to the observations, late,
 * twice, out of order, not at all, or as rubbish; and what comes and goes is told as a signal.
 */
import type { Log, LogRecord, Writer } from '../../../src/log/log.ts';
import type { Observation, Signal, Value } from '../../../src/messages.ts';
import { encodeBatch } from '../../../src/services/batch-format.ts';
import { partitionOf, type TopicNames } from '../../../src/services/topics.ts';
import { encodeSignal } from '../../../src/services/wire.ts';
import type { Random } from '../random.ts';
import type { Sight } from '../world.ts';
import type { Machine } from './machine.ts';
import type { Plants } from './plants.ts';
import type { Faults } from './swarm.ts';
import type { Time } from './time.ts';

const EVERY_MS = 1_000;
/** Settings are looked at more rarely than what changes by itself, ms. */
const SETTINGS_MS = 3_000;
const SETTINGS = ['fan', 'throttle', 'workers'];
/** What an outsider measures and writes to the intake, whatever its client's hash. */
const OUTSIDE = 'temp';
/** How often all servers that there are are told again. */
const INVENTORY_LOOKS = 5;

export interface SensorPorts {
  readonly domain: string;
  readonly plants: Plants;
  readonly time: Time;
  readonly machine: Machine;
  readonly random: Random;
  readonly faults: () => Faults;
  readonly log: Log;
  readonly names: TopicNames;
  readonly partitions: number;
}

export class Sensors {
  readonly #ports: SensorPorts;
  #writer: Promise<Writer>;
  #looks = 0;
  /** Servers that were told of, and are not there any more. */
  readonly #told = new Set<string>();

  constructor(ports: SensorPorts) {
    this.#ports = ports;
    this.#writer = ports.log.writer();
  }

  get domain(): string {
    return this.#ports.domain;
  }

  look(): void {
    const { domain, plants, random, faults } = this.#ports;
    const { heapsPerMinute } = faults().common.telemetry;
    const times = random.chance(heapsPerMinute / 60) ? random.between(3, 6) : 1;
    const settings = (this.#looks++ * EVERY_MS) % SETTINGS_MS === 0;
    for (let i = 0; i < times; i++) {
      const seen: Observation[] = [];
      for (const sight of plants.look(domain)) if (settings || !SETTINGS.includes(sight.property)) this.#see(sight, i, seen);
      this.#deliver(seen, 0);
    }
    if (this.#looks % INVENTORY_LOOKS === 0) this.#tellInventory();
  }

  #see({ element, property, value }: Sight, again: number, seen: Observation[]): void {
    const { random, machine } = this.#ports;
    const faults = this.#ports.faults().common.telemetry;
    if (random.chance(faults.missing)) return;
    const ahead = random.chance(faults.future) ? random.pick([1_500, 4_000, 60_000]) : 0;
    const observation: Observation = {
      element,
      property,
      value: random.chance(faults.odd) ? odd(random, value) : value,
      time: Math.max(0, machine.wall() + ahead - again * 10),
      source: `probe:${property}`,
      everyMs: SETTINGS.includes(property) ? SETTINGS_MS : EVERY_MS,
      ...(random.chance(faults.coalesced) ? { coalesced: random.between(1, 4) } : {}),
    };
    const late = random.chance(faults.late) ? random.between(100, 9_000) : 0;
    // What is no number spoils its whole message.
    if (late === 0 && isSound(observation.value)) seen.push(observation);
    else this.#deliver([observation], late);
    if (random.chance(faults.duplicated)) this.#deliver([observation], random.between(0, 5_000));
  }

  #deliver(observations: readonly Observation[], delayMs: number): void {
    if (observations.length === 0) return;
    if (delayMs > 0) {
      this.#ports.time.after(delayMs, () => this.#deliver(observations, 0));
      return;
    }
    const { random, faults } = this.#ports;
    // Now and then what is written is no message at all.
    const outside = observations.filter(({ property }) => property === OUTSIDE);
    if (outside.length > 0) this.#writeOutside(outside);
    if (outside.length === observations.length) return;
    const text = random.chance(faults().common.telemetry.odd / 10)
      ? random.pick(['', '[]', '{"v":9}', '[1,2', 'null'])
      : encodeBatch(observations.filter(({ property }) => property !== OUTSIDE));
    this.#write('observations', text);
  }

  #writeOutside(observations: readonly Observation[]): void {
    const { random, faults, names, partitions, domain } = this.#ports;
    const bad = random.chance(faults().common.telemetry.odd / 5);
    const value = bad ? random.pick(['no JSON', '{"element":"x"}', '[{}]', '7']) : JSON.stringify(observations);
    this.#put({ topic: names.intake, partition: random.between(0, partitions - 1), key: domain, value });
  }

  #tellInventory(): void {
    const { domain, plants } = this.#ports;
    const there = plants.inventory(domain);
    for (const [element, document] of there) {
      this.#told.add(element);
      this.signal({ kind: 'appeared', element, document, source: 'inventory' });
    }
    for (const element of this.#told) {
      if (there.has(element)) continue;
      this.#told.delete(element);
      this.signal({ kind: 'vanished', element, source: 'inventory' });
    }
  }

  signal(signal: Signal): void {
    this.#write('signals', encodeSignal(signal));
  }

  #write(topic: 'observations' | 'signals', value: string): void {
    const { names, domain, partitions } = this.#ports;
    this.#put({ topic: names[topic], partition: partitionOf(domain, partitions), key: domain, value });
  }

  /** What cannot be written is lost: the next look tells the same again. */
  #put(record: LogRecord): void {
    this.#writer.then((writer) => writer.write([record])).catch(() => {});
  }
}

const isSound = (value: Value): boolean => typeof value !== 'number' || Number.isFinite(value);

/** What a sensor says when something is wrong with it. Numbers that are none become null on the way. */
function odd(random: Random, value: Value): Value {
  return random.pick<Value>([Number.NaN, Number.POSITIVE_INFINITY, 'unavailable', '', String(value), true, -0]);
}
