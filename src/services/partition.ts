/** One partition's manager: the loop of the embedded mode, on a state and an inbox that lie in the log. */
import type { Logger } from 'pino';
import type { Words } from '../analyze/operators.ts';
import type { Clock } from '../clock.ts';
import type { Confirmer } from '../confirm.ts';
import { DEFAULT_PLACE } from '../documents/manager.ts';
import { messageOf } from '../errors.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import type { State } from '../knowledge/state.ts';
import type { Transaction } from '../knowledge/store.ts';
import type { Log, Offsets, ReadRecord } from '../log/log.ts';
import { bindingOf, stopped, targetOf } from '../look.ts';
import { Manager } from '../manager.ts';
import type { Command, Event, ObservationEvent, Signal } from '../messages.ts';
import type { StepResult } from '../step.ts';
import { decodeBatch } from './batch-format.ts';
import { LogBus } from './log-bus.ts';
import { type LocalStore, LogStore } from './log-store.ts';
import { domainOf, partitionOf, type TopicNames } from './topics.ts';
import { decodeSignal, type Order } from './wire.ts';

export interface PartitionPorts {
  readonly log: Log;
  readonly names: TopicNames;
  /** Names the cluster: the first part of all topics and ids. */
  readonly cluster: string;
  readonly partition: number;
  readonly partitions: number;
  readonly setup: Setup;
  readonly paceMs: number;
  readonly words?: Words;
  readonly confirmer: Pick<Confirmer, 'disagreement'>;
  /** A clock that begins at or after an instant, ms. */
  readonly clockFrom: (notBefore: number) => Clock;
  /** The clock of pauses between attempts. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the group still counts us as the owner. */
  readonly alive: () => boolean;
  readonly local?: LocalStore;
  /** As the store of the log takes it. */
  readonly pieceChars?: number;
  /** How often rows are put in their places when nothing else is written, ms; SETTLE_EVERY_MS if not given. */
  readonly settleEveryMs?: number;
  /** Properties whose readings agents need, because options of probes name them. */
  readonly agentProperties: ReadonlySet<string>;
  /** The place of an actuator; all are at the default if not given. */
  readonly placeOf?: (actuator: string) => string;
  /** Called when too many signals wait to fetch more, and when no more so. */
  readonly hold: (full: boolean) => void;
  readonly onFenced: (reason: Error) => void;
  readonly onStep?: (result: StepResult, state: State, events: readonly Event[]) => void;
}

const SETTLE_EVERY_MS = 10_000;

/** The setup of one partition: the elements whose domains fall to it. Ids of its commands begin with its own domain. */
export function setupOf(setup: Setup, partition: number, partitions: number): Setup {
  const mine = Object.entries(setup.elements).filter(([id]) => partitionOf(domainOf(id), partitions) === partition);
  return { ...setup, domain: `${setup.domain}-${partition}`, elements: Object.fromEntries(mine) };
}

export class Partition {
  readonly manager: Manager;
  readonly clock: Clock;
  readonly #ports: PartitionPorts;
  readonly #store: LogStore;
  readonly #bus: LogBus;
  /** Set when its end has begun. */
  #ended: Promise<void> | undefined;

