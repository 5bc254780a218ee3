/** What an agent has for one partition: its model, its probes, and the executor of its commands. */
import type { Logger } from 'pino';
import { byWall, type Clock } from '../clock.ts';
import type { ProbeDocument } from '../documents/manager.ts';
import { HomeostatError } from '../errors.ts';
import type { Actuator, Target } from '../execute/actuators/actuator.ts';
import { Executor } from '../execute/executor.ts';
import type { Blueprint } from '../knowledge/blueprint.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import type { Log, ReadRecord } from '../log/log.ts';
import type { Event, OutcomeEvent, WithheldEvent } from '../messages.ts';
import { Sensors, type SensorsContext } from '../monitor/sensors.ts';
import { ownActuator } from '../own-actuator.ts';
import { AgentModel } from './agent-model.ts';
import type { Arrived } from './attempts.ts';
import type { TopicNames } from './topics.ts';
import type { WireCommand } from './wire.ts';

export interface AgentPartPorts extends Pick<SensorsContext, 'directory' | 'environment' | 'mqtt' | 'known'> {
  readonly log: Log;
  readonly names: TopicNames;
  readonly clock: Clock;
  /** What measurements are stamped by. */
  readonly stamps: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly probes: readonly ProbeDocument[];
  /** Names of the probes of other places. */
  readonly elsewhere?: ReadonlySet<string>;
  readonly blueprint: () => Blueprint;
  readonly actuators: ReadonlyMap<string, Actuator>;
  /** Tells what came of a command. */
  readonly tell: (event: OutcomeEvent | WithheldEvent) => void;
  /** Writes what probes tell. */
  readonly publish: (event: Event) => void;
}

export class AgentPart {
  readonly partition: number;
  readonly executor: Executor;
  readonly sensors: Sensors;
  readonly #model = new AgentModel();
  readonly #wires = new Map<string, WireCommand>();
  #modelNext = 0;

  private constructor(partition: number, ports: AgentPartPorts) {
    this.partition = partition;
    const { clock, stamps, random, logger, probes, directory, environment, mqtt, known, publish, tell } = ports;
    this.sensors = new Sensors(probes, {
      clock: stamps,
      random,
      sink: publish,
      directory,
      environment,
      mqtt,
      known,
      observes: (element, property) => this.#observes(ports.blueprint(), element, property),
      processesOf: (name) => {
        const processes = ports.actuators.get(name)?.processes?.();
        if (processes === undefined) throw new HomeostatError('H005', `actuator "${name}" keeps no processes here`);
        return processes;
      },
      stateOf: (probe, element) => this.#model.probe(probe, element),
    });
    // What is at another place is set there, by what the model says once the command has succeeded.
    const own = ownActuator((probe, every) => (ports.elsewhere?.has(probe) === true ? undefined : this.sensors.retime(probe, every)));
    this.executor = new Executor({
      actuators: new Map([...ports.actuators, [HOMEOSTAT, own]]),
      bindingOf: ({ id }) => this.#wires.get(id)?.binding,
      // Deadlines are set by the clocks of managers, which are other machines.
      clock: byWall(clock),
      random,
      log: logger,
      emit: (event) => {
        this.#wires.delete(event.command);
        tell(event);
      },
    });
  }

  /** Reads the model as its managers have told it so far. */
  static async open(partition: number, ports: AgentPartPorts): Promise<AgentPart> {
    const part = new AgentPart(partition, ports);
    part.#modelNext = await ports.log.read(ports.names.model, partition, 0, (records) => {
      for (const { key, value } of records) if (key !== null) part.#model.put(key, value);
    });
    return part;
  }

  /** Where reading of the model goes on. */
  get modelNext(): number {
    return this.#modelNext;
  }

  has(element: string): boolean {
    return this.#model.element(element) !== undefined;
  }

  targets(): Target[] {
    return this.#model.elements().map((id) => this.#model.target(id)!);
  }

  /** What the model holds of an element; of one that it has not heard of yet, what came with a command on it. */
  target(element: string): Target | undefined {
    const known = this.#model.target(element);
    if (known !== undefined) return known;
    for (const { target } of this.#wires.values()) if (target.id === element && target.type !== '') return target;
    return undefined;
  }

  start(): void {
    if (this.#model.stopped) this.executor.withhold('everything is paused');
    this.sensors.followIntervals(this.#model.intervals());
    for (const id of this.#model.elements()) this.#attach(id);
    this.sensors.start();
  }

  deliverModel(records: readonly ReadRecord[], next: number): void {
    for (const { key, value, offset } of records) {
      if (key === null || offset < this.#modelNext) continue;
      const change = this.#model.put(key, value);
      if (change.kind === 'appeared') this.#attach(change.element);
      else if (change.kind === 'vanished') void this.sensors.detach(change.element);
      else if (change.kind === 'reading' && this.sensors.waitsFor(change.element)) this.#attach(change.element);
      else if (change.kind === 'tuned') this.sensors.followIntervals(this.#model.intervals());
    }
    this.#modelNext = Math.max(this.#modelNext, next);
  }

  /** Carries out a command whose beginning is written down. */
  dispatch({ wire }: Arrived): void {
    this.#wires.set(wire.command.id, wire);
    this.executor.dispatch(wire.command);
  }

  /** Takes up a command that an agent before has begun. */
  recover(wire: WireCommand): void {
    this.#wires.set(wire.command.id, wire);
    this.executor.recover([wire.command], wire.command.term);
  }

  #attach(id: string): void {
    const row = this.#model.element(id);
    if (row !== undefined) this.sensors.attach({ id, document: row.document, properties: this.#model.properties(id) });
  }

  /** As in the embedded mode: of what is not known here everything is told, so that it becomes a dead letter and is not lost in silence. */
  #observes(blueprint: Blueprint, element: string, property: string): boolean {
    const row = this.#model.element(element);
    const type = row && blueprint.types.get(row.document.type);
    return type === undefined || type.series.has(property);
  }
}
