/**
 * The shell around the step: it takes what has come, steps once, stores, then sends the commands. It decides nothing.
 *
 *   bus → step → confirm → commit → flush → executor → bus
 */
import type { Logger } from 'pino';
import type { Words } from './analyze/operators.ts';
import type { Batch, Inbox } from './bus/bus.ts';
import type { Cancel, Clock } from './clock.ts';
import type { Confirmer } from './confirm.ts';
import { messageOf } from './errors.ts';
import { Derived } from './knowledge/derived.ts';
import type { State } from './knowledge/state.ts';
import type { Store, Withheld } from './knowledge/store.ts';
import { policyOn } from './knowledge/trials.ts';
import { Fenced } from './log/log.ts';
import type { Command, Event, Signal } from './messages.ts';
import { leftBy, type Sender, Sending } from './sending.ts';
import { type StepResult, step } from './step.ts';

/** How long the shell waits before it tries to store again, ms. */
const STORE_RETRY_MS = 500;
/** A wall clock that moves by more than this against ours has jumped, ms. */
const CLOCK_JUMP_MS = 2_000;

export interface ManagerPorts {
  readonly clock: Clock;
  readonly store: Store;
  readonly bus: Inbox;
  readonly confirmer: Pick<Confirmer, 'disagreement'>;
  /** The operators and decorators that conditions may use; the built-in ones if not given. */
  readonly words?: Words;
  readonly sender: Sender;
  readonly log: Logger;
  /** How long telemetry may wait for more to come, ms. */
  readonly paceMs: number;
  /** Told of each step once it is committed, and of what it took in. */
  readonly onStep?: (result: StepResult, state: State, events: readonly Event[]) => void;
  /** Told when another has taken this state over: nothing is stepped any more. */
  readonly onFenced?: (reason: Error) => void;
}

export interface ManagerHealth {
  /** Why steps cannot be stored now; null: they can. */
  readonly storeFailure: string | null;
  readonly stepping: boolean;
  /** How long the last step took to decide, and to commit, ms. */
  readonly decideMs: number;
  readonly commitMs: number;
}

export class Manager {
  readonly #ports: ManagerPorts;
  readonly #sending: Sending;
  #state: State;
  #derived: Derived;
  #phase: 'new' | 'running' | 'stopped' = 'new';
  #cycle: Promise<void> | undefined;
  #wake: { readonly at: number; readonly cancel: Cancel } | undefined;
  /** Batches of one event each, of a batch that made the step fail: they are stepped one by one, so that the others are not lost with the one. */
  #suspects: Batch[] = [];
  /** Commands that the last life left without outcome, until this life has taken them up. */
  #left: readonly Command[] = [];
  /** Committed as withheld, and not yet an event of a later step: said again with each step until it is. */
  #withheld: readonly Withheld[] = [];
  /** What is in memory was never stored, and could not be read again yet: nothing may be stepped from it. */
  #spoilt = false;
  /** When the last step began; that of telemetry or a timer begins no sooner than a pace after it. */
  #began = Number.NEGATIVE_INFINITY;
  /** Telemetry has come since, and its step is on its way. */
  #expected = false;
  #wallOffset: number;
  #health: ManagerHealth = { storeFailure: null, stepping: false, decideMs: 0, commitMs: 0 };

  /** `state`: as the store holds it. */
  constructor(ports: ManagerPorts, state: State) {
    this.#ports = ports;
    this.#state = state;
    this.#derived = new Derived(this.#state, this.#ports.words);
    this.#sending = new Sending(ports.store, ports.sender, (thrown) => this.#failed('could not flush', thrown));
    this.#wallOffset = ports.clock.wall() - ports.clock.now();
  }

  /** The state as of the last step. To look at, not to change. */
  get state(): State {
    return this.#state;
  }

  get derived(): Derived {
    return this.#derived;
  }

  get health(): ManagerHealth {
    return this.#health;
  }

