/** A cluster on a log in memory and a simulated clock: processes with managers, an agent and a router, which a test starts, freezes and kills. */
import pino from 'pino';
import { following, SimulatedClock } from '../../src/clock.ts';
import { compile } from '../../src/compile/index.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { ProbeDocument } from '../../src/documents/manager.ts';
import type { Actuator, Order, Result } from '../../src/execute/actuators/actuator.ts';
import { succeeded } from '../../src/execute/actuators/results.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import type { Log } from '../../src/log/log.ts';
import type { JournalEntry, Observation, OutcomeEvent } from '../../src/messages.ts';
import { LEAD_LIMIT_MS } from '../../src/monitor/intake.ts';
import { placeOfProbe } from '../../src/places.ts';
import { Agent } from '../../src/services/agent.ts';
import type { LocalStore } from '../../src/services/log-store.ts';
import { Managers } from '../../src/services/managers.ts';
import { Router } from '../../src/services/router.ts';
import { topicNames, topicSpecs } from '../../src/services/topics.ts';
import {
  decodeAttempt,
  decodeEntry,
  decodeOrder,
  decodeSignal,
  decodeStep,
  encodeOrder,
  type StepEntry,
  type Order as WireOrder,
} from '../../src/services/wire.ts';
import type { StepResult } from '../../src/step.ts';
import { type BrokerOptions, directLink, MemoryBroker } from '../log/memory.ts';
import { type Given, setupOf } from '../step/world.ts';

export const START = 1_700_000_000_000;
export const SESSION_MS = 6_000;
export const PARTITIONS = 4;
export const NAMES = topicNames('test');

/** What happened at the elements: what was done, by whom, for which command. */
export interface Done {
  readonly by: string;
  readonly order: Order;
  readonly at: number;
}

/** What a process is, beside its name. */
export interface Being {
  readonly locals?: (partition: number) => LocalStore | undefined;
  readonly places?: readonly string[];
  readonly agentsOnly?: boolean;
  /** How far its clock is ahead of its wall clock, which is right. */
  readonly aheadMs?: number;
}

/** A process: it can be frozen, so that nothing of it moves, and killed, so that nothing ever does again. */
export class Process {
  readonly name: string;
  readonly log: Log;
  readonly clock: FrozenClock;
  readonly managers: Managers;
  readonly agents: readonly Agent[];
  readonly router: Router;
  readonly steps: { readonly partition: number; readonly result: StepResult }[] = [];
  readonly #link: FrozenLink;
  readonly #agentsOnly: boolean;

