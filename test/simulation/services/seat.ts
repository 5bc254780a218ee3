/** A place where a process of one kind runs, dies, is started again, and is told to end now and then. The machine, with its clock and disk, stays. */
import type { Random } from '../random.ts';
import type { Recorder } from '../trace.ts';
import { Machine, type MachineClock } from './machine.ts';
import type { Faults } from './swarm.ts';
import type { Time } from './time.ts';

/** What runs there. */
export interface Running {
  /** Ends it cleanly, which takes a while and may be cut short. */
  stop(): Promise<void>;
}

export interface SeatOptions<R extends Running> {
  readonly name: string;
  readonly time: Time;
  readonly clock: MachineClock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly faults: () => Faults;
  readonly start: (machine: Machine) => R;
  readonly died?: () => void;
}

/** A process is away for at most so long, and frozen for at most so long, ms. */
const AWAY_MS = 6_000;
const FROZEN_MS = 15_000;

/** Where it matters most what dies or freezes there, and how much likelier that is; and where there are so many calls that the others would hardly come in turn. */
const WEIGHTS: readonly (readonly [call: string, weight: number])[] = [
  ['end', 4],
  ['init', 4],
  ['execute', 4],
  ['produce', 0.5],
  ['read', 0.5],
];

export class Seat<R extends Running = Running> {
  readonly #options: SeatOptions<R>;
  #machine: Machine | undefined;
  #running: R | undefined;
  #lives = 0;
  #stopping = false;
  #closed = false;

  constructor(options: SeatOptions<R>) {
    this.#options = options;
    this.#begin();
  }

  get name(): string {
    return this.#options.name;
  }

  get machine(): Machine | undefined {
    return this.#machine;
  }

  get running(): R | undefined {
    return this.#running;
  }

  /** A second passes. */
  tick(): void {
    const { random, faults } = this.#options;
    const { diesPerMinute, freezesPerMinute, restartsPerMinute } = faults().process;
    if (random.chance(diesPerMinute / 60)) this.#machine?.kill('any moment');
    if (random.chance(freezesPerMinute / 60)) this.#machine?.freeze(random.between(500, FROZEN_MS), 'any moment');
    if (random.chance(restartsPerMinute / 60)) this.restart();
  }

  /** Ends it, for good. */
  close(): void {
    this.#closed = true;
    this.#machine?.kill('the end');
  }

  /** A clean end, and a new beginning. */
  restart(): void {
    const [machine, running] = [this.#machine, this.#running];
    if (machine === undefined || running === undefined || this.#stopping) return;
    this.#options.recorder.add({ kind: 'process', name: machine.name, what: 'told to stop', where: '' });
    this.#stopping = true;
    // Whoever is frozen hears of it when it thaws.
    machine.arrive(() => {
      running.stop().then(
        () => machine.kill('stopped'),
        (thrown) => {
          this.#options.recorder.add({ kind: 'fault', what: `stopping failed: ${thrown}` });
          machine.kill('stopped');
        },
      );
    });
  }

  #begin(): void {
    if (this.#closed) return;
    const { name, time, random, recorder, clock, faults, start, died } = this.#options;
    this.#stopping = false;
    const fateAt = (where: string): 'dies' | number | undefined => {
      const { diesAtPort, freezesAtPort } = faults().process;
      const weight = WEIGHTS.find(([part]) => where.endsWith(part))?.[1] ?? 1;
      if (random.chance(diesAtPort * weight)) return 'dies';
      return random.chance(freezesAtPort * weight) ? random.between(200, FROZEN_MS) : undefined;
    };
    const gone = (): void => {
      this.#machine = undefined;
      this.#running = undefined;
      died?.();
      time.after(random.between(20, AWAY_MS), () => this.#begin());
    };
    const machine = new Machine({ name: `${name}#${++this.#lives}`, time, random, recorder, clock, fateAt, died: gone });
    recorder.add({ kind: 'process', name: machine.name, what: 'started', where: '' });
    this.#machine = machine;
    const running = start(machine);
    if (machine.alive) this.#running = running;
  }
}
