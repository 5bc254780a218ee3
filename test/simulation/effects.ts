/** What commands do to the world, and what can be read back of it. */
import type { Result } from '../../src/execute/actuators/actuator.ts';
import type { Command, Observation, Value } from '../../src/messages.ts';
import type { World } from './world.ts';

export class Effects {
  readonly #world: World;
  /** Servers that a command made or unmade, by its id. */
  readonly #changed = new Map<string, { readonly appeared: readonly string[]; readonly vanished: readonly string[] }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Absolute, so that doing it twice is doing it once, but for what rings and kicks. */
  carryOut({ id, command, element, params }: Command): void {
    const [world, farm, server] = [this.#world, this.#world.farms.get(element), this.#world.server(element)];
    const to = Number(params.to);
    if (command === 'scale' && farm !== undefined) this.#scale(id, element, to);
    else if (command === 'throttle' && farm !== undefined) farm.throttle = to;
    else if (command === 'open' && farm !== undefined) farm.doors = params.width!;
    else if (command === 'staff') world.workers = to;
    else if (command === 'cool' && server !== undefined) server.fan = to;
    else if (command === 'restart' && server !== undefined) server.state = 'up';
    else if (command === 'kick' && server !== undefined) server.temp -= 10;
  }

  #scale(id: string, element: string, to: number): void {
    const before = [...this.#world.farms.get(element)!.servers.keys()];
    this.#world.resize(element, to);
    const after = [...this.#world.farms.get(element)!.servers.keys()];
    const done = this.#changed.get(id);
    this.#changed.set(id, {
      appeared: [...(done?.appeared ?? []), ...after.filter((server) => !before.includes(server))],
      vanished: [...(done?.vanished ?? []), ...before.filter((server) => !after.includes(server))],
    });
  }

  /** The values after a command, as the actuator that carried it out would tell them. */
  readBack({ id, command, element, actuator }: Command, time: number): Omit<Result, 'status' | 'detail'> {
    const [farm, server] = [this.#world.farms.get(element), this.#world.server(element)];
    const value: readonly [string, Value | undefined] | undefined = {
      scale: ['servers', farm?.servers.size] as const,
      throttle: ['throttle', farm?.throttle] as const,
      staff: ['workers', this.#world.workers] as const,
      cool: ['fan', server?.fan] as const,
    }[command];
    const observations: Observation[] =
      value?.[1] === undefined ? [] : [{ element, property: value[0], value: value[1], time, source: actuator }];
    const changed = this.#changed.get(id);
    const there = this.#world.inventory();
    return {
      observations,
      appeared: (changed?.appeared ?? []).flatMap((server) =>
        there.has(server) ? [{ element: server, document: there.get(server)! }] : [],
      ),
      vanished: [...(changed?.vanished ?? [])],
    };
  }
}
