import fc from 'fast-check';
import { type Arrived, acknowledgements, Frames } from '../../src/mqtt/frames.ts';
import { type Published, packet, publish } from './packets.ts';

interface Told {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly id: number;
  readonly subscriptions: readonly number[];
  readonly correlation: string | undefined;
  readonly tooLong: number;
}

/** Gives the bytes in pieces of the given sizes, over and over, and says what was told. */
function read(bytes: Buffer, pieces: readonly number[] = [bytes.length || 1], { version = 5 as 4 | 5, maxBytes = 100_000 } = {}) {
  const messages: Told[] = [];
  const others: Buffer[] = [];
  const broken: string[] = [];
  const frames = new Frames(maxBytes, {
    message: ({ payload, correlation, topic, qos, retained, id, subscriptions, tooLong }: Arrived) =>
      messages.push({
        topic,
        qos,
        retained,
        id,
        subscriptions,
        tooLong,
        payload: payload.toString(),
        correlation: correlation?.toString(),
      }),
    other: (other) => others.push(Buffer.from(other)),
    broken: (reason) => broken.push(reason),
  });
  frames.version = version;
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, pieces[i % pieces.length]!);
    frames.read(bytes.subarray(at, at + size));
    at += size;
  }
  return { messages, others: Buffer.concat(others), broken };
}

const published = fc.record({
  topic: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((topic) => !topic.includes('\0')),
  payload: fc.string({ maxLength: 400, unit: 'grapheme' }),
  qos: fc.constantFrom(0 as const, 1 as const),
  retain: fc.boolean(),
  id: fc.integer({ min: 1, max: 65_535 }),
  others: fc.boolean(),
  subscriptions: fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 }),
  correlation: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
});

const expected = (p: Published, version: 4 | 5): Told => ({
  topic: p.topic,
  payload: String(p.payload),
  qos: p.qos!,
  retained: p.retain!,
  id: p.qos === 1 ? p.id! : 0,
  subscriptions: version === 5 ? p.subscriptions! : [],
  correlation: version === 5 ? p.correlation : undefined,
  tooLong: 0,
});

test('messages are read whatever the pieces in which they come, in both versions, and all else is handed on untouched', () => {
  const ping = packet(0xd0, Buffer.alloc(0));
  fc.assert(
    fc.property(
      fc.array(published, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(4 as const, 5 as const),
      (list, pieces, version) => {
        const bytes = Buffer.concat(list.flatMap((p) => [publish({ ...p, version }), ping]));
        const told = read(bytes, pieces, { version });
        expect(told.messages).toEqual(list.map((p) => expected(p, version)));
        expect(told.others).toEqual(Buffer.concat(list.map(() => ping)));
        expect(told.broken).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test('a message of QoS 2 is not ours and is handed on', () => {
  const bytes = publish({ topic: 'a', payload: 'x', qos: 2, id: 9 });
  expect(read(bytes)).toEqual({ messages: [], others: bytes, broken: [] });
});

test('a message that is too long is told without its payload, and the next one is read', () => {
  const bytes = Buffer.concat([
    publish({ topic: 'long', payload: 'x'.repeat(200_000), qos: 1, id: 7 }),
    publish({ topic: 'a', payload: '1' }),
  ]);
  for (const pieces of [[bytes.length], [70_000], [1_000, 3]]) {
    const { messages, broken } = read(bytes, pieces, { maxBytes: 1_000 });
    expect(broken).toEqual([]);
    expect(messages.map(({ topic, payload, id, tooLong }) => [topic, payload, id, tooLong > 0])).toEqual([
      ['long', '', 7, true],
      ['a', '1', 0, false],
    ]);
  }
});

test('what is no MQTT ends the reading with a reason, and nothing throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, piece) => {
      expect(read(Buffer.from(bytes), [piece]).broken.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
  expect(read(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])).broken).toEqual(['a packet has no length']);
  expect(read(Buffer.from([0x30, 3, 0, 9, 1])).broken).toEqual(['a topic is longer than its packet']);
});

test('acknowledgements of many messages are one piece of bytes', () => {
  expect(acknowledgements([1, 0x1234])).toEqual(Buffer.from([0x40, 2, 0, 1, 0x40, 2, 0x12, 0x34]));
});
