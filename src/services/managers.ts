/** The managers of one process: it is a member of the group, and keeps a manager for each partition that the group gives it. */
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import type { State } from '../knowledge/state.ts';
import type { GroupOptions, Log, Member, Membership, ReadRecord } from '../log/log.ts';
import type { Event } from '../messages.ts';
import type { StepResult } from '../step.ts';
import type { LocalStore } from './log-store.ts';
import { Partition, type PartitionPorts } from './partition.ts';

/** The pause before a partition that could not be opened is tried again, ms: between this and twice as much. */
const REOPEN_MS = 500;
/** How often the broker is told how far we are, ms. */
const NOTE_EVERY_MS = 5_000;

export interface ManagersPorts extends Omit<PartitionPorts, 'partition' | 'alive' | 'local' | 'hold' | 'onFenced' | 'onStep'> {
  readonly log: Log;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessionMs: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** The copy of a partition on this machine; undefined: none is kept. */
  readonly localOf: (partition: number) => LocalStore | undefined;
  readonly onStep?: (partition: number, result: StepResult, state: State, events: readonly Event[]) => void;
  /** Told of each partition that begins or ceases to be ours. */
  readonly onChange?: (partition: number, manager: Partition | undefined) => void;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly phase: 'opening' | 'open' | 'closing';
  readonly failure: string | null;
}

/** What a partition is to us. */
interface Slot {
  wanted: boolean;
  manager: Partition | undefined;
  phase: PartitionStatus['phase'];
  failure: string | null;
  /** What is being done about it, one thing after the other. */
  work: Promise<void>;
  retry: Cancel | undefined;
}

export class Managers {
  readonly #ports: ManagersPorts;
  readonly #slots = new Map<number, Slot>();
  #setup: Setup;
  #membership: Membership | undefined;
  #stopNoting: Cancel = () => {};
  #closing = false;

  constructor(ports: ManagersPorts) {
    this.#ports = ports;
    this.#setup = ports.setup;
  }

