/** The bus within one process: signals before telemetry, and what gives way when there is too much. */
import { MemoryBus } from '../../src/bus/memory.ts';
import type { ObservationEvent, Signal } from '../../src/messages.ts';
import { seeded } from '../services/crash-plan.ts';

const seen = (property: string, value: number, source = 'probe'): ObservationEvent => ({
  kind: 'observation',
  element: 'shop',
  property,
  value,
  time: value,
  source,
});
const vanished = (element: string): Signal => ({ kind: 'vanished', element, source: 'test' });
const bus = (limits: Partial<{ batch: number; queue: number; signals: number }> = {}) =>
  new MemoryBus({ batch: 100, queue: 100, signals: 100, ...limits });

test('a batch has the signals first, then the telemetry in the order it came, and ends at its limit', () => {
  const b = bus({ batch: 2 });
  b.observe(seen('a', 1));
  b.signal(vanished('x'));
  b.observe(seen('b', 2));
  b.observe(seen('c', 3));
  expect(b.take()).toEqual({ events: [vanished('x'), seen('a', 1), seen('b', 2)], more: true });
  expect(b.take()).toEqual({ events: [seen('c', 3)], more: false });
  expect(b.take()).toEqual({ events: [], more: false });
});

test('a batch that was put back comes again, before what came since', () => {
  const b = bus();
  b.observe(seen('a', 1));
  b.signal(vanished('x'));
  const batch = b.take();
  b.observe(seen('b', 2));
  b.signal(vanished('y'));
  b.putBack(batch);
  expect(b.waiting).toEqual({ signals: 2, telemetry: 2 });
  expect(b.take().events).toEqual([vanished('x'), vanished('y'), seen('a', 1), seen('b', 2)]);
});

test('over the limit the newest value of a series stands for the one that waits, with the count of both', () => {
  const b = bus({ queue: 2 });
  for (const value of [1, 2, 3, 4]) b.observe(seen('a', value));
  expect(b.take().events).toEqual([
    { kind: 'dropped', observations: 2, reason: 'more than 2 were waiting (limits.queue)' },
    { ...seen('a', 1), value: 1 },
    { ...seen('a', 4), coalesced: 2 },
  ]);
  b.observe(seen('a', 5));
  expect(b.take().events).toEqual([seen('a', 5)]);
});

test('over the limit a series that has nothing waiting loses its value, which is counted; series of other sources are others', () => {
  const b = bus({ queue: 1 });
  b.observe(seen('a', 1));
  b.observe(seen('b', 2));
  b.observe(seen('a', 3, 'another'));
  expect(b.take().events).toEqual([expect.objectContaining({ kind: 'dropped', observations: 2 }), seen('a', 1)]);
});

test('signals are refused at their limit and never dropped, however much telemetry waits', () => {
  const b = bus({ signals: 2, queue: 1 });
  for (let i = 0; i < 1_000; i++) b.observe(seen('a', i));
  expect([b.signal(vanished('x')), b.signal(vanished('y')), b.signal(vanished('z'))]).toEqual([true, true, false]);
  expect(b.take().events.filter((event) => event.kind === 'vanished')).toEqual([vanished('x'), vanished('y')]);
  expect(b.signal(vanished('z'))).toBe(true);
});

test('every arrival is told, also one that is refused nowhere but coalesced', () => {
  const b = bus({ queue: 1 });
  const told: string[] = [];
  b.onArrival = (kind) => told.push(kind);
  b.observe(seen('a', 1));
  b.observe(seen('a', 2));
  b.signal(vanished('x'));
  expect(told).toEqual(['telemetry', 'telemetry', 'signal']);
});

test('a long flood, taken in batches and put back now and then, loses what the rule says and nothing else', () => {
  const random = seeded(7);
  const limits = { batch: 40, queue: 150, signals: 10 };
  const b = bus(limits);
  let [queue, dropped] = [[] as ObservationEvent[], 0];
  for (let i = 0; i < 60_000; i++) {
    const luck = random();
    // More comes than is taken, until a pause lets the queue run empty.
    if (luck > 0.02 && i % 20_000 < 19_000) {
      const one = seen(`p${Math.floor(random() * 200)}`, i);
      b.observe(one);
      if (queue.length < limits.queue) queue.push(one);
      else {
        dropped++;
        const at = queue.findLastIndex(({ property }) => property === one.property);
        if (at >= 0) queue.push({ ...one, coalesced: (queue.splice(at, 1)[0]!.coalesced ?? 0) + 1 });
      }
      continue;
    }
    const batch = b.take();
    const expected = queue.slice(0, limits.batch);
    expect(batch.events.filter(({ kind }) => kind === 'observation')).toEqual(expected);
    expect(batch.events.flatMap((event) => (event.kind === 'dropped' ? [event.observations] : []))).toEqual(dropped > 0 ? [dropped] : []);
    queue = queue.slice(limits.batch);
    dropped = 0;
    if (random() < 0.2) {
      b.putBack({ ...batch, events: expected });
      queue = [...expected, ...queue];
    }
    expect(b.waiting.telemetry).toBe(queue.length);
  }
});
