/**
 * One process on a machine of its own, as its ports see it. It may freeze: then nothing reaches it and nothing leaves it until it thaws, and it does not know. It
 * may die: then what was in its memory is simply gone, and what it waited for never comes. Its clock has an offset of its own, and may stand still while it is frozen.
 */
import type { Cancel, Clock } from '../../../src/clock.ts';
import type { Random } from '../random.ts';
import type { Recorder } from '../trace.ts';
import type { Time } from './time.ts';

export const never = <T>(): Promise<T> => new Promise<T>(() => {});

export interface MachineOptions {
  readonly name: string;
  readonly time: Time;
  readonly random: Random;
  readonly recorder: Recorder;
  /** The clock of the machine, which outlives its processes. */
  readonly clock: MachineClock;
  /** Whether the process dies at a call of a port, or is frozen there and for how long, ms. */
  readonly fateAt: (where: string) => 'dies' | number | undefined;
  readonly died: (where: string) => void;
}

/** The clock of a machine: it runs as fast as all, is set a little differently, and its wall clock is moved by people and time servers. */
export class MachineClock {
  readonly #time: Time;
  #wallOffset: number;
  /** How much a machine that was suspended is behind. */
  #stood = 0;
  #stands = false;
  #later: number | undefined;

  constructor(time: Time, wallOffset: number) {
    this.#time = time;
    this.#wallOffset = wallOffset;
  }

  /** Monotonic; from a beginning that means nothing to others. */
  now(): number {
    return this.#time.now() - this.#stood;
  }

  wall(): number {
    return this.#time.now() + this.#wallOffset;
  }

  /** A person or a time server sets it; that of a suspended machine as it wakes. */
  setWall(offset: number): void {
    if (this.#stands) this.#later = offset;
    else this.#wallOffset = offset;
  }

  get wallOffset(): number {
    return this.#wallOffset;
  }

  stand(): void {
    this.#stands = true;
  }

  /** Returns whether it was set back meanwhile, so that neither clock tells how long it was. */
  stoodStill(ms: number): boolean {
    this.#stood += ms;
    this.#stands = false;
    const back = this.#later !== undefined && this.#later < this.#wallOffset;
    this.#wallOffset = this.#later ?? this.#wallOffset;
    this.#later = undefined;
    return back;
  }
}

export class Machine implements Clock {
  readonly name: string;
  readonly #options: MachineOptions;
  readonly #ahead: number;
  #state: 'up' | 'frozen' | 'dead' = 'up';
  #suspended = false;
  /** What came while it was frozen: timers first, as they ring first when it wakes. */
  #timers: (() => void)[] = [];
  #arrivals: (() => void)[] = [];
  #thawsAt = 0;

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.#options = options;
    // As SystemClock does: it starts at the wall clock and goes on whatever that does.
    this.#ahead = options.clock.wall() - options.clock.now();
  }

  get alive(): boolean {
    return this.#state !== 'dead';
  }

  get frozen(): boolean {
    return this.#state === 'frozen';
  }

  now(): number {
    return this.#options.clock.now() + this.#ahead;
  }

  wall(): number {
    return this.#options.clock.wall();
  }

  after(ms: number, then: () => void): Cancel {
    if (!this.alive) return () => {};
    const due = this.now() + Math.max(0, ms);
    let cancelled = false;
    let cancel: Cancel;
    const ring = (): void => {
      if (cancelled) return;
      // Its clock has stood still meanwhile.
      if (this.now() < due) arm(due - this.now());
      else then();
    };
    const arm = (left: number): void => {
      cancel = this.#options.time.after(left, () => this.#admit(ring, this.#timers));
    };
    arm(ms);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Something comes in from outside. */
  arrive(then: () => void): void {
    this.#admit(then, this.#arrivals);
  }

  #admit(then: () => void, held: (() => void)[]): void {
    if (this.#state === 'frozen') held.push(then);
    else if (this.#state === 'up') then();
  }

  /** A place at which it may die or freeze. True: it goes on. */
  passes(where: string): boolean {
    if (!this.alive) return false;
    const fate = this.#options.fateAt(where);
    if (fate === 'dies') this.kill(where);
    else if (fate !== undefined) this.freeze(fate, where);
    return this.alive;
  }

  /** How long what it sends now stays on the machine, because it was frozen in the act, ms. */
  get heldBackMs(): number {
    return this.#state === 'frozen' ? Math.max(0, this.#thawsAt - this.#options.time.now()) : 0;
  }

  /** The answer of something in the world. */
  guard<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      answer.then(
        (value) => this.arrive(() => resolve(value)),
        (thrown) => this.arrive(() => reject(thrown)),
      );
    });
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** `suspended`: its clock stands still meanwhile, as that of a virtual machine that is paused. */
  freeze(ms: number, where: string): void {
    if (this.#state !== 'up') return;
    const { time, recorder, random, clock, name } = this.#options;
    const suspended = random.chance(0.3);
    this.#state = 'frozen';
    this.#thawsAt = time.now() + ms;
    if (suspended) clock.stand();
    recorder.add({ kind: 'process', name, what: suspended ? 'suspended' : 'frozen', where });
    this.#suspended = suspended;
    time.after(ms, () => {
      // Who was killed meanwhile has ended that.
      if (this.#state !== 'frozen') return;
      this.#suspended = false;
      if (suspended && clock.stoodStill(ms)) recorder.add({ kind: 'process', name, what: 'misled', where: '' });
      this.#thaw();
    });
  }

  #thaw(): void {
    const { time, recorder, name } = this.#options;
    this.#state = 'up';
    recorder.add({ kind: 'process', name, what: 'thawed', where: '' });
    const held = [...this.#timers, ...this.#arrivals];
    this.#timers = [];
    this.#arrivals = [];
    // One after the other, with all promises brought to rest in between; it may freeze again on the way.
    for (const then of held) time.after(0, () => this.arrive(then));
  }

  kill(where: string): void {
    if (!this.alive) return;
    // Another process may begin on it at once, so it is awake.
    if (this.#suspended) this.#options.clock.stoodStill(0);
    this.#suspended = false;
    this.#state = 'dead';
    this.#timers = [];
    this.#arrivals = [];
    this.#options.recorder.add({ kind: 'process', name: this.name, what: 'died', where });
    this.#options.died(where);
  }
}
