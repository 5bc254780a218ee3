/** People, and their file: they pause and resume, answer what they are asked, and edit policies. */
import type { Setup } from '../../../src/knowledge/blueprint.ts';
import type { PauseScope, Signal } from '../../../src/messages.ts';
import type { Random } from '../random.ts';
import type { Swarm } from '../swarm.ts';
import type { Recorder } from '../trace.ts';
import { DOMAINS } from './plants.ts';
import { servicesSetup, TRYING } from './setup.ts';

/** A signal for one domain, or for all. */
export interface Word {
  readonly domain?: string;
  readonly signal: Signal;
}

const DEEDS = ['pauseAll', 'pauseAll', 'pauseOne', 'resume', 'edit'] as const;

export class People {
  readonly #random: Random;
  readonly #recorder: Recorder;
  #limits: Pick<Swarm, 'batch' | 'queue' | 'oscillation'>;
  #edit = 0;
  #version = 0;
  #pauses = 0;

  constructor(random: Random, limits: Pick<Swarm, 'batch' | 'queue' | 'oscillation'>, recorder: Recorder) {
    this.#random = random;
    this.#limits = limits;
    this.#recorder = recorder;
  }

  get setup(): Setup {
    return servicesSetup(this.#limits, this.#edit, this.#version);
  }

  /** `now`: the time as the clock on the wall tells it. */
  act(now: number): readonly Word[] | 'edited' {
    const random = this.#random;
    const deed = random.pick(DEEDS);
    this.#recorder.add({ kind: 'hand', what: deed });
    const until = random.chance(0.8) ? now + random.between(500, 10_000) : null;
    const pause = (scope: PauseScope): Signal => ({
      kind: 'pause',
      name: `pause-${this.#pauses++}`,
      scope,
      reason: 'not now',
      author: 'ann',
      until,
    });
    switch (deed) {
      case 'pauseAll':
        return [{ signal: pause({}) }];
      case 'pauseOne':
        return [{ signal: pause(random.pick<PauseScope>([{ element: `${DOMAINS[0]}/a` }, { policy: 'grow' }, { type: 'server' }])) }];
      case 'resume':
        return this.resumed();
      case 'edit':
        this.#edit = random.between(0, TRYING);
        if (random.chance(0.3)) this.#version++;
        return 'edited';
    }
  }

  answer(open: readonly string[]): readonly Word[] {
    if (open.length === 0) return [];
    const advice = this.#random.pick(open);
    this.#recorder.add({ kind: 'hand', what: 'answer' });
    const answer = this.#random.chance(0.75) ? 'approved' : 'rejected';
    return [{ signal: { kind: 'answered', advice, answer, reason: 'so it seems', author: 'ann' } }];
  }

  resumed(): readonly Word[] {
    return [{ signal: { kind: 'resume', scope: {}, reason: 'it looks well', author: 'ann' } }];
  }

  /** All that people did to hold things back is undone, and what was set aside is given back with a new text. */
  heal(limits: Pick<Swarm, 'batch' | 'queue' | 'oscillation'>): void {
    this.#limits = limits;
    this.#edit = 0;
    this.#version++;
  }
}
