/**
 * One run of the whole system: processes of managers and agents on machines of their own, a broker, sensors and the managed systems. A seed decides all faults and
 * every answer. Time moves from alarm to alarm, one by one, and between two of them all promises are brought to rest, as in the embedded simulation.
 */
import { LogStore } from '../../../src/services/log-store.ts';
import { Joiner } from '../../../src/services/pieces.ts';
import { topicNames, topicSpecs } from '../../../src/services/topics.ts';
import { decodeStep } from '../../../src/services/wire.ts';
import { MemoryBroker } from '../../log/memory.ts';
import { SimulatedActuator } from '../actuators.ts';
import { Random } from '../random.ts';
import { healed } from '../swarm.ts';
import { Recorder } from '../trace.ts';
import { AgentProcess } from './agent-process.ts';
import { line } from './line.ts';
import { LocalDisk } from './local-disk.ts';
import { Machine, MachineClock } from './machine.ts';
import { CLUSTER, ManagerProcess, silent } from './manager-process.ts';
import { People } from './people.ts';
import { DOMAINS, Plants } from './plants.ts';
import { type Rest, type Standing, standingOf } from './rest.ts';
import { Seat } from './seat.ts';
import { Sensors } from './sensors.ts';
import { placesOf } from './setup.ts';
import { type Faults, faultsOf, healedFaults } from './swarm.ts';
import { Time } from './time.ts';
import { type ServicesTrace, traceOf } from './trace.ts';

const START = 1_700_000_000_000;
const FAULTY_MS = 35_000;
const HEALED_MS = 40_000;
/** How long the broker waits for members at a rebalance, as ours ask for: shorter than a session, ms. */
const REBALANCE_MS = 3_000;
/** In the end records of steps that are older are gone: rows are put in their places every ten seconds, ms. */
const STEPS_KEPT_MS = 16_000;
/** More than this in one run is a system that runs wild; the run ends, and does not come to rest. */
const ENTRIES_LIMIT = 100_000;

