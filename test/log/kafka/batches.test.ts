import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { type Aborted, decodeBatches, encodeBatch, type NewRecord, Unreadable } from '../../../src/log/kafka/batches.ts';
import { decompress } from '../../../src/log/kafka/compression.ts';
import { crc32c } from '../../../src/log/kafka/crc32c.ts';

const inside = createRequire(import.meta.url);
const NOBODY = { id: -1n, epoch: -1 };
const ATTRIBUTES = 21;

/** A batch at its place in the log. */
function at(offset: number, records: readonly NewRecord[], producer?: bigint): Buffer {
  const batch = encodeBatch(records, producer === undefined ? NOBODY : { id: producer, epoch: 0 }, 0, producer !== undefined, 1_000);
  batch.writeBigInt64BE(BigInt(offset), 0);
  return batch;
}

/** What ends a transaction. */
function end(offset: number, producer: bigint, how: 'commit' | 'abort'): Buffer {
  const batch = at(offset, [{ key: how === 'commit' ? '\0\0\0\x01' : '\0\0\0\0', value: '\0\0' }], producer);
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES) | 0x20, ATTRIBUTES);
  return batch;
}

const value = (text: string): NewRecord => ({ key: null, value: text });
const read = (batches: readonly Buffer[], from = 0, aborted: readonly Aborted[] = []) => {
  const { records, next } = decodeBatches(Buffer.concat(batches), from, aborted);
  return { values: records.map((record) => record.value), next };
};

test('keys, values, tombstones, offsets and times survive', () => {
  const records = [
    { key: 'k', value: 'a' },
    { key: 'öß', value: 'ä'.repeat(300) },
    { key: null, value: '' },
    { key: 'k', value: null },
  ];
  const decoded = decodeBatches(at(70, records), 0, []);
  expect(decoded.records).toEqual(records.map((record, i) => ({ ...record, offset: 70 + i, time: 1_000 })));
  expect(decoded.next).toBe(74);
});

test('what kafkajs reads is what we wrote, and the other way round', async () => {
  const Decoder = inside('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
  const decode = inside('kafkajs/src/protocol/recordBatch/v0/decoder') as (
    decoder: object,
  ) => Promise<{ records: { key: Buffer | null; value: Buffer | null; offset: string }[]; producerId: string; inTransaction: boolean }>;
  const records = Array.from({ length: 300 }, (_, i) => ({ key: i % 3 === 0 ? null : `key ${i}`, value: 'v'.repeat(i) }));
  const batch = await decode(new Decoder(at(5, records, 12_345_678_901n)));
  expect(batch.records.map(({ key, value, offset }) => [key?.toString() ?? null, value?.toString(), Number(offset)])).toEqual(
    records.map(({ key, value }, i) => [key, value, 5 + i]),
  );
  expect(batch).toMatchObject({ producerId: '12345678901', inTransaction: true });

  const { RecordBatch } = inside('kafkajs/src/protocol/recordBatch/v0') as {
    RecordBatch: (options: object) => Promise<{ buffer: Buffer }>;
  };
  const Record = inside('kafkajs/src/protocol/recordBatch/record/v0') as (options: object) => object;
  const theirs = await RecordBatch({
    firstTimestamp: 5_000,
    maxTimestamp: 5_007,
    lastOffsetDelta: 1,
    records: [Record({ key: 'a', value: 'b', headers: { h: 'x' } }), Record({ offsetDelta: 1, timestampDelta: 7, key: null, value: 'c' })],
  });
  expect(decodeBatches(theirs.buffer, 0, []).records).toEqual([
    { key: 'a', value: 'b', offset: 0, time: 5_000 },
    { key: null, value: 'c', offset: 1, time: 5_007 },
  ]);
});

test('reading from the middle of a batch leaves out what is before', () => {
  expect(read([at(0, [value('a'), value('b'), value('c')])], 2)).toEqual({ values: ['c'], next: 3 });
});

test('records of aborted transactions are not shown, those of committed ones and of others are', () => {
  const log = [
    at(0, [value('aborted 1')], 1n),
    at(1, [value('committed')], 2n),
    at(2, [value('plain')]),
    end(3, 1n, 'abort'),
    end(4, 2n, 'commit'),
    at(5, [value('later')], 1n),
    end(6, 1n, 'commit'),
  ];
  expect(read(log, 0, [{ producer: 1n, first: 0 }])).toEqual({ values: ['committed', 'plain', 'later'], next: 7 });
});

test('several transactions that began before what was fetched are all known as aborted, in whatever order they are told', () => {
  const log = [at(10, [value('x')], 2n), at(11, [value('y')], 1n), end(12, 2n, 'abort'), end(13, 1n, 'abort'), at(14, [value('z')], 2n)];
  const aborted = [
    { producer: 2n, first: 8 },
    { producer: 1n, first: 3 },
  ];
  expect(read(log, 10, aborted)).toEqual({ values: ['z'], next: 15 });
  expect(read(log, 10, [...aborted].reverse())).toEqual({ values: ['z'], next: 15 });
});

test('a batch whose last records were compacted away is passed over to its end', () => {
  const batch = at(20, [value('kept')]);
  batch.writeInt32BE(9, ATTRIBUTES + 2);
  expect(read([batch], 20)).toEqual({ values: ['kept'], next: 30 });
});

test('the last batch may be cut short: reading goes on with it', () => {
  const [first, second] = [at(0, [value('a')]), at(1, [value('b')])];
  expect(read([first, second.subarray(0, second.length - 3)])).toEqual({ values: ['a'], next: 1 });
  expect(read([first.subarray(0, 40)])).toEqual({ values: [], next: 0 });
});

test('a batch that cannot be read does not stop what is before it, and says where to go on', () => {
  const broken = at(1, [value('b'), value('c')]);
  broken.writeInt8(1, 16);
  expect(read([at(0, [value('a')]), broken])).toEqual({ values: ['a'], next: 1 });
  try {
    read([broken, at(3, [value('d')])], 1);
    throw new Error('it was read');
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Unreadable);
    expect((thrown as Unreadable).next).toBe(3);
    expect((thrown as Unreadable).message).toBe('offset 1: its format is 1, which brokers wrote before 2017');
  }
});

test('gzip of others is read; damage and unknown ways are told', () => {
  expect(decompress(1, gzipSync('text')).toString()).toBe('text');
  expect(() => decompress(7, Buffer.from('x'))).toThrow('it is compressed in a way 7 that is not known');
  expect(() => decompress(2, Buffer.from([200, 1, 0]))).toThrow(/damaged|range/);
  expect(() => decompress(3, Buffer.from('rubbish'))).toThrow('its compressed bytes are damaged');
});

test('snappy: literals and copies, also such as reach into themselves', () => {
  // 11 bytes: the literal "abc", then 8 bytes from 3 back.
  expect(decompress(2, Buffer.from([11, 2 << 2, 97, 98, 99, ((8 - 4) << 2) | 1, 3])).toString()).toBe('abcabcabcab');
});

test('checksums are those of RFC 3720', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});
