import { Acknowledger } from '../../src/mqtt/acknowledger.ts';
import { NotSent, type Publication, type Subscription } from '../../src/mqtt/connection.ts';
import { complaintAboutFilter, matches, wildcardsOf } from '../../src/mqtt/filters.ts';
import type { Arrived } from '../../src/mqtt/frames.ts';
import { Outbox } from '../../src/mqtt/outbox.ts';
import { verdictOf } from '../../src/mqtt/reasons.ts';
import { EXACT, Routes } from '../../src/mqtt/routes.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('filters', () => {
  test.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/+', 'a/', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a/b', true],
    ['+/b', 'a/b', true],
    ['#', '$SYS/load', false],
    ['+/load', '$SYS/load', false],
    ['$SYS/#', '$SYS/load', true],
    ['a/+/c', 'a/b/d', false],
  ])('%s and %s: %s', (filter, topic, fits) => {
    expect(matches(filter, topic)).toBe(fits);
  });

  test('wildcards give what stands at their place', () => {
    expect(wildcardsOf('a/+/c/+', 'a/b/c/d')).toEqual(['b', 'd']);
    expect(wildcardsOf('a/+/#', 'a/b/c/d')).toEqual(['b', 'c/d']);
  });

  test('a wildcard that is no whole level is refused with a sentence', () => {
    expect(complaintAboutFilter('a/b+')).toContain('whole level');
    expect(complaintAboutFilter('a/#/b')).toContain('at the end');
    expect(complaintAboutFilter('a/+/#')).toBeUndefined();
  });
});

describe('acknowledgements', () => {
  function opened(limit = 100) {
    const sent: number[] = [];
    const halts: boolean[] = [];
    return {
      sent,
      halts,
      of: new Acknowledger(
        limit,
        (ids) => sent.push(...ids),
        (halted) => halts.push(halted),
      ),
    };
  }

  test('go in the order of the messages, in whatever order these are done with', async () => {
    const { sent, of } = opened();
    const first = of.take(1, 1);
    const second = of.take(2, 2);
    const third = of.take(3, 0);
    third();
    second();
    await turn();
    expect(sent).toEqual([]);
    first();
    await turn();
    expect(sent).toEqual([1]);
    second();
    await turn();
    expect(sent).toEqual([1, 2, 3]);
  });

  test('too many open messages halt the reading until half of them are done', async () => {
    const { halts, of } = opened(4);
    const done = [1, 2, 3, 4, 5].map((id) => of.take(id, 1));
    expect(halts).toEqual([true]);
    done[0]!();
    await turn();
    expect(halts).toEqual([true]);
    done[1]!();
    done[2]!();
    await turn();
    expect(halts).toEqual([true, false]);
  });
});

describe('what waits to be sent', () => {
  const letter = (topic: string): Publication => ({ topic, payload: '', qos: 1, retain: false });

  test('goes out in order when a connection is there, and what was not acknowledged goes first in the next', async () => {
    const box = new Outbox(10);
    const promises = ['a', 'b', 'c'].map((topic) => box.put(letter(topic), undefined));
    const first: string[] = [];
    const rejects: ((error: Error) => void)[] = [];
    box.open(({ topic }) => {
      first.push(topic);
      return topic === 'a' ? Promise.resolve() : new Promise((_, reject) => rejects.push(reject));
    }, 10);
    await promises[0];
    expect(first).toEqual(['a', 'b', 'c']);
    box.shut();
    for (const reject of rejects) reject(new Error('the connection broke'));
    const second: string[] = [];
    box.open(async ({ topic }) => void second.push(topic), 10);
    await Promise.all(promises);
    expect(second).toEqual(['b', 'c']);
    expect(box.waiting).toBe(0);
  });

  test('over its limit it is refused, and may be tried again', async () => {
    const box = new Outbox(1);
    void box.put(letter('a'), undefined).catch(() => {});
    await expect(box.put(letter('b'), undefined)).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('mqtt.queue'),
    });
  });

  test('is taken out by its signal, and then it was never sent; what had begun may have been', async () => {
    const box = new Outbox(10);
    const [waits, begun] = [new AbortController(), new AbortController()];
    const waiting = box.put(letter('a'), waits.signal);
    waits.abort(new Error('too late'));
    await expect(waiting).rejects.toBeInstanceOf(NotSent);
    const sent: string[] = [];
    box.open(({ topic }) => {
      sent.push(topic);
      return new Promise(() => {});
    }, 10);
    const under = box.put(letter('b'), begun.signal);
    begun.abort(new Error('too late'));
    await expect(under).rejects.toMatchObject({ message: expect.stringContaining('sent, and not acknowledged') });
    expect(sent).toEqual(['b']);
    box.shut();
    box.open(async ({ topic }) => void sent.push(topic), 10);
    await turn();
    expect(sent).toEqual(['b']);
  });

  test('no more than the window is under way', async () => {
    const box = new Outbox(10);
    const open: (() => void)[] = [];
    box.open(() => new Promise((resolve) => open.push(resolve)), 2);
    const all = ['a', 'b', 'c'].map((topic) => box.put(letter(topic), undefined));
    expect(open).toHaveLength(2);
    open[0]!();
    await turn();
    expect(open).toHaveLength(3);
    for (const done of open) done();
    await Promise.all(all);
  });
});

