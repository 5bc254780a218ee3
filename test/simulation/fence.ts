/**
 * One life of the manager, as its ports see it. When it ends, nothing of it may reach the world or the next life: its timers do not ring,
 * its calls of ports have no effect, and the promises it waits for never settle, so that what was in its memory is simply gone.
 */
import type { Cancel, Clock, SimulatedClock } from '../../src/clock.ts';

export const never = <T>(): Promise<T> => new Promise<T>(() => {});

export class Fence {
  readonly #clock: SimulatedClock;
  readonly #onEnd: (where: string) => void;
  readonly #dies: (where: string) => boolean;
  #alive = true;

  /** `dies`: whether a life ends at a call of a port. */
  constructor(clock: SimulatedClock, dies: (where: string) => boolean, onEnd: (where: string) => void) {
    this.#clock = clock;
    this.#dies = dies;
    this.#onEnd = onEnd;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Ends this life, here and now. */
  end(where: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onEnd(where);
  }

  /** A place at which a life may end. True: it goes on. */
  passes(where: string): boolean {
    if (this.#alive && this.#dies(where)) this.end(where);
    return this.#alive;
  }

  after(ms: number, then: () => void): Cancel {
    if (!this.#alive) return () => {};
    return this.#clock.after(ms, () => {
      if (this.#alive) then();
    });
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** The answer of something in the world, which reaches only the life that asked. */
  async guard<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      return this.#alive ? value : never<T>();
    } catch (thrown) {
      if (this.#alive) throw thrown;
      return never<T>();
    }
  }
}

/** The clock of one life: as SystemClock, it starts at max(last stored now, wall clock), and goes on whatever the wall clock does (exact rule 1). */
export class LifeClock implements Clock {
  readonly #world: SimulatedClock;
  readonly #fence: Fence;
  readonly #ahead: number;

  constructor(world: SimulatedClock, fence: Fence, notBefore: number) {
    this.#world = world;
    this.#fence = fence;
    this.#ahead = Math.max(notBefore, world.wall()) - world.now();
  }

  now(): number {
    return this.#world.now() + this.#ahead;
  }

  wall(): number {
    return this.#world.wall();
  }

  after(ms: number, then: () => void): Cancel {
    return this.#fence.after(ms, then);
  }
}
