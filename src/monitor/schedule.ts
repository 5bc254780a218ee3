/**
 * Runs the probes: each at its own interval, none ever twice at once, and none able to hold up another.
 * What they measure becomes events; what they cannot measure is absent and grows stale, and is never zero.
 */
import type { Cancel, Clock } from '../clock.ts';
import { durationMs, formatMs } from '../duration.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { AppearedEvent, ObservationEvent, ProbeEvent, RejectedEvent } from '../messages.ts';
import type { Measurement, Probe } from './probes/probe.ts';
import { complaintAbout } from './probes/values.ts';
import { Rejections } from './rejections.ts';

/** How often a probe measures when its document does not say. */
export const DEFAULT_EVERY_MS = 1_000;
/** The share of the interval by which starts are spread when the document does not say: a crowd of probes should not ask all at once. */
export const DEFAULT_JITTER = 0.1;
/** How long closing waits for a probe that does not end. */
export const CLOSE_GRACE_MS = 1_000;

/** When a probe measures. */
export interface ProbeTiming {
  readonly everyMs: number;
  /** How long one measurement may take; at most the interval. */
  readonly timeoutMs: number;
  /** Share of the interval by which the start is spread, 0…1. */
  readonly jitter: number;
}

/** The timing of a probe's document, with what holds when it is silent. @throws HomeostatError H007 if its spans contradict each other. */
export function probeTiming(document: { name: string; every?: string; timeout?: string; jitter?: number }): ProbeTiming {
  const everyMs = document.every === undefined ? DEFAULT_EVERY_MS : durationMs(document.every);
  const timeoutMs = document.timeout === undefined ? everyMs : durationMs(document.timeout);
  const refuse = (message: string) => new HomeostatError('H007', `probe ${document.name}: ${message}`);
  if (everyMs < 1) throw refuse(`"every" is ${document.every}; give at least 1ms`);
  if (timeoutMs < 1) throw refuse(`"timeout" is ${document.timeout}; give at least 1ms`);
  if (timeoutMs > everyMs) {
    throw refuse(`"timeout" (${formatMs(timeoutMs)}) is longer than the interval (${formatMs(everyMs)}); lower it, or raise "every"`);
  }
  return { everyMs, timeoutMs, jitter: document.jitter ?? DEFAULT_JITTER };
}

export type ProbeState = 'working' | 'failing';

/** A probe of one element, as it is to be run. */
export interface ScheduledProbe extends ProbeTiming {
  readonly name: string;
  /** The element that its values are of, where a sample does not name another. */
  readonly element: string;
  readonly probe: Probe;
  /** What is already known of it, from an earlier life of the manager; working if not given. Only a change is told. */
  readonly state?: ProbeState;
}

/** How a probe is doing. */
export interface ProbeStatus {
  readonly name: string;
  readonly element: string;
  readonly state: ProbeState;
  /** Why it is failing; empty while it works. */
  readonly reason: string;
  /** Intervals in which nothing was measured, because the measurement before was still running or the manager was late. */
  readonly missed: number;
  /** When it last gave a value; null: never. */
  readonly lastAt: number | null;
}

/** What a probe may tell. */
export type ProbeTold = ObservationEvent | ProbeEvent | RejectedEvent | AppearedEvent;

export interface ScheduleContext {
  readonly clock: Clock;
  /** A number from 0 to below 1, for the spread of starts. */
  readonly random: () => number;
  readonly sink: (event: ProbeTold) => void;
}

/** All probes of a manager. They run from `start` on, or from `add` when that comes later. */
export class ProbeSchedule {
  readonly #context: ScheduleContext;
  readonly #runs = new Set<ProbeRun>();
  /** Those that were taken away and have not stopped yet. */
  readonly #leaving = new Set<ProbeRun>();
  #started = false;
  #closed: Promise<void> | undefined;

  constructor(probes: readonly ScheduledProbe[], context: ScheduleContext) {
    this.#context = context;
    for (const probe of probes) this.add(probe);
  }

  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    for (const run of this.#runs) run.start();
  }

