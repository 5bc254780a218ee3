/**
 * The agent of a place: runs its probes, which write what they measure to the log, and carries out the commands of its actuators. Of several agents of one place
 * the group lets one work; the others stand by. It knows elements by what their managers tell agents.
 */
import type { Logger } from 'pino';
import { type Cancel, type Clock, sleep } from '../clock.ts';
import type { ProbeDocument } from '../documents/manager.ts';
import { messageOf } from '../errors.ts';
import type { Actuator, Target } from '../execute/actuators/actuator.ts';
import type { Blueprint } from '../knowledge/blueprint.ts';
import type { Log, Membership, ReadRecord } from '../log/log.ts';
import type { Event } from '../messages.ts';
import type { SensorsContext } from '../monitor/sensors.ts';
import { AgentPart } from './agent-part.ts';
import { Attempts } from './attempts.ts';
import { Publisher } from './publisher.ts';
import { Rounds } from './rounds.ts';
import { domainOf, partitionOf, type TopicNames } from './topics.ts';

/** What actuators are lent by their agent. */
export interface Lent {
  readonly target: (element: string) => Target | undefined;
  readonly emit: (event: Event) => void;
}

export interface AgentPorts extends Pick<SensorsContext, 'directory' | 'environment' | 'mqtt'> {
  readonly log: Log;
  readonly names: TopicNames;
  readonly cluster: string;
  readonly partitions: number;
  readonly place: string;
  readonly sessionMs: number;
  readonly clock: Clock;
  /** What measurements are stamped by: a process that began on a wrong clock must not measure by it for as long as it lives. */
  readonly stamps: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** The probes of this place. */
  readonly probes: readonly ProbeDocument[];
  /** Names of the probes of other places. */
  readonly elsewhere?: ReadonlySet<string>;
  /** The types as the manager file has them now. */
  readonly blueprint: () => Blueprint;
  /** Makes the actuators of this place, when it begins to work. */
  readonly actuators: (lent: Lent) => ReadonlyMap<string, Actuator>;
  /** Observations that may wait to be written. */
  readonly queue: number;
  /** What runs beside it while the place is ours, such as the bridge to MQTT. */
  readonly beside?: () => { close(): Promise<void> };
}

/** The pause before beginning to work is tried again, ms: between this and twice as much. */
const AGAIN_MS = 500;
/** How often who is not sure of the place looks whether it is, ms. */
const LOOK_MS = 50;

/** What there is while it works. */
interface Work {
  /** Set for good when the place was lost, also if it is taken again: that is other work. */
  readonly lost: { is: boolean };
  readonly attempts: Attempts;
  readonly rounds: Rounds;
  readonly actuators: ReadonlyMap<string, Actuator>;
  readonly parts: readonly AgentPart[];
  readonly beside: { close(): Promise<void> } | undefined;
}

export class Agent {
  readonly #ports: AgentPorts;
  #publisher: Publisher | undefined;
  #membership: Membership | undefined;
  #work: Work | undefined;
  #wanted = false;
  #failure: string | null = null;
  #turn: Promise<void> = Promise.resolve();
  #retry: Cancel = () => {};

  constructor(ports: AgentPorts) {
    this.#ports = ports;
  }

  /** `working`: the probes and actuators of the place are ours. */
  get status() {
    return {
      place: this.#ports.place,
      working: this.#work !== undefined,
      failure: this.#failure ?? this.#work?.attempts.failure ?? null,
      waiting: this.#publisher?.waiting ?? { observations: 0, signals: 0, dropped: 0, failure: null },
      commands: (this.#work?.parts ?? []).map(({ executor }) => executor.counts()),
    };
  }

  /** Whether the group has heard of us lately. */
  get alive(): boolean {
    return this.#membership?.alive ?? false;
  }

  /** The probes that run here. */
  probes() {
    return (this.#work?.parts ?? []).flatMap(({ sensors }) => sensors.status());
  }

  async start(): Promise<void> {
    const { log, names, cluster, place, sessionMs, clock, logger, partitions, queue } = this.#ports;
    this.#publisher = new Publisher(await log.writer(), { names, partitions, clock, logger, queue });
    this.#membership = await log.join(
      { group: `${cluster}.agents.${place}`, topics: [names.commands, names.model], spread: 'single', sessionMs },
      {
        assigned: (mine) => this.#assigned(mine.length > 0),
        records: (topic, partition, records, next) => this.#records(topic, partition, records, next),
        lost: (reason) => this.#lost(reason),
      },
    );
    this.#seek();
  }

  /** Stops: commands that run are waited for, and what came of them is told. `graceMs`: how long. */
  async stop(graceMs: number): Promise<void> {
    this.#wanted = false;
    this.#retry();
    await this.#turn;
    const work = this.#work;
    this.#work = undefined;
    if (work !== undefined) {
      for (const { sensors } of work.parts) await sensors.close();
      await Promise.all(work.parts.map(({ executor }) => executor.close(graceMs)));
      await work.rounds.settled();
      await close(work);
    }
    await this.#publisher?.close();
    await this.#membership?.leave();
  }

  #assigned(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted && this.#work !== undefined) this.#seek();
    else this.#next();
  }

  /** Whoever has our place acts now: nothing may be begun or told any more. */
  #lost(reason: string): void {
    this.#ports.logger.warn({ reason, place: this.#ports.place }, 'our place among the agents is lost');
    this.#wanted = false;
    if (this.#work !== undefined) this.#work.lost.is = true;
    void this.#work?.attempts.close();
    this.#next();
  }