  /** Takes up what the last life left, and begins to step. `document`: the configuration to come into force, as text. */
  start(document: string): void {
    this.#phase = 'running';
    const { bus, store, clock } = this.#ports;
    bus.onArrival = (kind) => {
      if (kind === 'signal') return this.#schedule(clock.now());
      if (this.#expected) return;
      this.#expected = true;
      this.#schedule(this.#paced(clock.now()));
    };
    const left = store.withheld();
    this.#withheld = left;
    for (const withheld of left) this.#signal(withheldEvent(withheld));
    this.#signal({ kind: 'started', wall: clock.wall() });
    this.#signal({ kind: 'configured', document });
    this.#left = leftBy(this.#state, new Set(left.map((w) => w.command)));
  }

  /** Brings another configuration into force with the next step. */
  configure(document: string): void {
    this.#signal({ kind: 'configured', document });
  }

  /** Stops stepping when the step under way is stored and its commands are handed over. */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#wake?.cancel();
    this.#wake = undefined;
    await this.#cycle;
    await this.#sending.settled();
  }

  /** A signal of our own: the queue keeps places for them, because it is asked before anything else is let in. */
  #signal(signal: Signal): void {
    if (!this.#ports.bus.signal(signal)) this.#ports.log.error({ signal: signal.kind }, 'the queue of signals is full');
  }

  #schedule(at: number): void {
    if (this.#phase !== 'running' || this.#cycle !== undefined) return;
    if (this.#wake !== undefined && this.#wake.at <= at) return;
    this.#wake?.cancel();
    const cancel = this.#ports.clock.after(at - this.#ports.clock.now(), () => {
      this.#wake = undefined;
      // It is under way before it runs: a signal that it gives itself must not begin a second one beside it.
      this.#cycle = Promise.resolve()
        .then(() => this.#run())
        .finally(() => {
          this.#cycle = undefined;
          this.#scheduleNext();
        });
    });
    this.#wake = { at, cancel };
  }

  /** An instant, put off until a pace after the last step began: so one step takes what came meanwhile, and what comes alone need not wait. */
  #paced(at: number): number {
    return Math.max(at, this.#began + this.#ports.paceMs);
  }

