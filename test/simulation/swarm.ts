/**
 * Which faults a seed brings, and how many. Each fault is wholly absent from about half of the seeds, because a fault that is always there
 * can hide another (A. Groce et al., "Swarm Testing", ISSTA 2012).
 */
import type { OscillationDocument } from '../../src/documents/oscillation.ts';
import type { Random } from './random.ts';

export interface Swarm {
  /** Chance that a call of a port is the last thing a life does. */
  readonly crashAtPort: number;
  /** Crashes at moments of no meaning, per minute. */
  readonly crashesPerMinute: number;
  /** Share of the crashes that take the power with them: what was not flushed is lost from some step on. */
  readonly powerLoss: number;
  readonly commitMs: number;
  readonly flushMs: number;
  readonly commitFails: number;
  readonly flushFails: number;
  /** Chance that the state cannot be read when it is asked for. */
  readonly loadFails: number;
  readonly telemetry: {
    readonly late: number;
    readonly duplicated: number;
    readonly missing: number;
    readonly coalesced: number;
    readonly future: number;
    readonly odd: number;
    /** Observations that come in a heap, per minute. */
    readonly heapsPerMinute: number;
  };
  readonly actuators: {
    readonly slow: number;
    readonly busy: number;
    readonly refused: number;
    readonly broken: number;
    readonly hung: number;
    readonly mute: number;
    readonly deaf: number;
    readonly inquiryFails: number;
  };
  readonly outcomeTwice: number;
  readonly disagreement: number;
  readonly handsPerMinute: number;
  readonly wallJumpsPerMinute: number;
  readonly deathsPerMinute: number;
  readonly paceMs: number;
  readonly queue: number;
  readonly batch: number;
  /** Whether the fleet can be asked what came of a command. */
  readonly fleetInquires: boolean;
  readonly attemptsPerActuator: number;
  /** What becomes of policies that undo each other; undefined: nothing is said. */
  readonly oscillation: OscillationDocument | undefined;
}

/** Drawn last: what was there before is as it was. */
export const oscillationOf = (random: Random): OscillationDocument | undefined =>
  random.pick([undefined, false, { within: '1m', reversals: 3 }, { within: '40s', reversals: 2, freeze: '8s' }]);

export const swarmOf = (random: Random): Swarm => ({ ...commonOf(random), oscillation: oscillationOf(random) });

export function commonOf(random: Random): Omit<Swarm, 'oscillation'> {
  const sometimes = (most: number): number => {
    const [there, much] = [random.chance(0.5), random.next()];
    return there ? most * much : 0;
  };
  return {
    crashAtPort: sometimes(0.03),
    crashesPerMinute: sometimes(5),
    powerLoss: random.pick([0, 0.5, 0.5, 1]),
    commitMs: random.pick([0, 1, 5, 60]),
    flushMs: random.pick([0, 3, 40, 800]),
    commitFails: sometimes(0.05),
    flushFails: sometimes(0.1),
    loadFails: sometimes(0.3),
    telemetry: {
      late: sometimes(0.2),
      duplicated: sometimes(0.1),
      missing: sometimes(0.2),
      coalesced: sometimes(0.03),
      future: sometimes(0.05),
      odd: sometimes(0.08),
      heapsPerMinute: sometimes(4),
    },
    actuators: {
      slow: sometimes(0.5),
      busy: sometimes(0.4),
      refused: sometimes(0.2),
      broken: sometimes(0.2),
      hung: sometimes(0.2),
      mute: sometimes(0.1),
      deaf: sometimes(0.5),
      inquiryFails: sometimes(0.5),
    },
    outcomeTwice: sometimes(0.2),
    disagreement: sometimes(0.04),
    handsPerMinute: sometimes(12),
    wallJumpsPerMinute: sometimes(2),
    deathsPerMinute: sometimes(5),
    paceMs: random.pick([5, 20, 200]),
    queue: random.pick([8, 40, 10_000]),
    batch: random.pick([5, 30, 10_000]),
    fleetInquires: random.chance(0.5),
    attemptsPerActuator: random.pick([1, 1, 16]),
  };
}

/** No fault at all: the healed phase. */
export function healed(swarm: Swarm): Swarm {
  const none = <T extends object>(faults: T): T => Object.fromEntries(Object.keys(faults).map((name) => [name, 0])) as T;
  return {
    ...none(swarm),
    telemetry: none(swarm.telemetry),
    actuators: none(swarm.actuators),
    paceMs: swarm.paceMs,
    // Room for all that is measured: what is dropped at each look would never be known.
    queue: 10_000,
    batch: 10_000,
    commitMs: swarm.commitMs,
    flushMs: swarm.flushMs,
    fleetInquires: swarm.fleetInquires,
    attemptsPerActuator: swarm.attemptsPerActuator,
    oscillation: swarm.oscillation,
  };
}
