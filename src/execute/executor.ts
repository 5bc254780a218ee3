/**
 * Carries out committed commands: sends each to its actuator, tries again what may be tried again, and tells exactly one outcome of each. It decides
 * nothing and keeps nothing: what is in flight is in the state, and `recover` takes it up again after a restart.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Command, OutcomeEvent, WithheldEvent } from '../messages.ts';
import type { Actuator, Order, Result } from './actuators/actuator.ts';
import { failureOf } from './actuators/results.ts';
import { type Answer, askInTime } from './executor-attempt.ts';
import { type Binding, backoffMs, type Job, mayRetry, outcomeEvent } from './executor-job.ts';

export type { Binding } from './executor-job.ts';

export interface ExecutorLimits {
  /** Attempts that one actuator has at a time; more wait their turn. */
  readonly attemptsPerActuator: number;
  /** How long after its deadline an actuator may still say what it has done, ms. */
  readonly lastWordMs: number;
  /** How long an actuator may take to say what came of a command of an earlier life, ms. */
  readonly inquireMs: number;
  /** Ids of commands that have an outcome and are not carried out when they come again. */
  readonly remembered: number;
}

export const EXECUTOR_LIMITS: ExecutorLimits = { attemptsPerActuator: 16, lastWordMs: 500, inquireMs: 10_000, remembered: 10_000 };

export interface ExecutorPorts {
  readonly actuators: ReadonlyMap<string, Actuator>;
  /** How a command is carried out; undefined: its type does not say any more. */
  readonly bindingOf: (command: Command) => Binding | undefined;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly emit: (event: OutcomeEvent | WithheldEvent) => void;
  readonly log: Logger;
  readonly limits?: Partial<ExecutorLimits>;
}

export interface ExecutorCounts {
  readonly waiting: number;
  readonly running: number;
  /** Attempts that were given up and have not ended yet. */
  readonly leftBehind: number;
}

/** The places of one actuator. */
interface Lane {
  running: number;
  readonly queue: Job[];
}

export class Executor {
  readonly #ports: ExecutorPorts;
  readonly #limits: ExecutorLimits;
  readonly #jobs = new Map<string, Job>();
  readonly #lanes = new Map<string, Lane>();
  readonly #finished = new Set<string>();
  #term = Number.NEGATIVE_INFINITY;
  #leftBehind = 0;
  #held: string | undefined;
  #phase: 'open' | 'closing' | 'closed' = 'open';
  #idle: () => void = () => {};

  constructor(ports: ExecutorPorts) {
    this.#ports = ports;
    this.#limits = { ...EXECUTOR_LIMITS, ...ports.limits };
  }

