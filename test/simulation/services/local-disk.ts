/** The disk of one machine, with a copy of the state of each partition that its managers have had. It is full, torn or wiped, and loses what was not flushed. */
import { HomeostatError } from '../../../src/errors.ts';
import type { Change } from '../../../src/knowledge/change.ts';
import { State } from '../../../src/knowledge/state.ts';
import type { StepRecord, Transaction, Withheld } from '../../../src/knowledge/store.ts';
import type { LocalStore } from '../../../src/services/log-store.ts';
import type { Random } from '../random.ts';
import type { Recorder } from '../trace.ts';
import { type Machine, never } from './machine.ts';
import type { Faults } from './swarm.ts';

/** A copy: its rows as of the last flush, and the steps since. */
interface Copy {
  rows: Map<string, string>;
  last: StepRecord | undefined;
  unflushed: Transaction[];
}

export class LocalDisk {
  readonly #copies = new Map<number, Copy>();
  readonly #random: Random;
  readonly #recorder: Recorder;
  readonly #faults: () => Faults;

  constructor(random: Random, recorder: Recorder, faults: () => Faults) {
    this.#random = random;
    this.#recorder = recorder;
    this.#faults = faults;
  }

  /** The machine has gone down: with its power some of what was not flushed is gone, perhaps torn, perhaps all of the copy. */
  died(): void {
    const [random, { powerLoss, torn, wiped }] = [this.#random, this.#faults().disk];
    if (!random.chance(powerLoss)) return;
    for (const [partition, copy] of this.#copies) {
      const kept = random.between(0, copy.unflushed.length);
      if (kept < copy.unflushed.length) this.#recorder.add({ kind: 'fault', what: 'unflushed steps of a copy are lost' });
      copy.unflushed.length = kept;
      const next = copy.unflushed.at(-1);
      if (next !== undefined && random.chance(torn)) {
        // Half of a step's rows: its hash does not fit any more.
        this.#recorder.add({ kind: 'fault', what: 'a copy is torn' });
        copy.unflushed[kept - 1] = { ...next, changes: next.changes.slice(0, next.changes.length >> 1) };
      }
      if (random.chance(wiped)) {
        this.#recorder.add({ kind: 'fault', what: 'a copy is wiped' });
        this.#copies.delete(partition);
      }
    }
  }

  store(partition: number, machine: Machine): LocalStore {
    const random = this.#random;
    const fails = (chance: number, what: string): void => {
      if (!random.chance(chance)) return;
      this.#recorder.add({ kind: 'fault', what });
      throw new HomeostatError('H302', what);
    };
    const own = (): Copy => {
      const copy = this.#copies.get(partition) ?? { rows: new Map(), last: undefined, unflushed: [] };
      this.#copies.set(partition, copy);
      return copy;
    };
    const last = (): StepRecord | undefined => own().unflushed.at(-1) ?? own().last;
    const flush = (): void => {
      const copy = own();
      for (const { changes, ...record } of copy.unflushed.splice(0)) {
        apply(copy.rows, changes);
        copy.last = record;
      }
    };
    const write = async (put: () => void): Promise<void> => {
      if (!machine.passes('before local')) return never();
      await machine.wait(random.between(0, 2));
      put();
      if (!machine.passes('after local')) return never();
    };
    return {
      last: () => {
        const record = last();
        return record && (JSON.parse(JSON.stringify(record)) as StepRecord);
      },
      load: (): State => {
        fails(this.#faults().disk.loadFails, 'a copy cannot be read');
        const rows = new Map(own().rows);
        for (const { changes } of own().unflushed) apply(rows, changes);
        const state = new State();
        for (const key of [...rows.keys()].sort()) state.load(key, rows.get(key)!);
        if (state.hash !== last()?.hash) throw new HomeostatError('H302', 'the copy is not that of its last step');
        return state;
      },
      withheld: (): readonly Withheld[] => last()?.withheld ?? [],
      adopt: (state, record) =>
        write(() => {
          fails(this.#faults().disk.adoptFails, 'a copy cannot be made');
          const rows = new Map<string, string>();
          apply(rows, [...state.dump()]);
          this.#copies.set(partition, { rows, last: record, unflushed: [] });
        }),
      clear: () => write(() => void this.#copies.delete(partition)),
      commit: (transaction) =>
        write(() => {
          fails(this.#faults().disk.commitFails, 'the disk is full');
          own().unflushed.push(transaction);
          // Now and then the operating system writes by itself.
          if (own().unflushed.length > 20) flush();
        }),
      flushed: () => write(flush),
      close: () => write(flush),
    };
  }
}

function apply(rows: Map<string, string>, changes: readonly Change[]): void {
  for (const { key, text } of changes) {
    if (text === null) rows.delete(key);
    else rows.set(key, text);
  }
}
