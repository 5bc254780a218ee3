/** The real manager with the real store, bus and executor on a simulated clock: a test says what arrives and how far time goes. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { MemoryBus } from '../../src/bus/memory.ts';
import { SimulatedClock } from '../../src/clock.ts';
import { compile } from '../../src/compile/index.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { Actuator } from '../../src/execute/actuators/actuator.ts';
import { Executor } from '../../src/execute/executor.ts';
import { LmdbStore } from '../../src/knowledge/lmdb.ts';
import type { State } from '../../src/knowledge/state.ts';
import type { Store } from '../../src/knowledge/store.ts';
import { Manager, type ManagerPorts } from '../../src/manager.ts';
import type { Event, JournalEntry, ObservationEvent, Signal, Value } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import { type Given, START, setupOf } from '../step/world.ts';

export interface RigOptions {
  readonly given: Given;
  /** Where the store lies; a folder of its own if not given. */
  readonly folder?: string;
  readonly startAt?: number;
  /** Carries out every command; it succeeds at once if not given. */
  readonly execute?: Actuator['execute'];
  readonly confirmer?: ManagerPorts['confirmer'];
  readonly wrapStore?: (store: Store) => Store;
  /** Told of each step, and of what it took in. */
  readonly onStep?: (result: StepResult, events: readonly Event[]) => void;
  /** After which step no other is made, as if the manager had been killed there. */
  readonly lastStep?: (result: StepResult) => boolean;
}

export class Rig {
  readonly clock: SimulatedClock;
  readonly folder: string;
  readonly store: LmdbStore;
  readonly bus: MemoryBus;
  readonly manager: Manager;
  readonly executor: Executor;
  readonly steps: StepResult[] = [];
  readonly journal: JournalEntry[] = [];
  /** Ids of the commands that came to the actuator. */
  readonly executed: string[] = [];
  readonly logged: string[] = [];
  #busy = 0;

  constructor({
    given,
    folder,
    startAt = START,
    execute,
    confirmer = new Confirmer(),
    wrapStore = (store) => store,
    onStep,
    lastStep,
  }: RigOptions) {
    const setup = setupOf(given);
    const { findings } = compile(setup, 'homeostat.json');
    if (findings.errors > 0) throw new Error(JSON.stringify(findings.list, null, 1));
    this.folder = folder ?? realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-manager-')));
    this.clock = new SimulatedClock(startAt);
    this.store = new LmdbStore({ folder: join(this.folder, 'kept'), journalEntries: 1_000_000, inputBytes: 1e9, historyMs: 86_400_000 });
    this.bus = new MemoryBus(setup.limits);
    const log = pino({ level: 'warn' }, { write: (line: string) => this.logged.push((JSON.parse(line) as { msg: string }).msg) });
    const actuator: Actuator = {
      execute: async (order, signal) => {
        this.executed.push(order.command.id);
        return execute?.(order, signal) ?? { status: 'succeeded', detail: '' };
      },
      inquire: async () => undefined,
      close: async () => {},
    };
    this.executor = new Executor({
      actuators: new Map([['log', actuator]]),
      bindingOf: ({ command }) => ({ actuator: 'log', operation: command, idempotent: false, retries: 0, backoffMs: 100 }),
      clock: this.clock,
      random: () => 0.5,
      emit: (event) => void this.bus.signal(event),
      log,
    });
    const kept = wrapStore(this.store);
    this.manager = new Manager(
      {
        clock: this.clock,
        store: {
          load: () => kept.load(),
          withheld: () => kept.withheld(),
          commit: (transaction) => this.#during(kept.commit(transaction)),
          flushed: () => this.#during(kept.flushed()),
          close: () => kept.close(),
        },
        bus: this.bus,
        confirmer: { disagreement: (policy, firing) => this.#during(confirmer.disagreement(policy, firing)) },
        sender: this.executor,
        log,
        paceMs: 5,
        onStep: (result, _state, events) => {
          onStep?.(result, events);
          this.steps.push(result);
          this.journal.push(...result.journal);
          if (lastStep?.(result) === true) void this.manager.stop();
        },
      },
      kept.load() as State,
    );
    this.manager.start(JSON.stringify(setup));
  }

  /** Lets time go on, and waits for all that is done in it. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.#quiet();
    for (let next = this.clock.nextAlarm(); next !== undefined && next <= end; next = this.clock.nextAlarm()) {
      this.clock.advanceTo(Math.max(next, this.clock.now()));
      await this.#quiet();
    }
    this.clock.advanceTo(end);
    await this.#quiet();
  }

  /** Something arrives, and is dealt with. */
  async tell(...events: Event[]): Promise<void> {
    for (const event of events) this.put(event);
    await this.run(20);
  }

  /** Something arrives. */
  put(event: Event): void {
    if (event.kind === 'observation') this.bus.observe(event as ObservationEvent);
    else this.bus.signal(event as Signal);
  }

  /** A value that is measured now. */
  seen(element: string, property: string, value: Value): Event {
    return { kind: 'observation', element, property, value, time: this.clock.now(), source: 'probe', everyMs: 1_000 };
  }

  kinds(kind: JournalEntry['kind']): JournalEntry[] {
    return this.journal.filter((entry) => entry.kind === kind);
  }

  /** Ends it as a kill would: nothing is finished, nothing is told; the folder stays. */
  async kill(): Promise<void> {
    await this.manager.stop();
    const closed = this.executor.close(0);
    this.clock.advanceTo(this.clock.now() + 1);
    await closed;
    await this.store.close();
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work;
    } finally {
      this.#busy--;
    }
  }

  /** What is under way outside the simulated time is over: the store and the second evaluator have answered. */
  async #quiet(): Promise<void> {
    for (let turns = 0; turns < 4; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#busy > 0) turns = 0;
    }
  }
}