  /**
   * Takes a command that is committed and flushed. The same id again does nothing. One of a lower term than was seen before comes from a manager
   * that has been replaced, and is refused.
   */
  dispatch(command: Command): void {
    if (this.#isKnown(command)) return;
    if (command.term < this.#term) {
      this.#tell(command, refusal(`its term ${command.term} is over: ${this.#term} has begun`));
      return;
    }
    this.#term = command.term;
    this.#accept(command, { ask: false, begun: false });
  }

  /**
   * Takes up the commands that an earlier life left without outcome; they are carried out under the new term. Its actuator is asked first. Where it
   * cannot tell, an idempotent command is sent again, and of another one the outcome is unknown.
   */
  recover(commands: readonly Command[], term: number): void {
    this.#term = Math.max(this.#term, term);
    for (const old of commands) {
      const command = { ...old, term: this.#term };
      if (!this.#isKnown(command)) this.#accept(command, { ask: true, begun: true });
    }
  }

  /**
   * The emergency stop, until `release`: nothing that waits, or comes, is sent. What was never attempted is told as withheld; what waited for another
   * attempt has failed as its last one did. Attempts that run go on. Calling it again does nothing.
   */
  withhold(detail: string): void {
    this.#held ??= detail;
    for (const job of [...this.#jobs.values()]) if (job.phase !== 'running' && !job.ask) this.#keepBack(job);
  }

  /** Ends the emergency stop. What was withheld stays so. */
  release(): void {
    this.#held = undefined;
  }

  counts(): ExecutorCounts {
    const running = [...this.#jobs.values()].filter((job) => job.phase === 'running').length;
    return { waiting: this.#jobs.size - running, running, leftBehind: this.#leftBehind };
  }

  /**
   * Sends nothing more, waits for the attempts that run, and tells nothing after it has resolved. What has no outcome by then is found again
   * by `recover`. Resolves to the number of attempts that still run.
   */
  async close(graceMs: number): Promise<number> {
    this.#phase = 'closing';
    for (const job of [...this.#jobs.values()]) if (job.phase !== 'running') this.#forget(job);
    if (this.#jobs.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#ports.clock.after(graceMs, resolve);
        this.#idle = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#phase = 'closed';
    return this.#jobs.size;
  }

  #isKnown({ id }: Command): boolean {
    return this.#phase !== 'open' || this.#jobs.has(id) || this.#finished.has(id);
  }

  #accept(command: Command, { ask, begun }: Pick<Job, 'ask' | 'begun'>): void {
    const binding = this.#ports.bindingOf(command);
    const actuator = binding && this.#ports.actuators.get(binding.actuator);
    if (!binding || !actuator) {
      const detail = `there is no actuator ${binding?.actuator ?? command.actuator} for it`;
      this.#tell(command, begun ? { status: 'unknown', detail } : refusal(detail));
      return;
    }
    const job: Job = { command, binding, actuator, phase: 'waiting', ask, begun, attempts: 0, last: undefined, timers: new Set() };
    this.#jobs.set(command.id, job);
    if (ask && !actuator.inquire) this.#cannotTell(job, 'its actuator cannot be asked what came of it');
    else this.#queue(job);
  }

  /** Puts a command in the queue of its actuator, and takes it out when its deadline passes there. */
  #queue(job: Job): void {
    if (this.#held !== undefined && !job.ask) {
      this.#keepBack(job);
      return;
    }
    const left = job.command.deadlineAt - this.#ports.clock.now();
    if (left <= 0 && !job.ask) {
      this.#finish(job, overdue(job));
      return;
    }
    job.phase = 'waiting';
    const lane = this.#laneOf(job);
    lane.queue.push(job);
    if (!job.ask) this.#alarm(job, left, () => this.#finish(job, overdue(job)));
    this.#pump(lane);
  }

  #laneOf(job: Job): Lane {
    const name = job.binding.actuator;
    const lane = this.#lanes.get(name) ?? { running: 0, queue: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  #pump(lane: Lane): void {
    while (lane.running < this.#limits.attemptsPerActuator) {
      const job = lane.queue.shift();
      if (!job) return;
      this.#stopTimers(job);
      job.phase = 'running';
      lane.running++;
      this.#run(job).then(() => {
        lane.running--;
        this.#pump(lane);
        if (this.#jobs.size === 0) this.#idle();
      });
    }
  }

  async #run(job: Job): Promise<void> {
    if (job.ask) return this.#inquired(job, await this.#inquire(job));
    job.begun = true;
    job.attempts++;
    const answer = await this.#ask(job, job.command.deadlineAt, (signal) => job.actuator.execute(orderOf(job), signal));
    this.#attempted(job, resultOf(answer));
  }

  #inquire(job: Job): Promise<Answer<Result | undefined>> {
    const until = this.#ports.clock.now() + this.#limits.inquireMs;
    return this.#ask(job, until, async (signal) => job.actuator.inquire?.(orderOf(job), signal));
  }

  #ask<T>(job: Job, deadlineAt: number, ask: (signal: AbortSignal) => Promise<T>): Promise<Answer<T>> {
    const { clock, log } = this.#ports;
    return askInTime(ask, { clock, deadlineAt, lastWordMs: this.#limits.lastWordMs }, (promise) => {
      this.#leftBehind++;
      log.warn({ command: job.command.id, actuator: job.binding.actuator }, 'an actuator did not answer and is left behind');
      const settled = () => {
        this.#leftBehind--;
      };
      promise.then(settled, settled);
    });
  }

  #inquired(job: Job, answer: Answer<Result | undefined>): void {
    job.ask = false;
    if (answer.kind === 'answer' && answer.value) {
      this.#finish(job, answer.value);
      return;
    }
    if (this.#phase !== 'open') {
      this.#forget(job);
      return;
    }
    if (answer.kind === 'answer') {
      job.begun = false;
      this.#queue(job);
      return;
    }
    const reason = answer.kind === 'failure' ? failureOf(answer.thrown).detail : 'its actuator did not say what came of it';
    this.#cannotTell(job, reason);
  }

  #cannotTell(job: Job, reason: string): void {
    job.ask = false;
    job.last = { status: 'unknown', detail: `it was attempted before a restart, and ${reason}` };
    if (job.binding.idempotent) this.#queue(job);
    else this.#finish(job, job.last);
  }