  #next(): void {
    this.#retry();
    this.#turn = this.#turn.then(() => (this.#wanted ? this.#begin() : this.#end()));
  }

  async #begin(): Promise<void> {
    if (this.#work !== undefined || !this.#wanted) return;
    const { logger, clock, random, place } = this.#ports;
    try {
      this.#work = await this.#take();
      this.#failure = null;
      logger.info({ place }, 'the agent works');
      this.#seek();
    } catch (thrown) {
      this.#failure = messageOf(thrown);
      logger.error({ err: thrown, place }, 'the agent could not begin, and tries again');
      this.#retry = clock.after(AGAIN_MS * (1 + random()), () => this.#next());
    }
  }

  async #end(): Promise<void> {
    const work = this.#work;
    if (work === undefined || this.#wanted) return;
    this.#work = undefined;
    work.lost.is = true;
    for (const { sensors } of work.parts) await sensors.close();
    for (const { executor } of work.parts) await executor.close(0);
    await close(work);
  }

  /** Takes the place over: fences the agent before, reads what it has left, finds again what it has left in the world, and takes up its commands. */
  async #take(): Promise<Work> {
    const { log, names, cluster, partitions, place, clock, logger, random } = this.#ports;
    const alive = () => this.#wanted && (this.#membership?.alive ?? true);
    const certain = () => this.#wanted && (this.#membership?.certain ?? true);
    const attempts = await Attempts.open({ log, names, partitions, cluster, place, clock, logger, random, alive });
    const lost = { is: false };
    let rounds: Rounds | undefined;
    const parts: AgentPart[] = [];
    try {
      const actuators = this.#ports.actuators({
        target: (element) => parts[partitionOf(domainOf(element), partitions)]?.target(element),
        emit: (event) => this.#publisher!.tell(event),
      });
      const guarded = new Map(
        [...actuators].map(
          ([name, actuator]) => [name, guard(actuator, { certain, ours: () => this.#wanted && !lost.is, clock })] as const,
        ),
      );
      rounds = new Rounds(attempts, (arrived) => parts[arrived.partition]!.dispatch(arrived), {
        place,
        clock,
        logger,
        onFenced: (reason) => this.#fenced(reason),
      });
      const telling = rounds;
      for (let partition = 0; partition < partitions; partition++) {
        parts.push(
          await AgentPart.open(partition, {
            ...this.#ports,
            actuators: guarded,
            known: (element) => parts[partitionOf(domainOf(element), partitions)]?.has(element) ?? false,
            tell: (event) => telling.tell(partition, event),
            publish: (event) => this.#publisher!.tell(event, partition),
          }),
        );
      }
      const targets = parts.flatMap((part) => part.targets());
      for (const actuator of actuators.values()) await actuator.adopt?.(targets);
      for (const { partition, wire } of attempts.begun) parts[partition]?.recover(wire);
      for (const part of parts) part.start();
      return { lost, attempts, rounds, actuators, parts, beside: this.#ports.beside?.() };
    } catch (thrown) {
      for (const { sensors } of parts) await sensors.close();
      await attempts.close();
      throw thrown;
    }
  }

  #fenced(reason: Error): void {
    this.#failure = reason.message;
    const work = this.#work;
    if (work === undefined) return;
    // If the place is still ours it was a mistake, and we take it back.
    this.#work = undefined;
    work.lost.is = true;
    this.#turn = this.#turn.then(async () => {
      for (const { sensors } of work.parts) await sensors.close();
      for (const { executor } of work.parts) await executor.close(0);
      await close(work);
    });
    const { clock, random } = this.#ports;
    this.#retry = clock.after(AGAIN_MS * (1 + random()), () => this.#next());
  }

  #seek(): void {
    const { names } = this.#ports;
    const work = this.#work;
    if (work === undefined) return;
    for (const { partition, modelNext } of work.parts) {
      this.#membership?.seek(names.model, partition, modelNext);
      this.#membership?.seek(names.commands, partition, work.rounds.next(partition));
    }
  }

  #records(topic: string, partition: number, records: readonly ReadRecord[], next: number): void {
    const work = this.#work;
    const part = work?.parts[partition];
    if (work === undefined || part === undefined) return;
    if (topic === this.#ports.names.model) part.deliverModel(records, next);
    else work.rounds.deliver(partition, records, next, part);
  }
}

async function close({ attempts, rounds, actuators, beside }: Work): Promise<void> {
  rounds.close();
  await beside?.close();
  for (const actuator of actuators.values()) await actuator.close();
  await attempts.close();
}

interface Seat {
  /** Whether nobody can have replaced us. */
  readonly certain: () => boolean;
  /** Whether the place is ours as far as we have heard. */
  readonly ours: () => boolean;
  readonly clock: Clock;
}

/** Who may have been replaced begins nothing: it waits until the group has heard of it, or the place is known to be lost. */
function guard(actuator: Actuator, { certain, ours, clock }: Seat): Actuator {
  const { inquire, processes } = actuator;
  return {
    execute: async (order, signal) => {
      for (;;) {
        if (!ours()) return { status: 'failed', detail: 'the agent has lost its place; nothing was done' };
        if (certain()) break;
        if (signal.aborted) return { status: 'timedOut', detail: 'the group has not heard of the agent; nothing was done' };
        await sleep(clock, LOOK_MS, signal).catch(() => {});
      }
      return actuator.execute(order, signal);
    },
    ...(inquire === undefined ? {} : { inquire: (order, signal) => inquire.call(actuator, order, signal) }),
    ...(processes === undefined ? {} : { processes: () => processes.call(actuator) }),
    close: () => actuator.close(),
  };
}
