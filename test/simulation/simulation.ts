/**
 * One run: a seed decides the world, its faults and every answer. Lives of the manager follow each other; the world lives on.
 *
 * Time moves from alarm to alarm. Between two alarms all promises are brought to rest: a callback of `process.nextTick` that is asked for while
 * microtasks run is called only when no microtask is left (https://nodejs.org/api/process.html#processnexttickcallback-args), and nothing here
 * waits for anything but microtasks and alarms. So the order of all that happens follows from the seed alone.
 */
import { SimulatedClock } from '../../src/clock.ts';
import { SimulatedActuator } from './actuators.ts';
import { Disk } from './disk.ts';
import { Effects } from './effects.ts';
import { Fence } from './fence.ts';
import { Hands } from './hands.ts';
import { Life, type Surroundings } from './life.ts';
import { Random } from './random.ts';
import { restOf } from './rest.ts';
import { healed, type Swarm, swarmOf } from './swarm.ts';
import { Telemetry } from './telemetry.ts';
import { Recorder, type Trace } from './trace.ts';
import { World } from './world.ts';

/** An instant to begin at, ms since 1970. */
const START = 1_700_000_000_000;
const FAULTY_MS = 110_000;
const HEALED_MS = 70_000;
/** More than this in one run is a manager that runs wild; the run ends, and does not come to rest. */
const ENTRIES_LIMIT = 100_000;
/** How often what came and went is told, ms. */
const INVENTORY_MS = 5_000;

const atRest = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export async function simulate(seed: number): Promise<Trace> {
  const unhandled: string[] = [];
  const onUnhandled = (thrown: unknown): void => {
    unhandled.push(String(thrown));
  };
  process.on('unhandledRejection', onUnhandled);
  try {
    const run = new Run(seed);
    await run.until(START + FAULTY_MS);
    run.heal();
    await run.until(START + FAULTY_MS + HEALED_MS);
    // Rejections that nobody handles are told only between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    return run.trace(unhandled);
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
}

class Run {
  readonly #seed: number;
  readonly #clock = new SimulatedClock(START);
  readonly #recorder = new Recorder(() => this.#clock.now());
  readonly #disk = new Disk(this.#recorder);
  readonly #chances: Random;
  readonly #world: World;
  readonly #hands: Hands;
  readonly #telemetry: Telemetry;
  readonly #surroundings: Surroundings;
  #swarm: Swarm;
  #life: Life | undefined;
  #lives = 0;

  constructor(seed: number) {
    this.#seed = seed;
    const random = (stream: number): Random => new Random(seed, stream);
    const first = swarmOf(random(1));
    this.#swarm = first;
    this.#chances = random(2);
    this.#world = new World(random(3));
    this.#hands = new Hands(random(4), first, this.#world, this.#clock, this.#recorder);
    const swarm = (): Swarm => this.#swarm;
    this.#telemetry = new Telemetry(this.#clock, random(5), swarm, this.#world, () => this.#listener());
    const ports = {
      clock: this.#clock,
      random: random(6),
      swarm,
      recorder: this.#recorder,
      disk: this.#disk,
      effects: new Effects(this.#world),
    };
    const actuators = [
      new SimulatedActuator('fleet', true, first.fleetInquires, ports),
      new SimulatedActuator('dial', true, false, ports),
      new SimulatedActuator('log', true, true, ports),
      new SimulatedActuator('keeper', false, true, ports),
      new SimulatedActuator('bell', false, false, ports),
    ];
    this.#surroundings = { clock: this.#clock, disk: this.#disk, random: random(7), swarm, recorder: this.#recorder, actuators };
    this.#every(1_000, () => this.#second());
    this.#every(INVENTORY_MS, () => this.#hands.tellInventory(this.#life));
    this.#begin();
  }

  async until(instant: number): Promise<void> {
    await atRest();
    for (
      let next = this.#clock.nextAlarm();
      next !== undefined && next <= instant && this.#recorder.entries.length < ENTRIES_LIMIT;
      next = this.#clock.nextAlarm()
    ) {
      this.#clock.advanceTo(next);
      await atRest();
    }
    this.#clock.advanceTo(instant);
  }

  /** From now on nothing fails, and what was broken can be made good. */
  heal(): void {
    this.#recorder.add({ kind: 'healed' });
    this.#swarm = healed(this.#swarm);
    this.#clock.jumpWall(-this.#clock.wall() + this.#clock.now());
    this.#world.heal();
    this.#handsHeal();
  }

  /** The manager may be away just then. */
  #handsHeal(): void {
    if (this.#life?.fence.alive) this.#hands.heal(this.#life, this.#swarm);
    else this.#clock.after(500, () => this.#handsHeal());
  }

  trace(unhandled: readonly string[]): Trace {
    const rest = restOf(this.#life, this.#world, unhandled);
    return { seed: this.#seed, entries: this.#recorder.entries, steps: this.#disk.steps(), rest, hash: this.#recorder.digest(rest) };
  }

  #every(ms: number, then: () => void): void {
    const again = (): void => {
      this.#clock.after(ms, again);
      then();
    };
    this.#clock.after(ms, again);
  }

  #second(): void {
    const [chances, swarm] = [this.#chances, this.#swarm];
    this.#world.tick(swarm.deathsPerMinute);
    this.#telemetry.look();
    if (chances.chance(swarm.handsPerMinute / 60)) this.#hands.act(this.#life);
    const life = this.#life;
    if (life !== undefined && life.executor.counts().waiting > 0 && chances.chance(swarm.handsPerMinute / 20)) this.#hands.stopAll(life);
    if (chances.chance(1 / 6)) this.#hands.answer(life);
    if (chances.chance(swarm.wallJumpsPerMinute / 60)) this.#hands.jumpWall();
    if (chances.chance(swarm.crashesPerMinute / 60)) this.#clock.after(chances.between(0, 999), () => this.#life?.fence.end('any moment'));
  }

  #listener() {
    const life = this.#life;
    return life?.fence.alive ? { clock: life.clock, observe: life.observe.bind(life) } : undefined;
  }

  /** A new life, on what the store kept. */
  #begin(): void {
    const number = ++this.#lives;
    const fence = new Fence(
      this.#clock,
      () => this.#chances.chance(this.#swarm.crashAtPort),
      (where) => this.#ended(number, where),
    );
    try {
      this.#life = new Life(number, this.#hands.document, fence, this.#surroundings);
    } catch (thrown) {
      this.#recorder.add({ kind: 'fault', what: `cannot begin: ${String(thrown)}` });
      this.#clock.after(1_000, () => this.#begin());
    }
  }

  #ended(life: number, where: string): void {
    const power = where !== 'stopped' && this.#chances.chance(this.#swarm.powerLoss);
    this.#recorder.add({ kind: 'ended', life, where, power });
    if (power) this.#disk.losePower(this.#chances);
    this.#life = undefined;
    this.#clock.after(this.#chances.between(20, 6_000), () => this.#begin());
  }
}