  #attempted(job: Job, result: Result): void {
    if (!mayRetry(job, result)) {
      this.#finish(job, result);
      return;
    }
    // Its next life asks what came of it, and goes on.
    if (this.#phase !== 'open') {
      this.#forget(job);
      return;
    }
    job.last = result;
    if (this.#held !== undefined) {
      this.#keepBack(job);
      return;
    }
    const { clock, random, log } = this.#ports;
    const pauseMs = Math.max(backoffMs(job.binding, job.attempts, random()), result.retryAfterMs ?? 0);
    if (clock.now() + pauseMs >= job.command.deadlineAt) {
      this.#finish(job, { ...result, detail: `${result.detail}; no time for another attempt before the deadline` });
      return;
    }
    job.phase = 'backoff';
    log.info({ command: job.command.id, attempt: job.attempts, pauseMs, detail: result.detail }, 'an attempt failed and will be repeated');
    this.#alarm(job, pauseMs, () => this.#queue(job));
  }

  #keepBack(job: Job): void {
    const detail = this.#held ?? '';
    if (job.begun) {
      const last = job.last ?? { status: 'unknown', detail: 'it was attempted before a restart' };
      this.#finish(job, { ...last, detail: `${last.detail}; not tried again: ${detail}` });
      return;
    }
    this.#forget(job);
    this.#remember(job.command);
    this.#emit({ kind: 'withheld', command: job.command.id, cause: 'paused', detail });
  }

  #finish(job: Job, result: Result): void {
    this.#forget(job);
    this.#tell(job.command, result, job.attempts);
  }

  #forget(job: Job): void {
    this.#stopTimers(job);
    this.#jobs.delete(job.command.id);
    const { queue } = this.#laneOf(job);
    const at = queue.indexOf(job);
    if (at >= 0) queue.splice(at, 1);
  }

  #tell(command: Command, result: Result, attempts = 0): void {
    this.#remember(command);
    this.#emit(outcomeEvent(command, result, attempts));
  }

  #remember({ id }: Command): void {
    this.#finished.add(id);
    if (this.#finished.size <= this.#limits.remembered) return;
    for (const oldest of this.#finished) {
      this.#finished.delete(oldest);
      return;
    }
  }

  #emit(event: OutcomeEvent | WithheldEvent): void {
    if (this.#phase !== 'closed') this.#ports.emit(event);
  }

  #alarm(job: Job, ms: number, then: () => void): void {
    const cancel = this.#ports.clock.after(ms, () => {
      job.timers.delete(cancel);
      then();
    });
    job.timers.add(cancel);
  }

  #stopTimers(job: Job): void {
    for (const cancel of job.timers) cancel();
    job.timers.clear();
  }
}

const refusal = (detail: string): Result => ({ status: 'failed', detail });

const orderOf = ({ command, binding }: Job): Order => ({ command, operation: binding.operation });

/** A command whose deadline passed while it waited: never sent, or not again. */
function overdue({ begun, last }: Job): Result {
  if (!begun) return { status: 'timedOut', detail: 'its deadline passed before it could be sent' };
  return {
    ...last,
    status: 'timedOut',
    detail: `its deadline passed before it could be sent again; before: ${last?.detail ?? 'nothing is known'}`,
  };
}

/** What an attempt came to. After its deadline only success stands; what else was said of it is told as timed out, with what was done until then. */
function resultOf(answer: Answer<Result>): Result {
  if (answer.kind === 'silence') return { status: 'timedOut', detail: 'the actuator did not answer, not even when it was told to stop' };
  const result = answer.kind === 'answer' ? answer.value : failureOf(answer.thrown);
  return answer.late && result.status !== 'succeeded' ? { ...result, status: 'timedOut', retryable: false } : result;
}
