/** A process that is an agent of a place: it carries out commands, on the ports of the simulation. */
import { following } from '../../../src/clock.ts';
import { compile } from '../../../src/compile/index.ts';
import type { Actuator, ActuatorContext } from '../../../src/execute/actuators/actuator.ts';
import { setKind } from '../../../src/execute/actuators/set.ts';
import type { Setup } from '../../../src/knowledge/blueprint.ts';
import type { Log } from '../../../src/log/log.ts';
import { LEAD_LIMIT_MS } from '../../../src/monitor/intake.ts';
import { Agent } from '../../../src/services/agent.ts';
import type { TopicNames } from '../../../src/services/topics.ts';
import type { SimulatedActuator } from '../actuators.ts';
import type { Random } from '../random.ts';
import type { Machine } from './machine.ts';
import { CLUSTER, silent } from './manager-process.ts';
import type { Running } from './seat.ts';
import { placeOf } from './setup.ts';
import type { Faults } from './swarm.ts';

export interface AgentPorts {
  readonly machine: Machine;
  readonly place: string;
  /** The number of this life, of all agents. */
  readonly life: number;
  readonly log: Log;
  readonly names: TopicNames;
  readonly random: Random;
  readonly faults: () => Faults;
  readonly actuators: readonly SimulatedActuator[];
  readonly setup: () => Setup;
}

/** How long an agent that is told to end waits for its commands, ms. */
const GRACE_MS = 2_000;

export class AgentProcess implements Running {
  readonly agent: Agent;

  constructor({ machine, place, life, log, names, random, faults, actuators, setup }: AgentPorts) {
    const { shape } = faults();
    const { blueprint } = compile(setup(), 'setup');
    const stamps = following(machine, LEAD_LIMIT_MS);
    this.agent = new Agent({
      log,
      names,
      cluster: CLUSTER,
      partitions: shape.partitions,
      place,
      sessionMs: shape.sessionMs,
      clock: machine,
      stamps,
      random: () => random.next(),
      logger: silent,
      probes: [],
      directory: '/nowhere',
      environment: {},
      mqtt: () => {
        throw new Error('there is no MQTT here');
      },
      blueprint: () => blueprint,
      actuators: () => {
        const here = actuators.filter(({ name }) => placeOf(shape.places, name) === place);
        const ports = new Map<string, Actuator>(here.map((a) => [a.name, a.port(machine, life, () => stamps.now())]));
        if (placeOf(shape.places, 'set') === place)
          ports.set('set', setKind.create({}, { name: 'set', clock: stamps } as unknown as ActuatorContext));
        return ports;
      },
      queue: 10_000,
    });
    // The broker may be away when it starts: then it ends, and is started again.
    this.agent.start().catch(() => machine.kill('cannot start'));
  }

  stop(): Promise<void> {
    return this.agent.stop(GRACE_MS);
  }
}