  async start(): Promise<void> {
    const { log, names, cluster, sessionMs } = this.#ports;
    const options: GroupOptions = { group: `${cluster}.managers`, topics: [names.signals, names.observations], spread: 'share', sessionMs };
    const member: Member = {
      assigned: (partitions) => this.#assigned(partitions),
      records: (topic, partition, records, next, end) => this.#records(topic, partition, records, next, end),
      lost: (reason) => this.#lost(reason),
    };
    this.#membership = await log.join(options, member);
    for (const [partition, slot] of this.#slots) this.#seek(partition, slot);
    this.#noteLater();
  }

  /** The managers that step now, by partition. */
  get open(): ReadonlyMap<number, Partition> {
    return new Map(
      [...this.#slots].flatMap(([p, { manager, phase }]) => (manager !== undefined && phase === 'open' ? [[p, manager] as const] : [])),
    );
  }

  /** Whether the group has heard of us lately. */
  get alive(): boolean {
    return this.#membership?.alive ?? false;
  }

  status(): readonly PartitionStatus[] {
    return [...this.#slots]
      .map(([partition, { phase, failure, manager }]) => ({ partition, phase, failure: failure ?? manager?.failure ?? null }))
      .sort((a, b) => a.partition - b.partition);
  }

  /** Brings another setup into force, here and in what is taken over later. */
  configure(setup: Setup): void {
    this.#setup = setup;
    for (const { manager } of this.#slots.values()) manager?.configure(setup);
  }

  /** Gives everything back: the steps under way are committed, and others go on at once. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#stopNoting();
    for (const [partition, slot] of this.#slots) {
      slot.wanted = false;
      this.#work(partition, slot);
    }
    await Promise.all([...this.#slots.values()].map(({ work }) => work));
    await this.#membership?.leave();
  }

  #assigned(partitions: readonly number[]): void {
    if (this.#closing) return;
    this.#ports.logger.info({ partitions }, 'partitions are ours');
    for (const [partition, slot] of this.#slots) {
      if (!partitions.includes(partition)) {
        slot.wanted = false;
        this.#work(partition, slot);
      }
    }
    for (const partition of partitions) {
      const slot = this.#slots.get(partition) ?? this.#newSlot(partition);
      slot.wanted = true;
      if (slot.phase === 'open') this.#seek(partition, slot);
      else this.#work(partition, slot);
    }
  }

  #newSlot(partition: number): Slot {
    const slot: Slot = { wanted: true, manager: undefined, phase: 'opening', failure: null, work: Promise.resolve(), retry: undefined };
    this.#slots.set(partition, slot);
    return slot;
  }

  /** What the group has taken from us is not ours to finish. */
  #lost(reason: string): void {
    this.#ports.logger.warn({ reason }, 'our place in the group is lost');
    for (const [partition, slot] of this.#slots) {
      slot.wanted = false;
      void slot.manager?.abandon();
      this.#work(partition, slot);
    }
  }

  #records(topic: string, partition: number, records: readonly ReadRecord[], next: number, end: number): void {
    const slot = this.#slots.get(partition);
    if (slot?.phase === 'open') slot.manager?.deliver(topic, records, next, end);
  }

  #seek(partition: number, { manager }: Slot): void {
    if (manager === undefined) return;
    for (const [topic, offset] of Object.entries(manager.position)) this.#membership?.seek(topic, partition, offset);
  }

  /** Brings a slot to what is wanted, after whatever is being done about it. */
  #work(partition: number, slot: Slot): void {
    slot.retry?.();
    slot.retry = undefined;
    slot.work = slot.work.then(() => (slot.wanted ? this.#open(partition, slot) : this.#close(partition, slot)));
  }

  async #open(partition: number, slot: Slot): Promise<void> {
    if (slot.manager !== undefined || !slot.wanted) return;
    const { names, localOf, logger, onStep, onChange, setup: _first, ...ports } = this.#ports;
    slot.phase = 'opening';
    const local = localOf(partition);
    try {
      const manager = await Partition.open({
        ...ports,
        setup: this.#setup,
        names,
        logger: logger.child?.({ partition }) ?? logger,
        partition,
        alive: () => slot.wanted && this.alive,
        ...(local === undefined ? {} : { local }),
        hold: (full) => this.#membership?.[full ? 'pause' : 'resume'](names.signals, partition),
        onFenced: (reason) => this.#fenced(partition, slot, manager, reason),
        ...(onStep === undefined ? {} : { onStep: (result, state, events) => onStep(partition, result, state, events) }),
      });
      slot.manager = manager;
      slot.failure = null;
      slot.phase = 'open';
      manager.start();
      this.#seek(partition, slot);
      onChange?.(partition, manager);
      logger.info({ partition, step: manager.manager.state.position.step }, 'a partition is open');
    } catch (thrown) {
      await local?.close().catch(() => {});
      slot.failure = messageOf(thrown);
      logger.error({ err: thrown, partition }, 'a partition could not be taken over, and is tried again');
      this.#again(partition, slot);
    }
  }

  async #close(partition: number, slot: Slot): Promise<void> {
    if (slot.wanted) return;
    const { manager } = slot;
    slot.phase = 'closing';
    slot.manager = undefined;
    if (manager !== undefined) {
      this.#ports.onChange?.(partition, undefined);
      await manager
        .stop()
        .catch((thrown: unknown) => this.#ports.logger.warn({ err: thrown, partition }, 'a partition did not close cleanly'));
    }
    // By now the partition may have come back to us, and have another.
    if (!slot.wanted && this.#slots.get(partition) === slot) this.#slots.delete(partition);
  }

  /** Another has taken over. If the group still counts the partition as ours, it was a mistake, and we take it back. */
  #fenced(partition: number, slot: Slot, manager: Partition, reason: Error): void {
    if (slot.manager !== manager) return;
    slot.failure = reason.message;
    slot.manager = undefined;
    slot.phase = 'opening';
    this.#ports.onChange?.(partition, undefined);
    slot.work = slot.work.then(() => manager.abandon()).catch(() => {});
    this.#again(partition, slot);
  }

  #again(partition: number, slot: Slot): void {
    slot.retry?.();
    slot.retry = this.#ports.clock.after(REOPEN_MS * (1 + this.#ports.random()), () => this.#work(partition, slot));
  }

  #noteLater(): void {
    this.#stopNoting = this.#ports.clock.after(NOTE_EVERY_MS, () => {
      for (const [partition, manager] of this.open) void this.#membership?.note(partition, manager.position);
      this.#noteLater();
    });
  }
}
