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
}

/** Calls at which it matters most what dies there. */
const PORTS: ReadonlySet<RequestKind> = new Set(['write', 'init', 'produce', 'end', 'read', 'join']);

export function line({ machine, random, faults, recorder, cut }: LinePorts): Link {
  const way = (kind: RequestKind, lost: string): number | null => {
    const { requestLost, slow } = faults().network;
    if (cut()) return null;
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
      const ms = way(kind, 'request lost');
      return ms === null ? null : ms + machine.heldBackMs;
    },
    back: (kind) => way(kind, 'answer lost'),
    arrive: (kind, then) =>
      machine.arrive(() => {
        if (PORTS.has(kind) && !machine.passes(`after ${kind}`)) return;
        machine.arrive(then);
      }),
  };
}
