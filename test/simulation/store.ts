/** The store of one life, on the disk that all lives share. It takes its time, fails, and is where many lives end. */
import { HomeostatError } from '../../src/errors.ts';
import type { State } from '../../src/knowledge/state.ts';
import type { Store, Transaction, Withheld } from '../../src/knowledge/store.ts';
import type { Disk } from './disk.ts';
import { type Fence, never } from './fence.ts';
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';
import type { Recorder } from './trace.ts';

export interface StorePorts {
  readonly disk: Disk;
  readonly fence: Fence;
  readonly random: Random;
  readonly swarm: () => Swarm;
  readonly recorder: Recorder;
}

export class SimulatedStore implements Store {
  readonly #ports: StorePorts;

  constructor(ports: StorePorts) {
    this.#ports = ports;
  }

  load(): State {
    const { disk, random, swarm, recorder } = this.#ports;
    if (random.chance(swarm().loadFails)) {
      recorder.add({ kind: 'fault', what: 'load fails' });
      throw new HomeostatError('H302', 'the state cannot be read now');
    }
    return disk.load();
  }

  withheld(): readonly Withheld[] {
    return this.#ports.disk.withheld();
  }

  async commit(transaction: Transaction): Promise<void> {
    const { disk, fence, random, swarm, recorder } = this.#ports;
    if (!fence.passes('before commit')) return never();
    await fence.wait(random.between(0, swarm().commitMs));
    if (!fence.alive) return never();
    if (random.chance(swarm().commitFails)) {
      recorder.add({ kind: 'fault', what: 'commit fails' });
      throw new HomeostatError('H302', 'there is no space on the disk');
    }
    disk.write(transaction);
    // The disk is written to at leisure, whether or not anybody waits for it.
    const { step } = transaction;
    fence.after(swarm().flushMs * 2, () => disk.flush(step));
    if (!fence.passes('after commit')) return never();
  }

  async flushed(): Promise<void> {
    const { disk, fence, random, swarm, recorder } = this.#ports;
    if (!fence.passes('before flush')) return never();
    const upTo = disk.lastStep;
    await fence.wait(random.between(0, swarm().flushMs));
    if (!fence.alive) return never();
    if (random.chance(swarm().flushFails)) {
      recorder.add({ kind: 'fault', what: 'flush fails' });
      throw new HomeostatError('H302', 'the disk could not be synchronised');
    }
    disk.flush(upTo);
    if (!fence.passes('after flush')) return never();
  }

  async close(): Promise<void> {
    await this.flushed();
  }
}
