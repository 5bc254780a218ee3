/**
 * Time, for the whole of Homeostat. The only file that reads the system's clock or sets its timers.
 * Instants are whole milliseconds since 1970 (UTC); spans are milliseconds.
 */

/** Takes back what was asked of a clock. Calling it again, or late, does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** The manager's time: never goes back, never jumps with the wall clock (exact rule 1). */
  now(): number;
  /** The wall clock as the machine shows it, which may be wrong or jump. Never used to decide. */
  wall(): number;
  /** Calls `then` once, `ms` from now or a little later. */
  after(ms: number, then: () => void): Cancel;
}

/** Longest span that setTimeout takes; longer ones would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A monotonic clock that starts at `max(notBefore, wall clock)`. */
export class SystemClock implements Clock {
  readonly #base: number;

  constructor(notBefore = 0) {
    this.#base = Math.max(notBefore, Date.now()) - performance.now();
  }

  now(): number {
    return Math.floor(this.#base + performance.now());
  }

  wall(): number {
    return Date.now();
  }

  after(ms: number, then: () => void): Cancel {
    // A timer takes a millisecond at least, which is as long as a step.
    if (ms <= 0) {
      const soon = setImmediate(then);
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(then, Math.min(ms, LONGEST_TIMEOUT_MS));
    return () => clearTimeout(timer);
  }
}

/** How fast a clock runs while it is ahead: slowly, because what is measured seems old to it until it is not, and yet never standing still. */
const AHEAD_PACE = 0.1;

/**
 * A clock that begins at `max(notBefore, wall clock)` on a machine of its own, and gives its lead over the wall clock back by running slowly until it is gone. State that
 * was last stepped on a machine whose clock was ahead would otherwise be ahead for good, on every machine that takes it over, and see all that is measured as old.
 */
export function catchingUp(clock: Clock, notBefore: number): Clock {
  const [began, wall] = [clock.now(), clock.wall()];
  const lead = Math.max(0, notBefore - wall);
  const now = (): number => {
    const passed = clock.now() - began;
    return Math.floor(wall + lead + passed - Math.min(lead, passed * (1 - AHEAD_PACE)));
  };
  const after = (ms: number, then: () => void): Cancel => {
    const due = now() + ms;
    let cancel = clock.after(ms, function ring() {
      const left = due - now();
      if (left <= 0) then();
      else cancel = clock.after(left, ring);
    });
    return () => cancel();
  };
  return { now, wall: () => clock.wall(), after };
}

/**
 * A clock that shows what the wall clock does, also after that was set right: for those who compare their time with instants that others have set, and decide nothing by it.
 * A process that began on a wrong clock would otherwise see all that is asked of it as too late, for as long as it lives.
 */
export const byWall = (clock: Clock): Clock => ({
  now: () => clock.wall(),
  wall: () => clock.wall(),
  after: (ms, then) => clock.after(ms, then),
});

/**
 * A clock that shows what the wall clock does and hardly ever goes back: for those who say when something was measured. Set forward, it goes along at once. Set back by up to
 * `most` ms it runs slowly until it is not ahead any more; by more, it goes along, for what was told with such a lead counts for nothing.
 */
export function following(clock: Clock, most: number): Clock {
  let [said, passed] = [clock.wall(), clock.now()];
  const now = (): number => {
    const [wall, moment] = [clock.wall(), clock.now()];
    const lead = said - wall;
    said = lead <= 0 || lead > most ? wall : Math.max(wall, said + (moment - passed) * AHEAD_PACE);
    passed = moment;
    return Math.floor(said);
  };
  return { now, wall: () => clock.wall(), after: (ms, then) => clock.after(ms, then) };
}

/**
 * How long ago it is that this was called, ms: by the wall clock if that says more, for it goes on while a machine is suspended and its monotonic clock stands still.
 * Never less than it has said before, whoever sets the wall clock back. For those who must not believe that they are still what they were.
 */
export function since(clock: Clock): () => number {
  const [now, wall] = [clock.now(), clock.wall()];
  let said = 0;
  return () => {
    said = Math.max(said, clock.now() - now, clock.wall() - wall);
    return said;
  };
}

/** Measures how long something takes, in ms with fractions. Never used to decide. */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly then: () => void;
}

/** A clock that moves only when told to. Alarms fire in the order of their time, then of their making. */
export class SimulatedClock implements Clock {
  #now: number;
  #wallOffset = 0;
  #order = 0;
  #alarms: Alarm[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#wallOffset;
  }

  /** Moves the wall clock, and it alone, as an operator or a bad time server would. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  after(ms: number, then: () => void): Cancel {
    const alarm = { at: this.#now + Math.max(0, ms), order: this.#order++, then };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((a) => a !== alarm);
    };
  }

  /** The instant of the next alarm, if there is one. */
  nextAlarm(): number | undefined {
    return this.#first()?.at;
  }

  /** Moves time on and fires what falls due on the way, alarms set while firing included. */
  advanceTo(instant: number): void {
    if (instant < this.#now) throw new RangeError(`time cannot go back from ${this.#now} to ${instant}`);
    for (let alarm = this.#first(); alarm !== undefined && alarm.at <= instant; alarm = this.#first()) {
      this.#alarms = this.#alarms.filter((a) => a !== alarm);
      this.#now = Math.max(this.#now, alarm.at);
      alarm.then();
    }
    this.#now = instant;
  }

  #first(): Alarm | undefined {
    let first: Alarm | undefined;
    for (const a of this.#alarms) if (!first || a.at < first.at || (a.at === first.at && a.order < first.order)) first = a;
    return first;
  }
}

/** Waits on a clock; rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** An abort signal that fires after `ms` on the given clock. `done` frees its timer. */
export function deadline(clock: Clock, ms: number, reason: Error): { signal: AbortSignal; done: Cancel } {
  const controller = new AbortController();
  const done = clock.after(ms, () => controller.abort(reason));
  return { signal: controller.signal, done };
}