  /** The next step: at once for signals, paced for telemetry and timers, later after a failure. */
  #scheduleNext(): void {
    const { bus, clock } = this.#ports;
    const now = clock.now();
    if (this.#health.storeFailure !== null) return this.#schedule(now + STORE_RETRY_MS);
    if (bus.waiting.signals > 0 || this.#suspects.length > 0) return this.#schedule(now);
    if (bus.waiting.telemetry > 0) return this.#schedule(this.#paced(now));
    const due = this.#state.nextDue();
    if (due !== null) this.#schedule(this.#paced(due));
  }

  async #run(): Promise<void> {
    const { bus, clock, log } = this.#ports;
    if (this.#spoilt && !(await this.#forget())) return;
    this.#watchWallClock();
    this.#expected = false;
    const suspect = this.#suspects.shift();
    const batch = suspect ?? bus.take();
    const began = clock.now();
    this.#began = began;
    const now = Math.max(began, this.#state.position.now);
    let result: StepResult;
    try {
      result = step(this.#state, this.#derived, batch.events, now);
    } catch (thrown) {
      await this.#distrust(batch, thrown);
      return;
    }
    const decided = clock.now();
    const unconfirmed = await this.#confirm(result);
    const withheld = [...this.#withheld.filter(({ command }) => !isToldIn(batch.events, command)), ...unconfirmed];
    const held = new Set(unconfirmed.map((w) => w.command));
    const commands = result.commands.filter((command) => !held.has(command.id));
    try {
      await this.#ports.store.commit({
        step: result.step,
        now,
        events: batch.events,
        hash: result.hash,
        withheld,
        changes: result.changes,
        journal: result.journal,
        readings: result.readings,
        commands,
        ...(batch.upTo === undefined ? {} : { upTo: batch.upTo }),
      });
    } catch (thrown) {
      if (thrown instanceof Fenced) return this.#fenced(thrown);
      this.#failed('a step could not be stored; its events wait', thrown);
      await this.#forget();
      if (suspect === undefined) bus.putBack(batch);
      else this.#suspects.unshift(suspect);
      return;
    }
    if (this.#health.storeFailure !== null) log.info({ step: result.step }, 'steps are stored again');
    this.#health = { storeFailure: null, stepping: true, decideMs: decided - began, commitMs: clock.now() - decided };
    if (batch.events.some((event) => event.kind === 'started')) this.#sending.recover(this.#left, this.#state.position.term);
    this.#withheld = withheld;
    this.#sending.send(commands);
    for (const one of unconfirmed) this.#signal(withheldEvent(one));
    this.#ports.onStep?.(result, this.#state, batch.events);
  }

  /** Commands whose firing json-rules-engine does not confirm are committed as withheld. */
  async #confirm(result: StepResult): Promise<Withheld[]> {
    const withheld: Withheld[] = [];
    for (const firing of result.firings) {
      const policy = policyOn(this.#state, this.#derived.blueprint, firing.policy, firing.element);
      const detail = policy === undefined ? undefined : await this.#ports.confirmer.disagreement(policy, firing);
      if (detail !== undefined)
        for (const command of firing.commands) {
          // A merged command is in the firings of all whom it serves; one that is not confirmed is enough.
          if (withheld.some((one) => one.command === command)) continue;
          withheld.push({ command, detail, policy: firing.policy });
        }
    }
    return withheld;
  }

  /** The step threw, which no input should make it do: its half-changed memory is thrown away, and the events are tried one by one. */
  async #distrust({ events, upTo }: Batch, thrown: unknown): Promise<void> {
    this.#ports.log.error({ err: thrown, events: events.length }, 'a step failed');
    await this.#forget();
    const [only] = events;
    // The batch is done with its last event.
    const alone = (event: Event, i: number): Batch => ({
      events: [event],
      more: true,
      ...(upTo && i === events.length - 1 ? { upTo } : {}),
    });
    if (events.length > 1) this.#suspects = [...events.map(alone), ...this.#suspects];
    else if (only !== undefined && only.kind !== 'rejected') {
      const reason = `the step failed on it: ${messageOf(thrown)}`;
      this.#suspects.unshift(alone({ kind: 'rejected', source: 'step', reason, excerpt: JSON.stringify(only).slice(0, 500) }, 0));
    }
    if (only === undefined) this.#health = { ...this.#health, storeFailure: `the step fails without any event: ${messageOf(thrown)}` };
  }

  #failed(message: string, thrown: unknown): void {
    this.#ports.log.error({ err: thrown }, message);
    this.#health = { ...this.#health, storeFailure: messageOf(thrown) };
  }

  #fenced(reason: Error): void {
    this.#phase = 'stopped';
    this.#ports.log.warn({ reason: reason.message }, 'another manager has taken over');
    this.#ports.onFenced?.(reason);
  }

  /** Reads the state again as it is stored, now or, if that fails, before the next step. False: it could not be read. */
  async #forget(): Promise<boolean> {
    try {
      this.#state = await this.#ports.store.load();
      this.#derived = new Derived(this.#state, this.#ports.words);
      this.#spoilt = false;
    } catch (thrown) {
      this.#failed('the stored state cannot be read', thrown);
      this.#spoilt = true;
    }
    return !this.#spoilt;
  }

  /** A wall clock that jumps is recorded; ours goes on as before (exact rule 1). */
  #watchWallClock(): void {
    const { clock } = this.#ports;
    const wall = clock.wall();
    const offset = wall - clock.now();
    const jumpMs = offset - this.#wallOffset;
    // What a time server, or our own clock, makes good little by little is no jump.
    this.#wallOffset = offset;
    if (Math.abs(jumpMs) <= CLOCK_JUMP_MS) return;
    this.#signal({ kind: 'clockJumped', wall, jumpMs });
  }
}

const isToldIn = (events: readonly Event[], command: string): boolean =>
  events.some((event) => event.kind === 'withheld' && event.command === command);

const withheldEvent = (withheld: Withheld): Signal => ({ kind: 'withheld', cause: 'disagreement', ...withheld });
