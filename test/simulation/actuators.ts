/**
 * The actuators of the simulation. What reaches the world is remembered there, by the id of its command, whatever becomes of the manager that
 * asked for it: an attempt goes on after its manager has died.
 */

import type { Clock } from '../../src/clock.ts';
import { HomeostatError } from '../../src/errors.ts';
import type { Actuator, Order, Result } from '../../src/execute/actuators/actuator.ts';
import { FinalFailure } from '../../src/execute/actuators/results.ts';
import type { Command } from '../../src/messages.ts';
import type { Effects } from './effects.ts';
import { never } from './fence.ts';
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';
import type { Recorder } from './trace.ts';

/** What stands between the world and one life, or one process. */
export interface Gate {
  /** Of the process; the embedded system has one life at a time. */
  readonly name?: string;
  passes(where: string): boolean;
  guard<T>(answer: Promise<T>): Promise<T>;
}

export interface ActuatorPorts {
  readonly clock: Pick<Clock, 'after'>;
  readonly random: Random;
  readonly swarm: () => Swarm;
  readonly recorder: Recorder;
  readonly disk: { readonly flushedStep: number };
  readonly effects: Pick<Effects, 'carryOut' | 'readBack'>;
}

/** What an attempt comes to: with or without its effect, and with which answer. `hung` and `mute` never answer. */
type Fate = 'done' | 'busy' | 'refused' | 'broken' | 'hung' | 'mute';

/** An actuator in the world, which outlives every manager. */
export class SimulatedActuator {
  readonly name: string;
  readonly #idempotent: boolean;
  readonly #inquires: boolean;
  readonly #ports: ActuatorPorts;
  /** By command id: what came of it, or what runs. */
  readonly #known = new Map<string, Promise<Result>>();

  constructor(name: string, idempotent: boolean, inquires: boolean, ports: ActuatorPorts) {
    this.name = name;
    this.#idempotent = idempotent;
    this.#inquires = inquires;
    this.#ports = ports;
  }

  /** As one life of the manager sees it. `now`: the manager's time, for what is read back. */
  port(fence: Gate, life: number, now: () => number): Actuator {
    const { disk, recorder } = this.#ports;
    const execute: Actuator['execute'] = async (order, signal) => {
      if (!fence.passes('before execute')) return never();
      recorder.add({ kind: 'execute', life, command: order.command, flushed: disk.flushedStep, ...(fence.name && { by: fence.name }) });
      const answer = fence.guard(this.#attempt(order, signal, now));
      if (!fence.passes('after execute')) return never();
      return answer;
    };
    const inquire: NonNullable<Actuator['inquire']> = async (order) => {
      if (!fence.passes('before inquire')) return never();
      recorder.add({ kind: 'inquire', life, command: order.command });
      const answer = fence.guard(this.#inquire(order.command));
      if (!fence.passes('after inquire')) return never();
      return answer;
    };
    return { execute, ...(this.#inquires ? { inquire } : {}), close: async () => {} };
  }

  #attempt(order: Order, signal: AbortSignal, now: () => number): Promise<Result> {
    const { clock, random, recorder, swarm, effects } = this.#ports;
    const faults = swarm().actuators;
    const fate = this.#fate();
    const deaf = random.chance(faults.deaf);
    const tookMs = random.chance(faults.slow) ? random.between(1_000, 14_000) : random.between(5, 300);
    const effectMs = random.between(0, tookMs);
    recorder.add({ kind: 'attempt', actuator: this.name, idempotent: this.#idempotent, command: order.command });
    const attempt = new Promise<Result>((resolve, reject) => {
      let stopped = false;
      const stop = (): void => {
        stopped = true;
        if (!deaf) resolve({ status: 'failed', detail: 'told to stop' });
      };
      signal.addEventListener('abort', stop, { once: true });
      if (fate !== 'busy' && fate !== 'refused' && fate !== 'hung') {
        clock.after(effectMs, () => {
          // What is aborted must not begin an effect (the contract of an actuator).
          if (stopped) return;
          recorder.add({ kind: 'effect', actuator: this.name, command: order.command.id });
          effects.carryOut(order.command);
        });
      }
      if (fate === 'hung' || fate === 'mute') return;
      clock.after(tookMs, () => {
        signal.removeEventListener('abort', stop);
        if (fate === 'busy' || fate === 'broken') reject(new HomeostatError('H402', `${fate}: try again`));
        else if (fate === 'refused') reject(new FinalFailure('refused'));
        else if (stopped) resolve({ status: 'failed', detail: 'stopped before it was done' });
        else resolve({ status: 'succeeded', detail: 'done', ...effects.readBack(order.command, now()) });
      });
    });
    this.#known.set(order.command.id, attempt);
    // Its manager may be gone when it fails.
    attempt.catch(() => {});
    return attempt;
  }

  #fate(): Fate {
    const { random, swarm } = this.#ports;
    const { busy, refused, broken, hung, mute } = swarm().actuators;
    const drawn = (['busy', 'refused', 'broken', 'hung', 'mute'] as const).map(
      (fate) => [fate, random.chance({ busy, refused, broken, hung, mute }[fate])] as const,
    );
    return drawn.find(([, there]) => there)?.[0] ?? 'done';
  }

  async #inquire({ id }: Command): Promise<Result | undefined> {
    const { random, swarm } = this.#ports;
    if (random.chance(swarm().actuators.inquiryFails)) {
      if (random.chance(0.5)) return never();
      throw new HomeostatError('H402', 'the actuator cannot be asked now');
    }
    // An attempt that still runs is waited for; one that hangs is never answered.
    return this.#known.get(id)?.catch((thrown: Error) => ({ status: 'failed', detail: thrown.message }) as const);
  }
}
