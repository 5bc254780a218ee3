/** The managed system: farms whose load depends on their servers, servers that die, freeze and grow hot, and a queue. It knows nothing of managers. */
import type { ElementDocument, Value } from '../../src/messages.ts';
import type { Random } from './random.ts';

export type ServerState = 'up' | 'dead' | 'frozen';

export interface Server {
  state: ServerState;
  temp: number;
  fan: number;
}

export interface Farm {
  demand: number;
  throttle: number;
  doors: Value;
  nextServer: number;
  readonly servers: Map<string, Server>;
}

/** What a sensor of the system would show. */
export interface Sight {
  readonly element: string;
  readonly property: string;
  readonly value: Value;
}

const HEALED_DEMAND = 2.4;
const HEALED_INFLOW = 12;
/** What a worker takes from the queue, per second. */
const WORK_RATE = 5;

export class World {
  readonly #random: Random;
  readonly #domain: string;
  readonly farms = new Map<string, Farm>();
  depth = 0;
  /** Of the laboratory. */
  heat = 55;
  workers = 1;
  #inflow = HEALED_INFLOW;
  #calm = false;

  constructor(random: Random, domain = 'shop', farms: readonly string[] = ['a', 'b']) {
    this.#random = random;
    this.#domain = domain;
    for (const name of farms) this.addFarm(`${domain}/${name}`);
  }

  addFarm(id: string): void {
    const farm: Farm = { demand: HEALED_DEMAND / 2, throttle: 0, doors: 'open', nextServer: 1, servers: new Map() };
    this.farms.set(id, farm);
    this.resize(id, 2);
  }

  removeFarm(id: string): void {
    this.farms.delete(id);
  }

  /** Brings a farm to a number of servers: new ones come up, the newest go. */
  resize(id: string, servers: number): void {
    const farm = this.farms.get(id);
    if (farm === undefined) return;
    while (farm.servers.size < servers) farm.servers.set(`${id}/s${farm.nextServer++}`, { state: 'up', temp: 60, fan: 0 });
    while (farm.servers.size > servers) farm.servers.delete([...farm.servers.keys()].at(-1)!);
  }

  server(id: string): Server | undefined {
    return this.farms.get(id.slice(0, id.lastIndexOf('/')))?.servers.get(id);
  }

  load({ demand, throttle, servers }: Farm): number {
    const up = [...servers.values()].filter((server) => server.state === 'up').length;
    return up === 0 ? 3 : Math.min(3, (demand * (1 - 0.15 * throttle)) / up);
  }

  /** From now on demand can be met, and nothing breaks by itself. */
  heal(): void {
    this.#calm = true;
    this.#inflow = HEALED_INFLOW;
    for (const farm of this.farms.values()) farm.demand = HEALED_DEMAND;
  }

  /** A second passes. */
  tick(deathsPerMinute: number): void {
    const random = this.#random;
    for (const farm of this.farms.values()) {
      if (!this.#calm && random.chance(1 / 25)) farm.demand = random.between(2, 55) / 10;
      const load = this.load(farm);
      for (const server of farm.servers.values()) {
        const wanted = 48 + 24 * Math.min(load, 1.5) - 4 * server.fan;
        server.temp += (wanted - server.temp) * 0.2 + (random.next() - 0.5) * 3;
        if (server.state === 'up' && random.chance(deathsPerMinute / 60 / farm.servers.size))
          server.state = random.pick(['dead', 'frozen']);
      }
    }
    if (!this.#calm && random.chance(1 / 20)) this.#inflow = random.between(0, 40);
    this.heat += (55 - this.heat) * 0.05 + random.between(-7, 7);
    this.depth = Math.max(0, this.depth + this.#inflow + random.between(-2, 2) - this.workers * WORK_RATE);
  }

  /** What the sensors show, noisily, in a fixed order. */
  *look(): IterableIterator<Sight> {
    const noise = (): number => 1 + (this.#random.next() - 0.5) * 0.06;
    for (const [id, farm] of this.farms) {
      yield { element: id, property: 'busy', value: this.load(farm) * noise() };
      yield { element: id, property: 'servers', value: farm.servers.size };
      yield { element: id, property: 'throttle', value: farm.throttle };
      for (const [name, server] of farm.servers) {
        if (server.state !== 'up') continue;
        yield { element: name, property: 'beat', value: 1 };
        yield { element: name, property: 'temp', value: Math.round(server.temp * noise() * 10) / 10 };
        yield { element: name, property: 'fan', value: server.fan };
      }
    }
    yield { element: `${this.#domain}/q`, property: 'depth', value: this.depth };
    yield { element: `${this.#domain}/lab`, property: 'heat', value: Math.round(this.heat * noise()) };
    yield { element: `${this.#domain}/annex`, property: 'heat', value: Math.round((this.heat + 6) * noise()) };
    yield { element: `${this.#domain}/q`, property: 'workers', value: this.workers };
  }

  /** The servers there are, as elements. */
  inventory(): Map<string, ElementDocument> {
    return new Map([...this.farms.values()].flatMap((farm) => [...farm.servers.keys()].map((id) => [id, { type: 'server' }] as const)));
  }
}
