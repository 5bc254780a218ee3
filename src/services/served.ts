/** What the API of a process shows of the services mode: the manager of the partition that a request is about, and the figures of all. */
import { Refusal } from '../api/answers.ts';
import type { FeedSink } from '../api/feeds/sink.ts';
import { type Figures, type PartitionFigures, StepFigures } from '../api/figures.ts';
import type { About, Served } from '../api/served.ts';
import { embeddedReader } from '../history/embedded.ts';
import { layered } from '../history/layered.ts';
import type { LmdbStore } from '../knowledge/lmdb.ts';
import { type Event, isEverything, type PauseScope, type Signal } from '../messages.ts';
import type { StepResult } from '../step.ts';
import type { Services } from './assemble.ts';
import type { Partition } from './partition.ts';
import { domainOf, partitionOf } from './topics.ts';

export class ServedPartitions {
  readonly #services: Services;
  readonly #figures = new Map<Partition, StepFigures>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Told of each committed step. */
  count(partition: number, result: StepResult): void {
    const manager = this.#services.managers.open.get(partition);
    if (manager === undefined) return;
    const figures = this.#figures.get(manager) ?? new StepFigures();
    this.#figures.set(manager, figures);
    figures.add(result, manager.manager.health);
  }

  /** The manager that a request is about; of all that are here the one with the most elements, if it does not say. @throws Refusal if it is not here */
  readonly choose = ({ element, partition: written, advice }: About): Served => {
    const { managers, partitions } = this.#services;
    const inAdvice = /-(\d+)\.\d+(\.|$)/.exec(advice ?? '')?.[1];
    const wanted = written ?? inAdvice ?? (element === undefined ? undefined : String(partitionOf(domainOf(element), partitions)));
    const open = managers.open;
    if (wanted === undefined) {
      const sizes = [...open].map(([partition, { manager }]) => [partition, manager.state.elements.size] as const);
      const [most] = sizes.sort(([a, sizeA], [b, sizeB]) => sizeB - sizeA || a - b);
      return most === undefined ? this.vacant : this.#served(most[0], open.get(most[0])!);
    }
    const manager = open.get(Number(wanted));
    if (manager !== undefined) return this.#served(Number(wanted), manager);
    if (!(Number(wanted) < partitions))
      throw new Refusal(404, 'H502', `there is no partition ${wanted}; there are ${partitions}, from 0 on`);
    throw new Refusal(
      503,
      'H305',
      `partition ${wanted} is not here: another process owns it, or it is being taken over; ask there, or again`,
    );
  };

  /** What there is while no partition is ours. */
  get vacant(): Served {
    const { clock } = this.#services;
    const nobody = (): never => {
      throw new Refusal(503, 'H305', 'no partition is owned by this process now; ask another, or again');
    };
    return {
      clock,
      get manager() {
        return nobody();
      },
      get store() {
        return nobody();
      },
      bus: this.#bus(0, () => ({ signals: 0, telemetry: 0 })),
      executor: this.#executor(),
      sensors: { status: () => this.#services.agents.probes() },
      agents: () => this.#services.agents.views(),
    };
  }

  #served(partition: number, { manager, clock, waiting }: Partition): Served {
    const copy = this.#services.copyOf(partition);
    return {
      manager,
      clock,
      get store() {
        if (copy === undefined)
          throw new Refusal(503, 'H302', 'no copy of this partition is kept on this machine; its past is in the history');
        return copy;
      },
      bus: this.#bus(partition, () => waiting),
      executor: this.#executor(),
      sensors: { status: () => this.#services.agents.probes() },
      agents: () => this.#services.agents.views(),
      history: this.#history(copy),
    };
  }

  /** The copy of this machine for as far back as that reaches, InfluxDB for what came before. */
  #history(copy: LmdbStore | undefined): Served['history'] {
    const { past } = this.#services;
    if (past === undefined) return undefined;
    const reader = copy === undefined ? past.reader : layered(embeddedReader(copy), () => copy.oldestReading(), past.reader);
    return { reader, health: () => past.health() };
  }

  #bus(partition: number, waiting: () => Served['bus']['waiting']): Served['bus'] {
    const { publisher, partitions } = this.#services;
    return {
      observe: (observation) => publisher.tell(observation),
      signal: (signal) => {
        // A pause of more than one element holds everywhere, whoever owns it.
        if (isForAll(signal)) for (let p = 0; p < partitions; p++) publisher.tell(signal, p);
        else publisher.tell(signal, partition);
        return true;
      },
      get waiting() {
        return { signals: publisher.waiting.signals + waiting().signals, telemetry: publisher.waiting.observations + waiting().telemetry };
      },
    };
  }

  /** The emergency stop reaches agents at once, whether or not a manager steps. */
  #executor(): Served['executor'] {
    const { publisher, partitions, agents } = this.#services;
    return {
      counts: () => agents.counts(),
      withhold: (detail) => {
        for (let p = 0; p < partitions; p++) publisher.order({ kind: 'stop', detail }, p);
      },
    };
  }

  readonly isElsewhere = (element: string): boolean => {
    const { managers, partitions } = this.#services;
    return managers.open.get(partitionOf(domainOf(element), partitions)) === undefined;
  };

  /** Where feeds put what they have read: an element that is decided about elsewhere is taken at its word. */
  get sink(): FeedSink {
    const { managers, partitions, publisher, clock } = this.#services;
    const modelOf = (element: string) => managers.open.get(partitionOf(domainOf(element), partitions))?.manager;
    return {
      now: () => clock.now(),
      find: (element, property) => {
        const model = modelOf(element);
        if (model === undefined) return 'observed';
        const row = model.state.elements.get(element);
        if (row === undefined) return 'unknown';
        return model.derived.blueprint.types.get(row.document.type)?.series.has(property) === true ? 'observed' : 'unobserved';
      },
      suggest: () => '',
      full: (observations) =>
        publisher.waiting.observations + observations > publisher.limit
          ? `${publisher.waiting.observations} observations wait already, and ${publisher.limit} may (limits.queue)`
          : undefined,
      take: (observations, rejections) => {
        for (const event of rejections) publisher.tell(event);
        for (const event of observations) publisher.tell(event);
      },
    };
  }

  figures(): Figures {
    const { managers, agents, partitions, publisher, past } = this.#services;
    const history = past?.health();
    const parts = [...managers.open].map(
      ([partition, part]): PartitionFigures => ({
        partition,
        state: part.manager.state,
        derived: part.manager.derived,
        health: { ...part.manager.health, storeFailure: part.failure ?? part.manager.health.storeFailure },
        waiting: part.waiting,
        steps: this.#figures.get(part) ?? new StepFigures(),
        lag: part.lag,
      }),
    );
    const failing = managers.status().find(({ failure }) => failure !== null);
    return {
      partitions: parts,
      group: { partitions, outside: managers.alive ? null : 'the group has not heard of this process lately' },
      executor: this.#executor().counts(),
      probes: agents.probes(),
      agents: agents.views(),
      servers: [
        {
          name: 'kafka',
          reachable: managers.alive && failing === undefined && publisher.waiting.failure === null,
          needed: true,
          ...(failing?.failure ? { reason: failing.failure } : {}),
        },
        ...(history === undefined ? [] : [{ name: 'influx', reachable: history.away === null, needed: false }]),
      ],
      ...(history === undefined ? {} : { spool: history }),
    };
  }
}

function isForAll(event: Event | Signal): boolean {
  if (event.kind !== 'pause' && event.kind !== 'resume') return false;
  const scope: PauseScope = event.scope;
  return isEverything(scope) || scope.element === undefined;
}
