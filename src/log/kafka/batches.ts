/**
 * Batches of records (format 2), to bytes and back. We read them ourselves: kafkajs forgets one aborted transaction where two began before the
 * first record of a fetch, stops for good at a batch whose last records were compacted away, and takes five times as long.
 */
import type { ReadRecord } from '../log.ts';
import { decompress } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { In, Out } from './wire.ts';

/** Who writes, for the broker to know a repetition and a successor by. */
export interface ProducerState {
  readonly id: bigint;
  readonly epoch: number;
}

export interface NewRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes of a batch before its records. */
const HEADER = 61;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const APPEND_TIME = 0x08;
const COMPRESSION = 0x07;

/** What a record adds to a batch at most, bytes. */
export const recordBytes = ({ key, value, headers }: NewRecord): number =>
  (key === null ? 0 : Buffer.byteLength(key)) + (value === null ? 0 : Buffer.byteLength(value)) + headersBytes(headers) + 32;

/** A batch as the broker stores it. `time`: of all its records, ms. */
export function encodeBatch(
  records: readonly NewRecord[],
  producer: ProducerState,
  sequence: number,
  transactional: boolean,
  time: number,
): Buffer {
  const out = new Out(Math.min(1 << 20, HEADER + records.length * 128));
  out.int64(0).int32(0).int32(-1).int8(2).uint32(0);
  out.int16(transactional ? TRANSACTIONAL : 0).int32(records.length - 1);
  out.int64(time).int64(time).long(producer.id).int16(producer.epoch).int32(sequence).int32(records.length);
  for (const [i, { key, value, headers }] of records.entries()) {
    out
      .varint(bodyBytes(i, key, value, headers))
      .int8(0)
      .varint(0)
      .varint(i);
    out.varText(key).varText(value);
    if (headers === undefined) out.varint(0);
    else {
      const named = Object.entries(headers);
      out.varint(named.length);
      for (const [name, text] of named) out.varText(name).varText(text);
    }
  }
  const bytes = out.buffer;
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT), CRC_AT);
  return bytes;
}

function bodyBytes(index: number, key: string | null, value: string | null, headers: NewRecord['headers']): number {
  return 2 + varintBytes(index) + textBytes(key) + textBytes(value) + headersBytes(headers);
}

/** The number of headers, and each name and value. */
function headersBytes(headers: NewRecord['headers']): number {
  if (headers === undefined) return 1;
  const named = Object.entries(headers);
  return varintBytes(named.length) + named.reduce((sum, [name, text]) => sum + textBytes(name) + textBytes(text), 0);
}

function textBytes(text: string | null): number {
  if (text === null) return 1;
  const bytes = Buffer.byteLength(text);
  return varintBytes(bytes) + bytes;
}

/** Of a number that is not negative. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** A transaction that was aborted, of which records may be in what was fetched. */
export interface Aborted {
  readonly producer: bigint;
  readonly first: number;
}

export interface Decoded {
  readonly records: ReadRecord[];
  /** Where reading goes on. */
  readonly next: number;
}

/** A batch that cannot be read: of a format or compression that we do not know, or damaged. Reading can go on after it. */
export class Unreadable extends Error {
  readonly next: number;

  constructor(message: string, next: number) {
    super(message);
    this.name = 'Unreadable';
    this.next = next;
  }
}

/**
 * The committed records of what was fetched, from an offset on. The last batch may be cut short, and is fetched again then.
 *
 * @throws Unreadable if the first batch is; one after others ends them, and is met first by the next fetch
 */
export function decodeBatches(bytes: Buffer, from: number, aborted: readonly Aborted[]): Decoded {
  const records: ReadRecord[] = [];
  const begun = [...aborted].sort((a, b) => a.first - b.first);
  const dropped = new Set<bigint>();
  const input = new In(bytes);
  let next = from;
  while (input.left >= HEADER) {
    const start = input.at;
    const base = input.int64();
    const end = start + 12 + input.int32();
    if (end > bytes.length) break;
    const last = base + bytes.readInt32BE(start + ATTRIBUTES_AT + 2);
    const before = records.length;
    try {
      const magic = bytes.readInt8(start + MAGIC_AT);
      if (magic !== 2) throw new Error(`its format is ${magic}, which brokers wrote before 2017`);
      while (begun.length > 0 && begun[0]!.first <= last) dropped.add(begun.shift()!.producer);
      readBatch(new In(bytes.subarray(start, end), ATTRIBUTES_AT), base, from, dropped, records);
    } catch (thrown) {
      records.length = before;
      if (next > from) break;
      throw new Unreadable(`offset ${base}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, Math.max(from, last) + 1);
    }
    next = Math.max(next, last + 1);
    input.at = end;
  }
  return { records, next };
}

function readBatch(batch: In, base: number, from: number, dropped: Set<bigint>, records: ReadRecord[]): void {
  const attributes = batch.int16();
  batch.skip(4);
  const firstTime = batch.int64();
  const maxTime = batch.int64();
  const producer = batch.long();
  batch.skip(6);
  const count = batch.int32();
  if ((attributes & CONTROL) !== 0) {
    if (count > 0 && isAbort(batch)) dropped.delete(producer);
    return;
  }
  if ((attributes & TRANSACTIONAL) !== 0 && dropped.has(producer)) return;
  const compression = attributes & COMPRESSION;
  const input = compression === 0 ? batch : new In(decompress(compression, batch.bytes(batch.left)));
  const appended = (attributes & APPEND_TIME) !== 0;
  for (let i = 0; i < count; i++) {
    const end = input.varint() + input.at;
    input.skip(1);
    const time = firstTime + input.varint();
    const offset = base + input.varint();
    if (offset >= from) records.push({ key: input.varText(), value: input.varText(), offset, time: appended ? maxTime : time });
    input.at = end;
  }
}

/** Of a control record: whether it says that its producer's transaction was aborted. */
function isAbort(batch: In): boolean {
  const input = new In(batch.buffer, batch.at);
  input.varint();
  input.skip(1);
  input.varint();
  input.varint();
  input.varint();
  input.skip(2);
  return input.int16() === 0;
}
