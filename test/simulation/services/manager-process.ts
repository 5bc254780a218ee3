/** A process of managers: what core runs, on the ports of the simulation. */
import type { Logger } from 'pino';
import { catchingUp } from '../../../src/clock.ts';
import { Confirmer } from '../../../src/confirm.ts';
import type { Setup } from '../../../src/knowledge/blueprint.ts';
import type { Log } from '../../../src/log/log.ts';
import { Managers } from '../../../src/services/managers.ts';
import { Router } from '../../../src/services/router.ts';
import type { TopicNames } from '../../../src/services/topics.ts';
import type { Random } from '../random.ts';
import type { Recorder } from '../trace.ts';
import type { LocalDisk } from './local-disk.ts';
import { type Machine, never } from './machine.ts';
import type { Running } from './seat.ts';
import { placeOf } from './setup.ts';
import type { Faults } from './swarm.ts';

export const silent = { error() {}, warn() {}, info() {}, debug() {}, child: () => silent } as unknown as Logger;
export const CLUSTER = 'sim';

export interface ManagerPorts {
  readonly machine: Machine;
  readonly log: Log;
  readonly names: TopicNames;
  readonly random: Random;
  readonly faults: () => Faults;
  readonly recorder: Recorder;
  readonly disk: LocalDisk;
  /** The manager file as it lies there. */
  readonly setup: () => Setup;
}

export class ManagerProcess implements Running {
  readonly managers: Managers;
  readonly #router: Router;
  readonly #machine: Machine;

  constructor({ machine, log, names, random, faults, recorder, disk, setup }: ManagerPorts) {
    const { shape, common, replaced } = faults();
    this.#machine = machine;
    const real = shape.confirms ? new Confirmer() : { disagreement: async () => undefined };
    this.managers = new Managers({
      log,
      names,
      cluster: CLUSTER,
      partitions: shape.partitions,
      setup: setup(),
      paceMs: common.paceMs,
      confirmer: {
        disagreement: async (policy, firing) => {
          const told = await real.disagreement(policy, firing);
          if (!machine.alive) return never();
          if (!random.chance(faults().common.disagreement)) return told;
          recorder.add({ kind: 'disagreed', commands: firing.commands });
          return 'made to disagree';
        },
      },
      clockFrom: (notBefore) => catchingUp(machine, notBefore),
      clock: machine,
      logger: silent,
      agentProperties: new Set(),
      placeOf: (actuator) => placeOf(shape.places, actuator),
      sessionMs: shape.sessionMs,
      random: () => random.next(),
      pieceChars: shape.pieceChars,
      settleEveryMs: replaced.settleEveryMs,
      localOf: (partition) => (shape.localStores ? disk.store(partition, machine) : undefined),
    });
    const { partitions, sessionMs } = shape;
    this.#router = new Router({ log, names, cluster: CLUSTER, partitions, sessionMs, clock: machine, logger: silent });
    // The broker may be away when it starts: then it ends, and is started again.
    this.#start().catch(() => this.#machine.kill('cannot start'));
  }

  async #start(): Promise<void> {
    await this.managers.start();
    await this.#router.start();
  }

  /** The questions that people are asked. */
  advice(): string[] {
    return [...this.managers.open.values()].flatMap(({ manager }) => [...manager.state.advice.rows()].map(({ id }) => id));
  }

  async stop(): Promise<void> {
    await this.#router.stop();
    await this.managers.stop();
  }
}
