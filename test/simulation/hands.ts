/** People, and what comes and goes by itself: pauses, edits of the file, elements that appear and vanish, a wall clock that jumps, clean restarts. */
import type { SimulatedClock } from '../../src/clock.ts';
import type { PauseScope } from '../../src/messages.ts';
import { LAB } from './lab.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import { EDITS, setupText } from './setup.ts';
import type { Swarm } from './swarm.ts';
import type { Recorder } from './trace.ts';
import type { World } from './world.ts';

/** The emergency stop is the likeliest, for it is the one that must be sure. */
const DEEDS = ['pauseAll', 'pauseAll', 'pauseAll', 'pauseOne', 'resume', 'reload', 'reload', 'third', 'remove', 'add', 'restart'] as const;

export class Hands {
  readonly #random: Random;
  #swarm: Swarm;
  readonly #world: World;
  readonly #clock: SimulatedClock;
  readonly #recorder: Recorder;
  #edit = 0;
  #third = false;
  #version = 0;
  #pauses = 0;

  constructor(random: Random, swarm: Swarm, world: World, clock: SimulatedClock, recorder: Recorder) {
    this.#random = random;
    this.#swarm = swarm;
    this.#world = world;
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** The manager's file as it lies there now. */
  get document(): string {
    return setupText(this.#swarm, this.#edit, this.#third, this.#version);
  }

  /** One thing that somebody does. `life`: the manager, if it is there. */
  act(life: Life | undefined): void {
    const deed = this.#random.pick(DEEDS);
    this.#recorder.add({ kind: 'hand', what: deed });
    switch (deed) {
      case 'pauseAll':
        return this.#pause(life, {});
      case 'pauseOne':
        return this.#pause(
          life,
          this.#random.pick<PauseScope>([
            { element: 'shop/a' },
            { policy: 'grow' },
            { type: 'server' },
            { element: LAB, direction: 'up' },
            { concern: 'cost' },
          ]),
        );
      case 'resume':
        return life?.signal({ kind: 'resume', scope: {}, reason: 'it looks well', author: 'ann' });
      case 'reload':
        this.#edit = this.#random.between(0, EDITS.length - 1);
        this.#version = this.#random.chance(0.3) ? this.#version + 1 : this.#version;
        return life?.manager.configure(this.document);
      case 'third':
        return this.#toggleThird(life);
      case 'remove':
        return this.#resize(-1);
      case 'add':
        return this.#resize(1);
      case 'restart':
        if (life?.fence.alive) void life.stop();
    }
  }

  /** The emergency stop, at a moment when commands that are committed wait to be sent. */
  stopAll(life: Life): void {
    this.#recorder.add({ kind: 'hand', what: 'pauseAll' });
    this.#pause(life, {});
  }

  jumpWall(): void {
    const ms = this.#random.pick([-3_600_000, -30_000, -3_000, 3_000, 30_000, 3_600_000]);
    this.#recorder.add({ kind: 'hand', what: 'wall clock jumps' });
    this.#clock.jumpWall(ms);
  }

  /** All that people did to hold things back is undone, and what was set aside is given back with a new text. */
  heal(life: Life, swarm: Swarm): void {
    const narrow = this.#swarm.queue < swarm.queue || this.#swarm.batch < swarm.batch;
    this.#swarm = swarm;
    this.#version++;
    this.#edit = 0;
    life.signal({ kind: 'resume', scope: {}, reason: 'healed', author: 'ann' });
    life.manager.configure(this.document);
    // A bus has the limits that it began with.
    if (narrow) this.#healSoon(life);
  }

  #healSoon(life: Life): void {
    this.#clock.after(2_000, () => void life.stop());
  }

  /** Tells the manager which servers there are, as an agent on the spot would. */
  tellInventory(life: Life | undefined): void {
    if (life === undefined || !life.fence.alive) return;
    const there = this.#world.inventory();
    const { elements } = life.manager.state;
    for (const [element, document] of there)
      if (elements.get(element) === undefined) life.signal({ kind: 'appeared', element, document, source: 'inventory' });
    for (const row of elements.rows()) {
      if (row.document.type === 'server' && !there.has(row.key)) life.signal({ kind: 'vanished', element: row.key, source: 'inventory' });
    }
  }

  #pause(life: Life | undefined, scope: PauseScope): void {
    const until = this.#random.chance(0.8) && life !== undefined ? life.clock.now() + this.#random.between(500, 10_000) : null;
    life?.signal({ kind: 'pause', name: `pause-${this.#pauses++}`, scope, reason: 'not now', author: 'ann', until });
  }

  /** Somebody answers one of the questions that are open. */
  answer(life: Life | undefined): void {
    const open = life === undefined ? [] : [...life.manager.state.advice.rows()];
    if (life === undefined || open.length === 0) return;
    const { id } = this.#random.pick(open);
    this.#recorder.add({ kind: 'hand', what: 'answer' });
    const answer = this.#random.chance(0.75) ? 'approved' : 'rejected';
    life.signal({ kind: 'answered', advice: id, answer, reason: 'so it seems', author: 'ann' });
  }

  #toggleThird(life: Life | undefined): void {
    this.#third = !this.#third;
    if (this.#third) this.#world.addFarm('shop/c');
    else this.#world.removeFarm('shop/c');
    life?.manager.configure(this.document);
  }

  /** Somebody adds a server, or takes one away, without asking the manager. */
  #resize(by: number): void {
    const farm = this.#random.pick(['shop/a', 'shop/b']);
    const servers = this.#world.farms.get(farm)!.servers.size + by;
    if (servers >= 1 && servers <= 6) this.#world.resize(farm, servers);
  }
}
