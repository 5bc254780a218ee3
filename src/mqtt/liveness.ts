/**
 * Which elements are alive, from what their devices say. A device that dies is told of by its last will, a frozen one by nothing: so it is also held
 * dead when it is silent for longer than its heartbeat. Its boot id tells its lives apart: that an earlier one has ended does not end this one.
 */
import type { Cancel, Clock } from '../clock.ts';

export interface LivenessOptions {
  /** Silence after which it is held dead; undefined: silence says nothing. */
  readonly heartbeatMs: number | undefined;
  /** Its state is told again so often, so that it does not grow stale while it is known. */
  readonly everyMs: number;
  /** Elements that are watched at most. */
  readonly limit: number;
}

interface Life {
  /** What was told last. */
  online: boolean | undefined;
  boot: string | undefined;
  /** When it last gave a sign of life, or was given time to. */
  heardAt: number;
}

export class Liveness {
  readonly #options: LivenessOptions;
  readonly #clock: Clock;
  readonly #tell: (element: string, online: boolean) => void;
  readonly #lives = new Map<string, Life>();
  #cancelDeadline: Cancel = () => {};
  #deadlineAt = Number.POSITIVE_INFINITY;
  #cancelTelling: Cancel = () => {};
  #listening = false;
  #ignored = 0;

  constructor(options: LivenessOptions, clock: Clock, tell: (element: string, online: boolean) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Ends of earlier lives that were told too late. */
  get ignored(): number {
    return this.#ignored;
  }

  /** It has said something, now. */
  heard(element: string, boot: string | undefined): void {
    const life = this.#life(element);
    if (life === undefined) return;
    if (boot !== undefined) life.boot = boot;
    life.heardAt = this.#clock.now();
    this.#turn(element, life, true);
  }

  /** It, or its last will, has said that it lives or is dead. */
  said(element: string, alive: boolean, boot: string | undefined, retained: boolean): void {
    const life = this.#life(element);
    if (life === undefined) return;
    if (alive) {
      if (boot !== undefined) life.boot = boot;
      life.heardAt = this.#clock.now();
      this.#turn(element, life, true);
      return;
    }
    if (boot !== undefined && life.boot !== undefined && boot !== life.boot) {
      this.#ignored++;
      return;
    }
    // Kept from before we asked, it may be of an earlier life: whoever has a heartbeat is given the time of one to show that it lives.
    if (retained && life.online === undefined && this.#options.heartbeatMs !== undefined) {
      life.heardAt = this.#clock.now();
      this.#expect(life);
      return;
    }
    life.boot = undefined;
    this.#turn(element, life, false);
  }

  /** Whether messages reach us. While they do not, silence says nothing and nothing is told. */
  listening(is: boolean): void {
    if (is === this.#listening) return;
    this.#listening = is;
    this.#cancelTelling();
    this.#cancelDeadline();
    this.#deadlineAt = Number.POSITIVE_INFINITY;
    if (!is) return;
    this.#again();
    for (const life of this.#lives.values()) {
      life.heardAt = this.#clock.now();
      this.#expect(life);
    }
  }

  /** An element that is watched from the beginning, whether or not it ever says anything. */
  watch(element: string): void {
    const life = this.#life(element);
    if (life !== undefined) this.#expect(life);
  }

  close(): void {
    this.listening(false);
  }

  #life(element: string): Life | undefined {
    let life = this.#lives.get(element);
    if (life === undefined && this.#lives.size < this.#options.limit) {
      life = { online: undefined, boot: undefined, heardAt: this.#clock.now() };
      this.#lives.set(element, life);
    }
    return life;
  }

  #turn(element: string, life: Life, online: boolean): void {
    if (online) this.#expect(life);
    if (life.online === online) return;
    life.online = online;
    this.#tell(element, online);
  }

  /** Looks again when the first of those that are not held dead may have been silent for too long. */
  #expect(life: Life): void {
    const { heartbeatMs } = this.#options;
    if (heartbeatMs === undefined || !this.#listening) return;
    const at = life.heardAt + heartbeatMs;
    if (at >= this.#deadlineAt) return;
    this.#cancelDeadline();
    this.#deadlineAt = at;
    this.#cancelDeadline = this.#clock.after(at - this.#clock.now(), () => this.#look(heartbeatMs));
  }

  #look(heartbeatMs: number): void {
    this.#deadlineAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    let next: Life | undefined;
    for (const [element, life] of this.#lives) {
      if (life.online === false) continue;
      if (life.heardAt + heartbeatMs <= now) this.#turn(element, life, false);
      else if (next === undefined || life.heardAt < next.heardAt) next = life;
    }
    if (next !== undefined) this.#expect(next);
  }

  #again(): void {
    this.#cancelTelling = this.#clock.after(this.#options.everyMs, () => {
      for (const [element, { online }] of this.#lives) if (online !== undefined) this.#tell(element, online);
      this.#again();
    });
  }
}