const atRest = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export async function simulateServices(seed: number): Promise<ServicesTrace> {
  const unhandled: string[] = [];
  const onUnhandled = (thrown: unknown): void => {
    unhandled.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  };
  process.on('unhandledRejection', onUnhandled);
  try {
    const run = new Run(seed);
    await run.until(START + FAULTY_MS);
    run.heal();
    await run.until(START + FAULTY_MS + HEALED_MS);
    const standing = run.standing();
    const recovered = await run.recover();
    // Rejections that nobody handles are told only between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    return run.trace({ ...standing, recovered, unhandled });
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
}

class Run {
  readonly #seed: number;
  readonly #time = new Time(START);
  readonly #recorder = new Recorder(() => this.#time.now());
  readonly #chances: Random;
  readonly #leaders: Random;
  readonly #plants: Plants;
  readonly #broker: MemoryBroker;
  readonly #names = topicNames(CLUSTER);
  readonly #managers: readonly Seat<ManagerProcess>[];
  readonly #agents: readonly Seat<AgentProcess>[];
  readonly #seats: readonly Seat[];
  readonly #sensors: readonly Sensors[];
  readonly #clocks = new Map<string, MachineClock>();
  readonly #people: People;
  /** Machines that are cut off from the broker, and until when. */
  readonly #cuts = new Map<string, number>();
  #faults: Faults;

  constructor(seed: number) {
    this.#seed = seed;
    const random = (stream: number): Random => new Random(seed, stream);
    const first = faultsOf(random(11));
    this.#faults = first;
    this.#chances = random(12);
    this.#leaders = random(16);
    this.#plants = new Plants(random(13));
    const { shape, broker } = first;
    const late = random(14);
    this.#broker = new MemoryBroker({
      clock: this.#time,
      requestMs: 800,
      retries: shape.retries,
      rebalanceMs: REBALANCE_MS,
      transactionMs: shape.transactionMs,
      fetchRecords: () => this.#faults.broker.fetchRecords,
      markMs: () => (broker.markMs === 0 ? 0 : late.between(0, broker.markMs)),
      assigned: (group, name, partitions) => this.#recorder.add({ kind: 'assigned', group, name, partitions }),
    });
    for (const spec of topicSpecs(CLUSTER, shape.partitions)) this.#broker.create(spec);
    const faults = (): Faults => this.#faults;
    const common = { time: this.#time, recorder: this.#recorder, faults };
    const open = (machine: Machine, name: string, stream: Random, standsStillAtEnd = () => 0) => {
      const cut = () => (this.#cuts.get(name) ?? 0) > this.#time.now();
      return this.#broker.open(machine.name, line({ machine, random: stream, faults, recorder: this.#recorder, cut, standsStillAtEnd }));
    };
    this.#people = new People(random(15), first.common, this.#recorder);
    this.#managers = Array.from({ length: shape.managers }, (_, i) => {
      const [name, stream] = [`manager-${i}`, random(20 + i)];
      const disk = new LocalDisk(random(40 + i), this.#recorder, faults);
      return new Seat({
        ...common,
        name,
        clock: this.#clockOf(name),
        random: stream,
        start: (machine) =>
          new ManagerProcess({
            machine,
            log: open(machine, name, stream),
            names: this.#names,
            random: stream,
            faults,
            recorder: this.#recorder,
            disk,
            setup: () => this.#people.setup,
          }),
        died: () => disk.died(),
      });
    });
    const world = {
      clock: this.#time,
      random: random(17),
      swarm: () => this.#faults.common,
      recorder: this.#recorder,
      disk: { flushedStep: Number.POSITIVE_INFINITY },
      effects: this.#plants,
    };
    const actuators = [
      new SimulatedActuator('fleet', true, first.common.fleetInquires, world),
      new SimulatedActuator('dial', true, false, world),
      new SimulatedActuator('log', true, true, world),
      new SimulatedActuator('keeper', false, true, world),
      new SimulatedActuator('bell', false, false, world),
    ];
    let lives = 0;
    const seats = placesOf(shape.places).flatMap((place) => Array.from({ length: shape.agents }, () => place));
    this.#agents = seats.map((place, i) => {
      const [name, stream] = [`agent-${i}`, random(30 + i)];
      return new Seat({
        ...common,
        name,
        clock: this.#clockOf(name),
        random: stream,
        start: (machine) =>
          new AgentProcess({
            machine,
            place,
            life: ++lives,
            log: open(machine, name, stream, () => this.#faults.replaced.agentsAtEnd),
            names: this.#names,
            random: stream,
            faults,
            actuators,
            setup: () => this.#people.setup,
          }),
      });
    });
    this.#seats = [...this.#managers, ...this.#agents];
    this.#sensors = DOMAINS.map((domain, i) => {
      const [name, stream] = [`sensors-${domain}`, random(60 + i)];
      const machine = new Machine({
        name,
        time: this.#time,
        random: stream,
        recorder: this.#recorder,
        clock: this.#clockOf(name),
        fateAt: () => undefined,
        died: () => {},
      });
      const log = open(machine, name, stream);
      const { partitions } = shape;
      return new Sensors({
        domain,
        plants: this.#plants,
        time: this.#time,
        machine,
        random: stream,
        faults,
        log,
        names: this.#names,
        partitions,
      });
    });
    this.#time.every(1_000, () => this.#second());
  }

  async until(instant: number): Promise<void> {
    await atRest();
    while (this.#recorder.entries.length < ENTRIES_LIMIT && this.#time.ring(instant)) await atRest();
  }

  /** From now on nothing fails, and what was broken can be made good. */
  heal(): void {
    this.#recorder.add({ kind: 'healed' });
    this.#faults = healedFaults(this.#faults, healed(this.#faults.common));
    this.#broker.start();
    this.#broker.lead();
    this.#cuts.clear();
    for (const clock of this.#clocks.values()) clock.setWall(0);
    this.#plants.heal();
    this.#people.heal(this.#faults.common);
    for (const { running, machine } of this.#managers) machine?.arrive(() => running?.managers.configure(this.#people.setup));
    this.#tell(this.#people.resumed());
    // A bus has the limits that it began with.
    this.#time.after(2_000, () => {
      for (const seat of this.#managers) seat.restart();
    });
  }

  standing(): Standing {
    return standingOf({ partitions: this.#faults.shape.partitions, managers: this.#managers, plants: this.#plants });
  }

  /** Everybody is gone, topics are cleaned, records of steps that are not the newest are gone too: what does a new owner find? */
  async recover(): Promise<string[]> {
    for (const seat of this.#seats) seat.close();
    this.#broker.compact();
    this.#broker.retain(STEPS_KEPT_MS, this.#names.steps);
    const found: string[] = [];
    for (let partition = 0; partition < this.#faults.shape.partitions; partition++) {
      const opened = LogStore.open({
        log: this.#broker.open('checker'),
        names: this.#names,
        partition,
        id: `${CLUSTER}.manager.${partition}`,
        clock: this.#time,
        logger: silent,
        alive: () => true,
        ordersOf: () => [],
        typeOf: () => undefined,
      });
      opened
        .then(async (store) => {
          const { position, hash } = await store.load();
          found[partition] = `step ${position.step}, hash ${hash}`;
        })
        .catch((thrown: unknown) => {
          found[partition] = String(thrown);
        });
      await this.until(this.#time.now() + 2_000);
    }
    return found;
  }

  trace(rest: Rest): ServicesTrace {
    const { partitions } = this.#faults.shape;
    return traceOf({ seed: this.#seed, recorder: this.#recorder, broker: this.#broker, names: this.#names, partitions, rest });
  }

  #clockOf(name: string): MachineClock {
    const most = this.#faults.process.clocksDifferMs;
    const clock = new MachineClock(this.#time, most === 0 ? 0 : Math.round((this.#chances.next() * 2 - 1) * most));
    this.#clocks.set(name, clock);
    return clock;
  }

  #second(): void {
    const [chances, { process, network, broker, common, replaced }] = [this.#chances, this.#faults];
    this.#plants.tick(common.deathsPerMinute);
    for (const sensors of this.#sensors) sensors.look();
    for (const seat of this.#seats) seat.tick();
    if (chances.chance(process.clockStepsPerMinute / 60)) this.#stepClock();
    if (chances.chance(network.cutsPerMinute / 60)) this.#cut();
    if (chances.chance(broker.stopsPerMinute / 60)) this.#stopBroker();
    if (chances.chance(broker.compactsPerMinute / 60)) this.#clean('compaction', () => this.#broker.compact());
    if (chances.chance(broker.retainsPerMinute / 60)) this.#clean('retention', () => this.#retain());
    if (this.#leaders.chance(replaced.leadersGonePerMinute / 60)) this.#withdrawLeader();
    if (chances.chance(common.handsPerMinute / 60)) this.#act();
    if (chances.chance(1 / 10)) this.#tell(this.#people.answer(this.#managers.flatMap((seat) => seat.running?.advice() ?? [])));
  }

  #clean(what: string, clean: () => void): void {
    this.#recorder.add({ kind: 'fault', what });
    clean();
  }

  /** Retention is far longer than a manager is away: what no step has taken in stays. */
  #retain(): void {
    const { observations, steps } = this.#names;
    this.#broker.retain(10_000, observations, (partition) => {
      const joiner = new Joiner();
      const last = this.#broker
        .partition(steps, partition)
        .visible()
        .reduce<string | undefined>((text, record) => joiner.take(record)?.text ?? text, undefined);
      return last === undefined ? 0 : (decodeStep(last).next[observations] ?? 0);
    });
  }

  /** People write signals as sensors do; and edit the file, which lies on each machine. */
  #act(): void {
    const deed = this.#people.act(this.#time.now());
    if (deed === 'edited') {
      // Whoever is frozen or away reads it when it starts.
      for (const { running, machine } of this.#managers) machine?.arrive(() => running?.managers.configure(this.#people.setup));
    } else this.#tell(deed);
  }

  /** A signal goes to every partition that it concerns: one without a place, to all. */
  #tell(signals: ReturnType<People['resumed']>): void {
    for (const { domain, signal } of signals)
      for (const sensors of this.#sensors) if (domain === undefined || sensors.domain === domain) sensors.signal(signal);
  }

  #stepClock(): void {
    const name = this.#chances.pick([...this.#clocks.keys()]);
    const ms = this.#chances.pick([-20_000, -2_000, -300, 300, 2_000, 12_000]);
    const clock = this.#clocks.get(name)!;
    this.#recorder.add({ kind: 'fault', what: 'a clock steps' });
    clock.setWall(clock.wallOffset + ms);
  }

  #cut(): void {
    const name = this.#chances.pick([...this.#clocks.keys()]);
    this.#recorder.add({ kind: 'fault', what: 'a machine is cut off' });
    this.#cuts.set(name, this.#time.now() + this.#chances.between(300, 20_000));
  }

  /** Mostly that of the rows of the state, which are also written when there is time, and not only with a step: whoever cannot must renew. */
  #withdrawLeader(): void {
    const { state, steps, commands, attempts } = this.#names;
    this.#recorder.add({ kind: 'fault', what: 'the leader of a topic is away' });
    this.#broker.withdraw(this.#leaders.pick([state, state, state, state, steps, commands, attempts]));
    this.#time.after(this.#leaders.between(1_000, 6_000), () => this.#broker.lead());
  }

  #stopBroker(): void {
    if (!this.#broker.up) return;
    this.#recorder.add({ kind: 'fault', what: 'the broker stops' });
    this.#broker.stop();
    this.#time.after(this.#chances.between(200, 8_000), () => this.#broker.start());
  }
}