  private constructor(ports: PartitionPorts, store: LogStore, clock: Clock, state: State) {
    this.#ports = ports;
    this.#store = store;
    this.clock = clock;
    const { names, setup, hold, confirmer, words, logger, paceMs, onFenced, onStep } = ports;
    this.#bus = new LogBus(
      {
        limits: setup.limits,
        topics: names,
        observationsOf: (text) => observationsOf(text, names.observations),
        signalOf: decodeSignal,
        hold,
      },
      store.next,
    );
    this.manager = new Manager(
      {
        clock,
        store,
        bus: this.#bus,
        confirmer,
        ...(words === undefined ? {} : { words }),
        // Commands are in the log with their step; agents take them up from there, also those that an earlier owner left.
        sender: { dispatch() {}, recover() {} },
        log: logger,
        paceMs,
        onFenced,
        ...(onStep === undefined ? {} : { onStep }),
      },
      state,
    );
  }

  /** Takes the partition over: fences its owner before, reads its state. @throws HomeostatError H302 if that cannot be read */
  static async open(ports: PartitionPorts): Promise<Partition> {
    const { log, names, partition, cluster, clock, clockFrom, logger, alive, local, pieceChars, agentProperties } = ports;
    let opened: Partition | undefined;
    const store = await LogStore.open({
      log,
      names,
      partition,
      id: `${cluster}.manager.${partition}`,
      clock,
      logger,
      alive,
      ...(local === undefined ? {} : { local }),
      ...(pieceChars === undefined ? {} : { pieceChars }),
      isForAgents: (key) =>
        key.startsWith('probes\t') || (key.startsWith('readings\t') && agentProperties.has(key.slice(key.lastIndexOf('\t') + 1))),
      typeOf: (element) => opened!.manager.state.elements.get(element)?.document.type,
      ordersOf: (commands, transaction) => opened!.#ordersOf(commands, transaction),
    });
    opened = new Partition(ports, store, clockFrom(store.lastNow), await store.load());
    return opened;
  }

  /** Where reading goes on, by topic. */
  get position(): Offsets {
    return this.#bus.position;
  }

  get lag() {
    return this.#bus.lag;
  }

  get waiting() {
    return this.#bus.waiting;
  }

  /** Why nothing can be committed now; null: it can. */
  get failure(): string | null {
    return this.#store.failure;
  }

  start(): void {
    this.manager.start(this.#document(this.#ports.setup));
    this.#settleLater();
  }

  /** Brings another setup into force. */
  configure(setup: Setup): void {
    this.manager.configure(this.#document(setup));
  }

  #document(setup: Setup): string {
    const { partition, partitions } = this.#ports;
    return JSON.stringify(setupOf(setup, partition, partitions));
  }

  deliver(topic: string, records: readonly ReadRecord[], next: number, end: number): void {
    if (this.#ended === undefined) this.#bus.deliver(topic, records, next, end);
  }

  /** Stops when the step under way is committed. Resolves when nothing of it is left, however its end began. */
  stop(): Promise<void> {
    this.#ended ??= (async () => {
      await this.manager.stop();
      await this.#store.settle().catch(() => {});
      await this.#store.close();
    })();
    return this.#ended;
  }

  /** Stops at once: what is not committed is another's to do. */
  abandon(): Promise<void> {
    this.#ended ??= (async () => {
      await this.#store.close();
      await this.manager.stop();
    })();
    return this.#ended;
  }

  #settleLater(): void {
    const { clock, settleEveryMs = SETTLE_EVERY_MS } = this.#ports;
    clock.after(settleEveryMs, () => {
      if (this.#ended !== undefined) return;
      // Whoever was fenced is told so by the next step.
      this.#store.settle().catch(() => {});
      this.#settleLater();
    });
  }

  /** What agents get of a step: its commands, and the emergency stop as it begins and ends. */
  #ordersOf(commands: readonly Command[], { journal }: Transaction): Order[] {
    const { placeOf = () => DEFAULT_PLACE } = this.#ports;
    const orders: Order[] = [];
    for (const command of commands) {
      const binding = bindingOf(this.manager, command);
      const target = targetOf(this.manager, command.element) ?? { id: command.element, type: '', properties: {}, children: [] };
      if (binding === undefined) continue;
      const at = placeOf(binding.actuator);
      orders.push({ kind: 'command', wire: { command, binding, target, ...(at === DEFAULT_PLACE ? {} : { at }) } });
    }
    const { state } = this.manager;
    for (const { kind, text } of journal) {
      if (kind === 'pause' && stopped(state)) orders.push({ kind: 'stop', detail: text });
      else if (kind === 'resume' && !stopped(state)) orders.push({ kind: 'go' });
    }
    return orders;
  }
}

/** A message that cannot be read is told as a whole, and stops nothing. */
function observationsOf(text: string, topic: string): readonly (ObservationEvent | Signal)[] {
  try {
    return decodeBatch(text);
  } catch (thrown) {
    return [{ kind: 'rejected', source: topic, reason: messageOf(thrown), excerpt: text.slice(0, 500) }];
  }
}