describe('routes', () => {
  const subscription = (filter: string): Subscription => ({ filter, qos: 0, acknowledged: 'taken', take: () => {} });
  const arrived = (topic: string, subscriptions: readonly number[] = []): Arrived => ({
    topic,
    subscriptions,
    payload: Buffer.alloc(0),
    qos: 0,
    retained: false,
    repeated: false,
    id: 0,
    correlation: undefined,
    tooLong: 0,
  });

  test('a message that the broker sends once for each subscription reaches each once', () => {
    const routes = new Routes();
    const exact = routes.add(subscription('a/b'));
    const pattern = routes.add(subscription('a/+'));
    expect(exact.number).toBe(EXACT);
    expect(routes.of(arrived('a/b', [EXACT]))).toEqual([exact]);
    expect(routes.of(arrived('a/b', [pattern.number]))).toEqual([pattern]);
    expect(routes.of(arrived('a/b', [EXACT, pattern.number]))).toEqual([exact, pattern]);
    expect(routes.of(arrived('a/b'))).toEqual([exact, pattern]);
    expect(routes.of(arrived('a/c', [pattern.number]))).toEqual([pattern]);
    expect(routes.of(arrived('b', [999]))).toEqual([]);
  });

  test('a filter is given up when the last who asked for it has', () => {
    const routes = new Routes();
    const [one, two] = [subscription('a/+'), subscription('a/+')];
    expect(routes.add(one)).toBe(routes.add(two));
    expect(routes.remove(one)).toBe(false);
    expect(routes.remove(two)).toBe(true);
    expect(routes.of(arrived('a/b'))).toEqual([]);
  });
});

test.each([
  [{ code: 134, reason: 'x', welcomed: false }, 'correct them under mqtt', true, false],
  [{ code: 5, reason: 'x', welcomed: false }, 'does not allow this user', true, false],
  [{ code: 132, reason: 'x', welcomed: false }, 'does not speak MQTT 5', false, true],
  [{ code: 1, reason: 'x', welcomed: false }, 'does not speak MQTT 5', false, true],
  [{ code: undefined, reason: 'connect ECONNREFUSED 127.0.0.1:1', welcomed: false }, 'is the broker running?', false, false],
  [{ code: undefined, reason: 'self-signed certificate', welcomed: false }, 'mqtt.tls.ca', true, false],
  [{ code: 142, reason: 'x', welcomed: true }, 'clientId of its own', true, false],
])('an ending says what to do: %p', (ending, text, stubborn, version) => {
  const verdict = verdictOf(ending, { url: 'mqtt://h:1', clientId: 'c', version: 5 });
  expect(verdict.text).toContain(text);
  expect([verdict.stubborn, verdict.version]).toEqual([stubborn, version]);
});
