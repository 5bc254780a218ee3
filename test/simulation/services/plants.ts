/** The managed systems, one for each domain: a farm of servers and a queue. What commands do to them is done by element, whoever asks. */
import type { Result } from '../../../src/execute/actuators/actuator.ts';
import type { Command, ElementDocument } from '../../../src/messages.ts';
import { domainOf } from '../../../src/services/topics.ts';
import { Effects } from '../effects.ts';
import type { Random } from '../random.ts';
import { type Sight, World } from '../world.ts';

/** They lie in two partitions of two, and in three of three. */
export const DOMAINS = ['shop', 'mill', 'port'] as const;

export class Plants {
  readonly worlds: ReadonlyMap<string, World>;
  readonly #effects: ReadonlyMap<string, Effects>;

  constructor(random: Random) {
    this.worlds = new Map(DOMAINS.map((domain) => [domain, new World(random, domain, ['a'])]));
    this.#effects = new Map([...this.worlds].map(([domain, world]) => [domain, new Effects(world)]));
  }

  tick(deathsPerMinute: number): void {
    for (const world of this.worlds.values()) world.tick(deathsPerMinute);
  }

  heal(): void {
    for (const world of this.worlds.values()) world.heal();
  }

  /** What the sensors of a domain show. */
  *look(domain: string): IterableIterator<Sight> {
    for (const sight of this.worlds.get(domain)!.look()) if (!/\/(lab|annex)$/.test(sight.element)) yield sight;
  }

  inventory(domain: string): Map<string, ElementDocument> {
    return this.worlds.get(domain)!.inventory();
  }

  carryOut(command: Command): void {
    this.#effects.get(domainOf(command.element))!.carryOut(command);
  }

  readBack(command: Command, time: number): Omit<Result, 'status' | 'detail'> {
    return this.#effects.get(domainOf(command.element))!.readBack(command, time);
  }
}
