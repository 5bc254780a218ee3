/** A state that is stepped and kept in a real store, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Derived } from '../../src/knowledge/derived.ts';
import { LmdbStore } from '../../src/knowledge/lmdb.ts';
import type { State } from '../../src/knowledge/state.ts';
import type { Event } from '../../src/messages.ts';
import { type StepResult, step } from '../../src/step.ts';
import { type Given, START, seen, setupOf } from '../step/world.ts';

export const GIVEN: Given = {
  types: {
    shop: {
      properties: { load: { stale: '1h' }, mean: { gauge: { kind: 'mean', of: 'load', window: '10s' } } },
      commands: { open: { deadline: '5s' } },
    },
  },
  elements: { shop: { type: 'shop' } },
  policies: [
    {
      name: 'busy',
      scope: { type: 'shop' },
      conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 5 }] },
      cooldown: '3s',
      actions: [{ command: 'open' }],
    },
  ],
};

export type StoreLimits = Partial<{ journalEntries: number; inputBytes: number; historyMs: number }>;

export function openStore(folder: string, { readOnly = false, ...limits }: StoreLimits & { readOnly?: boolean } = {}): LmdbStore {
  return new LmdbStore({ folder, readOnly, journalEntries: 1_000_000, inputBytes: 1_000_000_000, historyMs: 86_400_000, ...limits });
}

/** A folder to keep in, and a way to be rid of it. */
export function makeFolder(): { readonly folder: string; readonly remove: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'homeostat-store-'));
  return { folder: join(parent, 'kept'), remove: () => rmSync(parent, { recursive: true, force: true }) };
}

export class Kept {
  readonly store: LmdbStore;
  state: State;
  #derived: Derived;

  constructor(store: LmdbStore) {
    this.store = store;
    this.state = store.load();
    this.#derived = new Derived(this.state);
  }

  /** The configuration, with the first step. */
  async begin(): Promise<StepResult> {
    return this.at(0, { kind: 'configured', document: JSON.stringify(setupOf(GIVEN)) });
  }

  /** One step, `seconds` after the start, and its commit. */
  async at(seconds: number, ...events: Event[]): Promise<StepResult> {
    const now = START + seconds * 1_000;
    const result = step(this.state, this.#derived, events, now);
    const { hash, changes, journal, readings, commands } = result;
    await this.store.commit({ step: result.step, now, events, hash, withheld: [], changes, journal, readings, commands });
    return result;
  }

  /** A load that goes up and down, one value and one step a second. */
  async live(from: number, to: number): Promise<void> {
    for (let second = from; second < to; second++) await this.at(second, seen('shop', 'load', (second * 7) % 11, second));
  }

  /** After a commit that failed: the state as it is stored. */
  again(): void {
    this.state = this.store.load();
    this.#derived = new Derived(this.state);
  }
}
