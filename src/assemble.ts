/** Puts a manager together from its configuration: the one place where every part meets its adapters. */
import type { Logger } from 'pino';
import { wordsWith } from './analyze/custom.ts';
import { MemoryBus } from './bus/memory.ts';
import { type Clock, SystemClock } from './clock.ts';
import type { Configuration } from './config.ts';
import { Confirmer } from './confirm.ts';
import { HomeostatError } from './errors.ts';
import type { Actuator, FailPoint, Target } from './execute/actuators/actuator.ts';
import { Executor } from './execute/executor.ts';
import { type Attached, attachHistory } from './history/attach.ts';
import { LmdbStore } from './knowledge/lmdb.ts';
import { lockFolder } from './knowledge/lock.ts';
import { HOMEOSTAT } from './knowledge/own.ts';
import type { State } from './knowledge/state.ts';
import type { Store } from './knowledge/store.ts';
import { intervalsOf } from './knowledge/tunings.ts';
import { bindingOf, observes, propertiesOf, stopped, targetOf } from './look.ts';
import { makeActuators } from './make-actuators.ts';
import { Manager, type ManagerPorts } from './manager.ts';
import type { Event } from './messages.ts';
import { Sensors } from './monitor/sensors.ts';
import { Connections, instanceOf } from './mqtt/connections.ts';
import { ownActuator } from './own-actuator.ts';
import type { StepResult } from './step.ts';

export interface Surroundings {
  readonly log: Logger;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  readonly onStep?: (result: StepResult, state: State) => void;
  /** Stands between the manager and its ports, for tests that stop it at a chosen moment. */
  readonly wrap?: {
    readonly store?: (store: Store) => Store;
    readonly actuator?: (actuator: Actuator) => Actuator;
    readonly reached?: (point: FailPoint) => void;
    /** All that probes, actuators and the executor tell. */
    readonly emit?: (emit: (event: Event) => void) => (event: Event) => void;
  };
}

/** A manager with all that belongs to it. */
export interface Assembly {
  readonly manager: Manager;
  readonly store: LmdbStore;
  readonly bus: MemoryBus;
  readonly executor: Executor;
  readonly sensors: Sensors;
  readonly clock: Clock;
  /** To brokers of MQTT. */
  readonly connections: Connections;
  /** The history in InfluxDB, where the manager file names one. */
  readonly history: Attached | undefined;
  start(): Promise<void>;
  /** Stops in order: probes, steps, commands; what it manages lives on. `graceMs`: how long running commands are waited for. */
  stop(graceMs: number): Promise<void>;
}