  add(scheduled: ScheduledProbe): void {
    if (this.#closed) throw new HomeostatError('H401', `probe ${scheduled.name}: the schedule is closed`);
    const run = new ProbeRun(scheduled, this.#context);
    this.#runs.add(run);
    if (this.#started) run.start();
  }

  /** Takes away the probes of an element, or the one of the given name, and resolves when they have stopped. */
  async remove(element: string, name?: string): Promise<void> {
    const leaving = [...this.#runs].filter((run) => run.status.element === element && (name === undefined || run.status.name === name));
    for (const run of leaving) this.#runs.delete(run);
    for (const run of leaving) this.#leaving.add(run);
    await Promise.all(leaving.map((run) => run.close()));
    for (const run of leaving) this.#leaving.delete(run);
  }

  /** Gives all probes of a name another interval, from now on. */
  retime(name: string, everyMs: number): void {
    for (const run of this.#runs) if (run.status.name === name) run.retime(everyMs);
  }

  /** Of each probe, in the order in which they were added. */
  status(): readonly ProbeStatus[] {
    return [...this.#runs].map((run) => run.status);
  }

  /** Resolves when all have stopped. Nothing is told from now on. One that does not end is left behind after a grace time. */
  close(): Promise<void> {
    this.#closed ??= Promise.all([...this.#runs, ...this.#leaving].map((run) => run.close())).then(() => {});
    return this.#closed;
  }
}

/** One probe in its rhythm. */
class ProbeRun {
  readonly #scheduled: ScheduledProbe;
  readonly #context: ScheduleContext;
  #status: ProbeStatus;
  #everyMs: number;
  /** Whether its rhythm has begun. */
  #waiting = false;
  #cancelSlot: Cancel = () => {};
  /** The measurement that runs, until it has really ended. */
  #running: { readonly controller: AbortController; readonly cancelTimeout: Cancel; readonly ended: Promise<void> } | undefined;
  readonly #rejections: Rejections;
  #closed: Promise<void> | undefined;

  constructor(scheduled: ScheduledProbe, context: ScheduleContext) {
    this.#scheduled = scheduled;
    this.#context = context;
    const { name, element, state = 'working' } = scheduled;
    this.#everyMs = scheduled.everyMs;
    this.#rejections = new Rejections(context.clock, (reason, excerpt) => this.#tell({ kind: 'rejected', source: name, reason, excerpt }));
    this.#status = { name, element, state, reason: '', missed: 0, lastAt: null };
  }

  get status(): ProbeStatus {
    return this.#status;
  }

  start(): void {
    const { probe, jitter } = this.#scheduled;
    if (probe.follow) {
      try {
        probe.follow({
          measured: (m) => this.#publish(m),
          failed: (reason) => this.#publish({ samples: [], wrong: reason }),
          rejected: (reason, excerpt) => this.#rejections.add(reason, excerpt),
          appeared: (element, document) => this.#tell({ kind: 'appeared', element, document, source: this.#scheduled.name }),
        });
      } catch (error) {
        this.#publish({ samples: [], wrong: messageOf(error) });
      }
    }
    if (!probe.sample) return;
    const spreadMs = Math.floor(this.#context.random() * jitter * this.#everyMs);
    this.#waitForSlot(this.#context.clock.now() + spreadMs, 0);
  }

  /** Its slots lie on another grid from now on: the next measurement is one new interval away. A measurement that runs goes on. */
  retime(everyMs: number): void {
    if (everyMs === this.#everyMs || this.#closed) return;
    this.#everyMs = everyMs;
    if (!this.#waiting) return;
    this.#cancelSlot();
    this.#waitForSlot(this.#context.clock.now(), 1);
  }

  /** Slots lie on a grid from the first one on, so that what a timer is late by never adds up. */
  #waitForSlot(base: number, slot: number): void {
    const { clock } = this.#context;
    const everyMs = this.#everyMs;
    this.#waiting = true;
    this.#cancelSlot = clock.after(base + slot * everyMs - clock.now(), () => {
      const next = Math.max(slot + 1, Math.floor((clock.now() - base) / everyMs) + 1);
      const missed = next - slot - 1 + (this.#running ? 1 : 0);
      if (missed > 0) this.#status = { ...this.#status, missed: this.#status.missed + missed };
      // Before the next slot is set, so that a timeout of the whole interval falls before it.
      if (!this.#running) this.#measure();
      this.#waitForSlot(base, next);
    });
  }

  #measure(): void {
    const { probe, timeoutMs } = this.#scheduled;
    const controller = new AbortController();
    let answered = false;
    const answer = (measurement: Measurement) => {
      if (answered) return;
      answered = true;
      cancelTimeout();
      this.#publish(measurement);
    };
    const limitMs = Math.min(timeoutMs, this.#everyMs);
    const cancelTimeout = this.#context.clock.after(limitMs, () => {
      const late = new HomeostatError('H401', `no answer within ${formatMs(limitMs)}`);
      // It may take no notice: that it failed is told now, and it is not started again until it has ended.
      answer({ samples: [], wrong: late.message });
      controller.abort(late);
    });
    // A probe that throws at once fails like one that rejects.
    const measuring = (async () => probe.sample!(controller.signal))();
    const ended = measuring
      .catch((error: unknown): Measurement => ({ samples: [], wrong: messageOf(error) || 'it failed without a reason' }))
      .then((measurement) => {
        this.#running = undefined;
        answer(measurement);
      });
    this.#running = { controller, cancelTimeout, ended };
  }

  #publish({ samples, wrong }: Measurement): void {
    if (this.#closed) return;
    const { name, element } = this.#scheduled;
    const now = this.#context.clock.now();
    let complaint = wrong;
    let { lastAt } = this.#status;
    for (const sample of samples) {
      const unfit = complaintAbout(sample);
      if (unfit !== undefined) {
        complaint ??= unfit;
        continue;
      }
      const { property, value } = sample;
      lastAt = now;
      this.#context.sink({
        kind: 'observation',
        element: sample.element ?? element,
        property,
        value,
        time: sample.time ?? now,
        source: name,
        everyMs: this.#everyMs,
      });
    }
    this.#turn(complaint, lastAt);
  }

  #tell(event: RejectedEvent | AppearedEvent): void {
    if (!this.#closed) this.#context.sink(event);
  }

  /** Tells of a change between failing and working, and of nothing else. */
  #turn(complaint: string | undefined, lastAt: number | null): void {
    const { name, element, state: before } = this.#status;
    const state = complaint === undefined ? 'working' : 'failing';
    this.#status = { ...this.#status, state, reason: complaint ?? '', lastAt };
    if (state !== before) this.#context.sink({ kind: 'probe', probe: name, element, state, reason: complaint ?? 'it measures again' });
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  async #stop(): Promise<void> {
    this.#cancelSlot();
    this.#rejections.close();
    this.#running?.cancelTimeout();
    this.#running?.controller.abort(new HomeostatError('H401', 'the schedule is closing'));
    let cancelGrace: Cancel = () => {};
    const grace = new Promise<void>((resolve) => {
      cancelGrace = this.#context.clock.after(CLOSE_GRACE_MS, resolve);
    });
    const freed = (async () => this.#scheduled.probe.close())();
    await Promise.race([Promise.allSettled([this.#running?.ended, freed]), grace]);
    cancelGrace();
  }
}
