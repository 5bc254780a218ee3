/** One life of the manager: the real shell, step, executor and bus, put together as `assemble.ts` does it, on the ports of the simulation. */
import type { Logger } from 'pino';
import { MemoryBus } from '../../src/bus/memory.ts';
import type { SimulatedClock } from '../../src/clock.ts';
import { EVERYWHERE } from '../../src/compile/index.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { Actuator, ActuatorContext } from '../../src/execute/actuators/actuator.ts';
import { setKind } from '../../src/execute/actuators/set.ts';
import { type Binding, Executor } from '../../src/execute/executor.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { State } from '../../src/knowledge/state.ts';
import { Manager, type ManagerPorts } from '../../src/manager.ts';
import type { Command, Event, Signal } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import type { SimulatedActuator } from './actuators.ts';
import type { Disk } from './disk.ts';
import { type Fence, LifeClock, never } from './fence.ts';
import type { Random } from './random.ts';
import { SimulatedStore } from './store.ts';
import type { Swarm } from './swarm.ts';
import type { Recorder } from './trace.ts';

export interface Surroundings {
  readonly clock: SimulatedClock;
  readonly disk: Disk;
  readonly random: Random;
  readonly swarm: () => Swarm;
  readonly recorder: Recorder;
  readonly actuators: readonly SimulatedActuator[];
}

const silent = { error() {}, warn() {}, info() {}, debug() {} } as unknown as Logger;

/** How long a life that is told to end waits for its commands, ms. */
const GRACE_MS = 2_000;

export class Life {
  readonly fence: Fence;
  readonly clock: LifeClock;
  readonly manager: Manager;
  readonly executor: Executor;
  readonly bus: MemoryBus;
  readonly #surroundings: Surroundings;

  /** @throws HomeostatError if the store cannot be read */
  constructor(number: number, document: string, fence: Fence, surroundings: Surroundings) {
    const { clock: world, disk, random, swarm, recorder, actuators } = surroundings;
    this.#surroundings = surroundings;
    this.fence = fence;
    const store = new SimulatedStore({ disk, fence, random, swarm, recorder });
    const state = store.load();
    const clock = new LifeClock(world, fence, state.position.now);
    this.clock = clock;
    this.bus = new MemoryBus((JSON.parse(document) as Setup).limits);
    const ports = new Map<string, Actuator>(actuators.map((a) => [a.name, a.port(fence, number, () => clock.now())]));
    ports.set('set', setKind.create({}, { name: 'set', clock } as unknown as ActuatorContext));
    this.executor = new Executor({
      actuators: ports,
      bindingOf: (command) => this.#bindingOf(command),
      clock,
      random: () => random.next(),
      emit: (event) => this.#tell(event),
      log: silent,
      limits: { attemptsPerActuator: swarm().attemptsPerActuator },
    });
    const managerPorts: ManagerPorts = {
      clock,
      store,
      bus: this.bus,
      confirmer: this.#confirmer(),
      sender: this.executor,
      log: silent,
      paceMs: swarm().paceMs,
      onStep: (result, changed) => this.#follow(result, changed),
    };
    this.manager = new Manager(managerPorts, state);
    const { step, now, term } = state.position;
    recorder.add({ kind: 'life', life: number, step, hash: state.hash, contents: contentsOf(state), now, term });
    if (stopped(state)) this.executor.withhold('everything is paused');
    this.manager.start(document);
  }

  /** A clean end, which may be cut short at any of its calls. */
  async stop(): Promise<void> {
    await this.manager.stop();
    await this.executor.close(GRACE_MS);
    this.fence.end('stopped');
  }

  signal(signal: Signal): void {
    if (this.fence.alive) this.bus.signal(signal);
  }

  observe(event: Event): void {
    if (this.fence.alive && event.kind === 'observation') this.bus.observe(event);
  }

  #tell(event: Signal & { kind: 'outcome' | 'withheld' }): void {
    const { random, swarm, recorder } = this.#surroundings;
    if (!this.fence.passes('before outcome')) return;
    recorder.add({ kind: 'told', command: event.command, status: event.kind === 'outcome' ? event.status : 'withheld' });
    this.bus.signal(event);
    if (random.chance(swarm().outcomeTwice)) this.bus.signal(event);
    this.fence.passes('after outcome');
  }

  /** json-rules-engine itself, which now and then is made to disagree. */
  #confirmer(): Pick<Confirmer, 'disagreement'> {
    const [{ random, swarm, recorder }, real] = [this.#surroundings, new Confirmer()];
    return {
      disagreement: async (policy, firing) => {
        const told = await this.fence.guard(real.disagreement(policy, firing));
        if (!this.fence.alive) return never();
        if (!random.chance(swarm().disagreement)) return told;
        recorder.add({ kind: 'disagreed', commands: firing.commands });
        return 'made to disagree';
      },
    };
  }

  #bindingOf(command: Command): Binding | undefined {
    const { state, derived } = this.manager;
    const row = state.commands.get(command.id);
    const type = derived.blueprint.types.get(state.elements.get(command.element)?.document.type ?? '');
    const declared = type?.commands.get(command.command) ?? EVERYWHERE.get(command.command);
    if (row === undefined && declared === undefined) return undefined;
    return {
      actuator: command.actuator,
      operation: row?.operation ?? declared!.operation,
      idempotent: declared?.idempotent ?? false,
      retries: declared?.retries ?? 0,
      backoffMs: declared?.backoffMs ?? 500,
    };
  }

  /** The executor follows the emergency stop. */
  #follow(result: StepResult, state: State): void {
    for (const { kind, text } of result.journal) {
      if (kind === 'pause' && stopped(state)) this.executor.withhold(text);
      else if (kind === 'resume' && !stopped(state)) this.executor.release();
    }
  }
}

const stopped = (state: State): boolean => [...state.pauses.rows()].some((pause) => Object.keys(pause.scope).length === 0);

/** The hash of all rows as they would be stored now, computed anew. */
export function contentsOf(state: State): string {
  const copy = new State();
  for (const { key, text } of state.dump()) copy.load(key, text!);
  return copy.hash;
}