/** @throws HomeostatError H301 if the folder is in use, H302 or H303 if it cannot be read */
export async function assemble(configuration: Configuration, surroundings: Surroundings): Promise<Assembly> {
  const unlock = await lockFolder(configuration.folder);
  try {
    return await put(configuration, surroundings, unlock);
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
}

async function put(configuration: Configuration, surroundings: Surroundings, unlock: () => Promise<void>): Promise<Assembly> {
  const { setup, manager: document } = configuration;
  const { log, random, wrap = {} } = surroundings;
  const store = new LmdbStore({
    folder: configuration.folder,
    journalEntries: setup.limits.journalEntries,
    inputBytes: setup.limits.inputBytes,
    historyMs: configuration.historyMs,
  });
  const clock = new SystemClock(store.lastNow());
  const bus = new MemoryBus(setup.limits);
  const tell = (event: Event): void => {
    if (event.kind === 'observation') bus.observe(event);
    else if (!bus.signal(event)) log.error({ event: event.kind }, 'the queue of signals is full; a signal was lost');
  };
  const emit = wrap.emit?.(tell) ?? tell;
  const connections = new Connections(document.mqtt, {
    instance: instanceOf(setup.domain, configuration.folder),
    clock,
    random,
    secrets: { environment: surroundings.environment, directory: configuration.directory },
    log,
  });
  const history = await attachHistory(configuration, {
    clock,
    random,
    environment: surroundings.environment,
    log,
    store,
    waiting: () => bus.waiting,
    running: () => executor.counts().running,
  });
  const actuators = new Map<string, Actuator>();
  const executor = new Executor({ actuators, bindingOf: (command) => bindingOf(manager, command), clock, random, emit, log });
  let sensors: Sensors | undefined;
  const stored = wrap.store?.(store) ?? store;
  const ports: ManagerPorts = {
    clock,
    store: stored,
    bus,
    confirmer: new Confirmer(configuration.words),
    words: wordsWith(configuration.words),
    sender: executor,
    log,
    paceMs: configuration.paceMs,
    onStep: (result, state, events) => {
      follow(result, state, sensors, executor);
      history?.onStep(result, events);
      surroundings.onStep?.(result, state);
    },
  };
  const manager = new Manager(ports, await stored.load());
  const target = (id: string): Target | undefined => targetOf(manager, id);
  const lent = {
    clock,
    directory: configuration.directory,
    folder: configuration.folder,
    owner: configuration.folder,
    environment: surroundings.environment,
    target,
    emit,
    log,
    mqtt: connections.get,
    ...(wrap.reached === undefined ? {} : { reached: wrap.reached }),
  };
  for (const [name, actuator] of makeActuators(document.actuators, lent)) actuators.set(name, wrap.actuator?.(actuator) ?? actuator);
  sensors = new Sensors(document.probes ?? [], {
    clock,
    random,
    sink: emit,
    directory: configuration.directory,
    environment: surroundings.environment,
    observes: (element, property) => observes(manager, element, property),
    processesOf: (name) => {
      const processes = actuators.get(name)?.processes?.();
      if (processes === undefined) throw new HomeostatError('H005', `actuator "${name}" keeps no processes`);
      return processes;
    },
    known: (element) => manager.state.elements.get(element) !== undefined,
    mqtt: connections.get,
    stateOf: (probe, element) => manager.state.probes.get(`${probe}\t${element}`)?.state,
  });
  const probing = sensors;
  actuators.set(
    HOMEOSTAT,
    ownActuator((probe, every) => probing.retime(probe, every)),
  );
  return {
    manager,
    store,
    bus,
    executor,
    sensors,
    clock,
    connections,
    history,
    start: async () => {
      const adopting = [...actuators.values()].filter((actuator) => actuator.adopt !== undefined);
      const targets = adopting.length === 0 ? [] : [...manager.state.elements.keys()].map((id) => target(id)!);
      for (const actuator of adopting) await actuator.adopt!(targets);
      if (stopped(manager.state)) executor.withhold('everything is paused');
      sensors.followIntervals(intervalsOf(manager.state));
      if ((document.probes ?? []).length > 0)
        for (const row of manager.state.elements.rows())
          sensors.attach({ id: row.key, document: row.document, properties: propertiesOf(manager.state, row.key) });
      // Before the first step, which takes them in together with the configuration.
      if (history !== undefined && manager.state.position.step === 0) for (const event of await history.warm()) bus.observe(event);
      history?.follow(manager);
      manager.start(JSON.stringify(setup));
      sensors.start();
    },
    stop: async (graceMs) => {
      await sensors.close();
      await manager.stop();
      await executor.close(graceMs);
      for (const actuator of actuators.values()) await actuator.close();
      await connections.close();
      await history?.close();
      await store.close();
      await unlock();
    },
  };
}

/** After each step: probes follow the elements, and the executor the emergency stop. */
function follow(result: StepResult, state: State, sensors: Sensors | undefined, executor: Executor): void {
  const touched = new Set<string>();
  for (const { element } of result.readings) if (sensors?.waitsFor(element)) touched.add(element);
  for (const entry of result.journal) {
    if (entry.kind === 'appeared') touched.add(entry.element!);
    else if (entry.kind === 'vanished') void sensors?.detach(entry.element!);
    else if (entry.kind === 'configured') for (const id of state.elements.keys()) touched.add(id);
    else if (entry.kind === 'tuned') sensors?.followIntervals(intervalsOf(state));
    else if (entry.kind === 'pause' && stopped(state)) executor.withhold(entry.text);
    else if (entry.kind === 'resume' && !stopped(state)) executor.release();
  }
  for (const id of touched) {
    const row = state.elements.get(id);
    if (row !== undefined) sensors?.attach({ id, document: row.document, properties: propertiesOf(state, id) });
  }
}
