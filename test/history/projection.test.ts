/** The way of journal entries into the history: each at least once, as the same point, and in order. */
import { SimulatedClock } from '../../src/clock.ts';
import type { HistoryEntry } from '../../src/history/history.ts';
import { type Position, Projection } from '../../src/history/projection.ts';
import type { NumberedEntry } from '../../src/knowledge/store.ts';

const entry = (seq: number, element = 'shop'): NumberedEntry => ({
  seq,
  kind: 'symptom',
  time: 1_000 + seq,
  step: seq,
  element,
  text: 'raised',
  data: {},
});

/** Lets promises and due timers go on. */
async function pass(clock: SimulatedClock, ms: number): Promise<void> {
  for (let end = clock.now() + ms; clock.now() < end; ) {
    for (let i = 0; i < 30; i++) await Promise.resolve();
    clock.advanceTo(Math.min(end, clock.now() + 50));
  }
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

class Rig {
  readonly clock = new SimulatedClock(0);
  journal: NumberedEntry[] = [];
  position: Position = { seq: 0 };
  types = new Map<string, string>([['shop', 'farm']]);
  offered: (readonly HistoryEntry[])[] = [];
  away = false;
  readonly warnings: string[] = [];

  start(contiguous = true): Projection {
    return new Projection({
      clock: this.clock,
      random: () => 0.5,
      log: { warn: (_about, message) => this.warnings.push(message), info: () => {} },
      source: {
        read: (after, limit) => this.journal.filter(({ seq }) => seq > after).slice(0, limit),
        load: () => this.position,
        save: (position) => {
          this.position = position;
        },
        contiguous,
      },
      writer: {
        entries: async (entries) => {
          if (this.away) throw new Error('away');
          this.offered.push(entries);
        },
      },
      journal: 'shop',
      typeOf: (element) => this.types.get(element),
    });
  }

  get seqs(): number[] {
    return this.offered.flatMap((entries) => entries.map(({ seq }) => seq));
  }
}

test('entries are offered once, with the types of their elements, and the place is kept', async () => {
  const rig = new Rig();
  const projection = rig.start();
  rig.journal = [entry(1), entry(2, 'nobody'), entry(3)];
  projection.wake();
  await pass(rig.clock, 200);
  expect(rig.offered).toEqual([
    [
      { ...entry(1), journal: 'shop', type: 'farm' },
      { ...entry(2, 'nobody'), journal: 'shop' },
      { ...entry(3), journal: 'shop', type: 'farm' },
    ],
  ]);
  expect(rig.position).toEqual({ seq: 3 });
  projection.wake();
  await pass(rig.clock, 200);
  expect(rig.seqs).toEqual([1, 2, 3]);
});

test('while the history is away entries wait in the journal, and all are there afterwards', async () => {
  const rig = new Rig();
  const projection = rig.start();
  rig.away = true;
  for (let seq = 1; seq <= 50; seq++) {
    rig.journal.push(entry(seq));
    projection.wake();
    await pass(rig.clock, 1_000);
  }
  expect(rig.seqs).toEqual([]);
  expect(rig.warnings).toHaveLength(1);
  rig.away = false;
  await pass(rig.clock, 30_000);
  expect(rig.seqs).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
});

test('who dies between offering and keeping the place offers the same points again, though an element is gone', async () => {
  const rig = new Rig();
  rig.journal = [entry(1), entry(2)];
  rig.away = true;
  const first = rig.start();
  first.wake();
  await pass(rig.clock, 200);
  expect(rig.position).toEqual({ seq: 0, offering: { until: 2, types: { shop: 'farm' } } });
  await first.close();
  // The next life: the element is gone, and there is more in the journal.
  rig.types.clear();
  rig.journal.push(entry(3));
  rig.away = false;
  const next = rig.start();
  next.wake();
  await pass(rig.clock, 500);
  expect(rig.offered.map((entries) => entries.map(({ seq, type }) => [seq, type]))).toEqual([
    [
      [1, 'farm'],
      [2, 'farm'],
    ],
    [[3, undefined]],
  ]);
});

test('what the journal has forgotten is counted; gaps in the numbers of a log are none', async () => {
  const rig = new Rig();
  rig.journal = [entry(11), entry(12)];
  const projection = rig.start();
  projection.wake();
  await pass(rig.clock, 200);
  expect(projection.missed).toBe(10);
  const other = new Rig();
  other.journal = [entry(11), entry(15)];
  const log = other.start(false);
  log.wake();
  await pass(other.clock, 200);
  expect([log.missed, log.seq]).toEqual([0, 15]);
});

test('a journal that began anew is read from its beginning', async () => {
  const rig = new Rig();
  rig.position = { seq: 900 };
  rig.journal = [entry(1), entry(2)];
  const projection = rig.start();
  projection.wake();
  await pass(rig.clock, 200);
  expect(rig.seqs).toEqual([1, 2]);
});

test('who closes stores what is left, and does not wait for a history that is away', async () => {
  const rig = new Rig();
  const projection = rig.start();
  rig.journal = [entry(1)];
  const closing = projection.close();
  await pass(rig.clock, 100);
  await closing;
  expect(rig.seqs).toEqual([1]);
  const stuck = new Rig();
  stuck.away = true;
  stuck.journal = [entry(1)];
  const waiting = stuck.start();
  waiting.wake();
  await pass(stuck.clock, 1_000);
  await waiting.close();
  expect(stuck.position.seq).toBe(0);
});
