/** The way from one process to the broker: it takes its time, loses requests and answers, and is cut for a while. Here most processes die or freeze. */
import type { Link, RequestKind } from '../../log/memory.ts';
import type { Random } from '../random.ts';
import type { Recorder } from '../trace.ts';
import type { Machine } from './machine.ts';
import type { Faults } from './swarm.ts';

export interface LinePorts {
  readonly machine: Machine;
  readonly random: Random;
  readonly faults: () => Faults;
  readonly recorder: Recorder;
  /** Whether the machine is cut off from the broker now. */
  readonly cut: () => boolean;
  /** Chance that it stands still until it is replaced, as it hears that a transaction is committed. */
  readonly standsStillAtEnd: () => number;
}

/** Calls at which it matters most what dies there. */
const PORTS: ReadonlySet<RequestKind> = new Set(['write', 'init', 'produce', 'end', 'read', 'join']);

/** Requests that the coordinator of the group answers, which may be another broker than all others. */
const OF_THE_GROUP: ReadonlySet<RequestKind> = new Set(['join', 'heartbeat', 'leave', 'note']);
/** Who is frozen so that it is replaced is so for at most so long, ms; and hears so much later of the group than of the rest. */
const REPLACED_MS = 15_000;
const UNTOLD_MS = 2_000;

export function line({ machine, random, faults, recorder, cut, standsStillAtEnd }: LinePorts): Link {
  let untoldUntil = 0;
  /** Whether there is a transaction of whose end nothing was heard: who asks for its id then, asks for it again. */
  let isOpen = false;
  /** Freezes for so long that others go on without it. */
  const standStill = (chance: number, where: string): void => {
    // Nothing is drawn in a seed that has it not.
    if (chance === 0 || machine.frozen || !random.chance(chance)) return;
    const ms = random.between(faults().shape.sessionMs, REPLACED_MS);
    machine.freeze(ms, where);
    untoldUntil = recorder.now + ms + random.between(0, UNTOLD_MS);
  };
  const way = (kind: RequestKind, lost: string): number | null => {
    const { requestLost, slow } = faults().network;
    if (cut() || (OF_THE_GROUP.has(kind) && recorder.now < untoldUntil)) return null;
    if (random.chance(requestLost)) {
      recorder.add({ kind: 'fault', what: `${lost}: ${kind}` });
      return null;
    }
    return random.chance(slow) ? random.between(20, 900) : random.between(0, 3);
  };
  return {
    clock: machine,
    there: (kind) => {
      if (PORTS.has(kind) && !machine.passes(`before ${kind}`)) return null;
      if (kind === 'init' && isOpen) standStill(faults().replaced.atRenewal, 'so long before init');
      if (kind === 'produce') isOpen = true;
      const ms = way(kind, 'request lost');
      return ms === null ? null : ms + machine.heldBackMs;
    },
    back: (kind) => {
      const ms = way(kind, 'answer lost');
      if (kind === 'end' && ms !== null) isOpen = false;
      return ms;
    },
    arrive: (kind, then) =>
      machine.arrive(() => {
        if (PORTS.has(kind) && !machine.passes(`after ${kind}`)) return;
        if (kind === 'end') standStill(standsStillAtEnd(), 'so long after end');
        machine.arrive(then);
      }),
  };
}