  constructor(
    name: string,
    cluster: Cluster,
    setup: Setup,
    { locals = () => undefined, places = ['default'], agentsOnly = false, aheadMs = 0 }: Being,
  ) {
    this.#agentsOnly = agentsOnly;
    this.name = name;
    this.clock = new FrozenClock(cluster.clock, 0, aheadMs);
    this.#link = new FrozenLink(this.clock);
    this.log = cluster.broker.open(name, this.#link);
    const shared = {
      log: this.log,
      names: NAMES,
      cluster: 'test',
      partitions: PARTITIONS,
      sessionMs: SESSION_MS,
      clock: this.clock,
      logger: cluster.logger,
    };
    this.managers = new Managers({
      ...shared,
      setup,
      paceMs: 2,
      confirmer: new Confirmer(),
      clockFrom: (notBefore) => this.clock.from(notBefore),
      agentProperties: new Set(),
      placeOf: (actuator) => cluster.actuators[actuator] ?? 'default',
      random: () => 0.5,
      localOf: locals,
      onStep: (partition, result) => this.steps.push({ partition, result }),
    });
    const { blueprint } = compile(setup, 'test');
    this.agents = places.map(
      (place) =>
        new Agent({
          ...shared,
          stamps: following(shared.clock, LEAD_LIMIT_MS),
          place,
          random: () => 0.5,
          probes: cluster.probes.filter((probe) => placeOfProbe(probe) === place),
          elsewhere: new Set(cluster.probes.filter((probe) => placeOfProbe(probe) !== place).map((probe) => probe.name)),
          directory: '.',
          environment: {},
          mqtt: () => {
            throw new Error('there is no MQTT here');
          },
          blueprint: () => blueprint,
          actuators: () =>
            new Map(
              Object.entries(cluster.actuators).flatMap(([actuator, at]) =>
                at === place ? [[actuator, cluster.actuatorFor(this)] as const] : [],
              ),
            ),
          queue: 10_000,
        }),
    );
    this.router = new Router(shared);
  }

  /** The first of its agents. */
  get agent(): Agent {
    return this.agents[0]!;
  }

  async start(): Promise<void> {
    if (!this.#agentsOnly) await this.managers.start();
    for (const agent of this.agents) await agent.start();
    if (!this.#agentsOnly) await this.router.start();
  }

  async stop(): Promise<void> {
    if (!this.#agentsOnly) {
      await this.router.stop();
      await this.managers.stop();
    }
    for (const agent of this.agents) await agent.stop(1_000);
    await this.log.close();
  }

  freeze(): void {
    this.clock.frozen = true;
  }

  thaw(): void {
    this.clock.thaw();
  }

  /** It is gone, in the middle of whatever it did. */
  kill(): void {
    this.clock.frozen = true;
    this.clock.dead = true;
  }
}

/** A clock whose alarms wait while it is frozen. */
class FrozenClock {
  readonly #clock: SimulatedClock;
  readonly #notBefore: number;
  readonly #aheadMs: number;
  readonly #shared: { frozen: boolean; dead: boolean; waiting: (() => void)[] };

  constructor(clock: SimulatedClock, notBefore = 0, aheadMs = 0, shared = { frozen: false, dead: false, waiting: [] as (() => void)[] }) {
    this.#clock = clock;
    this.#notBefore = notBefore;
    this.#aheadMs = aheadMs;
    this.#shared = shared;
  }

  from(notBefore: number): FrozenClock {
    return new FrozenClock(this.#clock, notBefore, this.#aheadMs, this.#shared);
  }

  set frozen(frozen: boolean) {
    this.#shared.frozen = frozen;
  }

  set dead(dead: boolean) {
    this.#shared.dead = dead;
  }

  now(): number {
    return Math.max(this.#notBefore, this.#clock.now() + this.#aheadMs);
  }

  wall(): number {
    return this.#clock.now();
  }

  after(ms: number, then: () => void): () => void {
    let cancelled = false;
    const cancel = this.#clock.after(ms, () => this.run(() => !cancelled && then()));
    return () => {
      cancelled = true;
      cancel();
    };
  }

  run(then: () => void): void {
    if (this.#shared.frozen) this.#shared.waiting.push(then);
    else then();
  }

  thaw(): void {
    if (this.#shared.dead) return;
    this.#shared.frozen = false;
    const waiting = this.#shared.waiting;
    this.#shared.waiting = [];
    for (const then of waiting) then();
  }
}

/** A line on which answers wait while the process is frozen. */
class FrozenLink {
  readonly clock: FrozenClock;
  constructor(clock: FrozenClock) {
    this.clock = clock;
  }
  there(): number {
    return 1;
  }
  back(): number {
    return 1;
  }
  arrive(_kind: unknown, then: () => void): void {
    this.clock.run(then);
  }
}

export interface ClusterOptions extends Omit<BrokerOptions, 'clock'> {
  /** The place of each actuator. */
  readonly actuators?: Readonly<Record<string, string>>;
  readonly probes?: readonly ProbeDocument[];
}

export class Cluster {
  readonly clock = new SimulatedClock(START);
  readonly broker: MemoryBroker;
  readonly done: Done[] = [];
  readonly logger = pino({ level: process.env.LOG ?? 'silent' });
  readonly setup: Setup;
  /** The place of each actuator. */
  readonly actuators: Readonly<Record<string, string>>;
  readonly probes: readonly ProbeDocument[];
  readonly #outside: Log;
  /** Carries out what processes are told to; it succeeds at once if not given. */
  execute: (order: Order) => Promise<Result> = async () => succeeded('done');
  #running = true;

  constructor(given: Given, { actuators = { hand: 'default' }, probes = [], ...options }: ClusterOptions = {}) {
    this.actuators = actuators;
    this.probes = probes;
    this.broker = new MemoryBroker({ clock: this.clock, ...options });
    this.setup = { ...setupOf(given), probes: probes.map(({ name }) => name) };
    this.#outside = this.broker.open('outside', directLink(this.clock));
    const turn = (): void => {
      if (!this.#running) return;
      if (this.#until !== undefined) {
        const next = this.clock.nextAlarm();
        if (next !== undefined && next <= this.#until.at) this.clock.advanceTo(next);
        else {
          this.clock.advanceTo(this.#until.at);
          const { then } = this.#until;
          this.#until = undefined;
          then();
        }
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  #until: { readonly at: number; readonly then: () => void } | undefined;

  async begin(): Promise<void> {
    await this.during(this.#outside.create(topicSpecs('test', PARTITIONS)));
  }

  /** Lets time go on for so long. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#until = { at: this.clock.now() + ms, then: resolve };
    });
  }

  /** Lets time go on until a promise settles. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const settled = promise.finally(() => {
      over = true;
    });
    settled.catch(() => {});
    for (let i = 0; i < 100_000 && !over; i++) await this.pass(5);
    return settled;
  }

  async process(name: string, being: Being = {}): Promise<Process> {
    const made = new Process(name, this, this.setup, being);
    await this.during(made.start());
    return made;
  }

  actuatorFor(by: Process): Actuator {
    return {
      execute: async (order) => {
        this.done.push({ by: by.name, order, at: this.clock.now() });
        return this.execute(order);
      },
      close: async () => {},
    };
  }

  /** Writes to the intake, as an outsider does. */
  async intake(...observations: (Omit<Observation, 'source' | 'time'> & Partial<Observation>)[]): Promise<void> {
    const writer = await this.during(this.#outside.writer());
    const full = observations.map((o) => ({ source: 'outside', time: this.clock.now(), ...o }));
    await this.during(writer.write([{ topic: NAMES.intake, partition: 0, key: null, value: JSON.stringify(full) }]));
  }

  /** Tells all agents something, as the API does at the emergency stop. */
  async order(order: WireOrder): Promise<void> {
    const writer = await this.during(this.#outside.writer());
    const value = encodeOrder(order);
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await this.during(writer.write(partitions.map((partition) => ({ topic: NAMES.commands, partition, key: null, value }))));
  }

  async #read<T>(topic: string, decode: (text: string) => T): Promise<{ partition: number; offset: number; value: T }[]> {
    const all: { partition: number; offset: number; value: T }[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++)
      await this.during(
        this.#outside.read(topic, partition, 0, (records) => {
          for (const { value, offset } of records) if (value !== null) all.push({ partition, offset, value: decode(value) });
        }),
      );
    return all;
  }

  async journal(): Promise<JournalEntry[]> {
    return (await this.#read(NAMES.journal, decodeEntry)).map(({ value }) => value);
  }

  async steps(): Promise<{ partition: number; value: StepEntry }[]> {
    return this.#read(NAMES.steps, decodeStep);
  }

  async commands(): Promise<string[]> {
    return (await this.#read(NAMES.commands, decodeOrder)).flatMap(({ value }) =>
      value.kind === 'command' ? [value.wire.command.id] : [],
    );
  }

  /** What agents have left in the log: place, command and state of each record, in order. */
  async attempts(): Promise<{ place: string; command: string; state: string }[]> {
    return (await this.#left()).flatMap(({ place, about, value }) =>
      about === '!at' ? [] : [{ place, command: about, state: decodeAttempt(value).state }],
    );
  }

  /** Up to where each place has read the commands, by partition. */
  async readTo(place: string): Promise<ReadonlyMap<number, number>> {
    const marks = (await this.#left()).filter((record) => record.place === place && record.about === '!at');
    return new Map((JSON.parse(marks.at(-1)!.value) as { next: [number, number][] }).next.sort(([a], [b]) => a - b));
  }

  async #left(): Promise<{ place: string; about: string; value: string }[]> {
    const all: { place: string; about: string; value: string }[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++)
      await this.during(
        this.#outside.read(NAMES.attempts, partition, 0, (records) => {
          for (const { key, value } of records) {
            const [place = '', about = ''] = key!.split('\t');
            if (value !== null) all.push({ place, about, value });
          }
        }),
      );
    return all;
  }

  async outcomes(): Promise<OutcomeEvent[]> {
    return (await this.#read(NAMES.signals, decodeSignal)).flatMap(({ value }) => (value.kind === 'outcome' ? [value] : []));
  }

  end(): void {
    this.#running = false;
  }
}
