/** The time of the whole simulation. Alarms ring one by one, so that all promises come to rest between two that are due at once, as in a process of its own. */
import type { Cancel, Clock } from '../../../src/clock.ts';
import { Heap } from '../../../src/plan/heap.ts';

interface Alarm {
  readonly at: number;
  readonly order: number;
  then: (() => void) | undefined;
}

export class Time implements Clock {
  readonly #alarms = new Heap<Alarm>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  #now: number;
  #order = 0;

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): Cancel {
    // Whole milliseconds, and never in the past, as timers are.
    const alarm: Alarm = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, then };
    this.#alarms.push(alarm);
    return () => {
      alarm.then = undefined;
    };
  }

  every(ms: number, then: () => void): void {
    this.after(ms, () => {
      this.every(ms, then);
      then();
    });
  }

  /** Rings the next alarm that is due by then. False: there is none, and it is then now. */
  ring(until: number): boolean {
    for (;;) {
      const alarm = this.#alarms.pop();
      if (alarm === undefined || alarm.at > until) {
        if (alarm !== undefined) this.#alarms.push(alarm);
        this.#now = until;
        return false;
      }
      if (alarm.then === undefined) continue;
      this.#now = alarm.at;
      alarm.then();
      return true;
    }
  }
}
