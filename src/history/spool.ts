/**
 * Telemetry that waits on disk while the server is away: numbered segment files, to which records are appended, each with a checksum. A record
 * is one request, compressed, ready to be sent again: sending it twice makes no second point. What a crash has torn is left out, and the
 * limit holds whatever happens: over it the oldest segment goes, with a count.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface Batch {
  readonly points: number;
  /** Line protocol, compressed with gzip. */
  readonly body: Buffer;
}

/** A batch with its place, by which it is forgotten. */
export interface Stored extends Batch {
  readonly place: Place;
}

/** Segments that the limit is divided into: so much is dropped at once. */
const SEGMENTS = 8;
const LARGEST_SEGMENT = 16 << 20;
/** Magic, length of the body, points, then a checksum over these and the body. */
const HEADER = 28;
const MAGIC = 0x486f6d31;
/** No request of ours comes near it: a length beyond is damage. */
const LARGEST_BODY = 64 << 20;
const NAME = /^([0-9]{10})\.spool$/;

export interface Place {
  readonly at: number;
  readonly length: number;
  readonly points: number;
}

interface Segment {
  readonly number: number;
  readonly records: Place[];
  bytes: number;
  file: FileHandle;
}

export class Spool {
  readonly #folder: string;
  readonly #limit: number;
  readonly #segments: Segment[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #next = 1;
  #points = 0;
  #bytes = 0;
  /** What was found damaged at the start, bytes. */
  damaged = 0;

  private constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** Takes up what an earlier life left. */
  static async open(folder: string, limitBytes: number): Promise<Spool> {
    const spool = new Spool(folder, limitBytes);
    await mkdir(folder, { recursive: true });
    const numbers = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    for (const number of numbers.sort((a, b) => a - b)) await spool.#takeUp(number);
    return spool;
  }

  get points(): number {
    return this.#points;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One thing at a time: nothing is dropped while it is read. */
  #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Adds a batch at the end. Returns how many points were dropped for it. @throws when the disk takes no more and nothing older is left to drop */
  append(batch: Batch): Promise<number> {
    return this.#exclusive(() => this.#append(batch));
  }

  async #append(batch: Batch): Promise<number> {
    const record = encode(batch);
    if (record.length > this.#limit) return batch.points;
    let dropped = 0;
    while (this.#bytes + record.length > this.#limit) dropped += await this.#dropOldest();
    for (;;) {
      let segment: Segment;
      try {
        segment = await this.#writable(record.length);
        await writeAll(segment.file, record, segment.bytes);
      } catch (thrown) {
        // Half a record may be there; the next one is written over it. A full disk gets room from the oldest.
        if (this.#points === 0) throw thrown;
        dropped += await this.#dropOldest();
        continue;
      }
      segment.records.push({ at: segment.bytes + HEADER, length: batch.body.length, points: batch.points });
      segment.bytes += record.length;
      this.#bytes += record.length;
      this.#points += batch.points;
      return dropped;
    }
  }

  /** The oldest batch; undefined: none is left. A record that cannot be read any more is left out. */
  first(): Promise<Stored | undefined> {
    return this.#exclusive(() => this.#first());
  }

  async #first(): Promise<Stored | undefined> {
    for (;;) {
      const segment = this.#segments[0];
      const place = segment?.records[0];
      if (segment === undefined || place === undefined) return undefined;
      const body = Buffer.alloc(place.length);
      const { bytesRead } = await segment.file.read(body, 0, place.length, place.at).catch(() => ({ bytesRead: -1 }));
      if (bytesRead === place.length) return { points: place.points, body, place };
      this.damaged += place.length;
      await this.#forget(place);
    }
  }

  /** Forgets a batch that was the oldest, unless it was dropped meanwhile. */
  forget({ place }: Stored): Promise<void> {
    return this.#exclusive(() => this.#forget(place));
  }

  async #forget(place: Place): Promise<void> {
    const segment = this.#segments[0];
    if (segment === undefined || segment.records[0] !== place) return;
    segment.records.shift();
    this.#points -= place.points;
    if (segment.records.length === 0) await this.#remove(segment);
  }

  close(): Promise<void> {
    return this.#exclusive(async () => {
      for (const segment of this.#segments) await segment.file.close();
      this.#segments.length = 0;
    });
  }

  async #writable(bytes: number): Promise<Segment> {
    const newest = this.#segments.at(-1);
    const room = Math.min(LARGEST_SEGMENT, this.#limit / SEGMENTS);
    if (newest !== undefined && (newest.bytes === 0 || newest.bytes + bytes <= room)) return newest;
    const number = this.#next++;
    const segment: Segment = { number, records: [], bytes: 0, file: await open(this.#path(number), 'w+') };
    this.#segments.push(segment);
    return segment;
  }

  async #dropOldest(): Promise<number> {
    const segment = this.#segments[0];
    if (segment === undefined) return 0;
    const points = segment.records.reduce((sum, record) => sum + record.points, 0);
    this.#points -= points;
    segment.records.length = 0;
    await this.#remove(segment);
    return points;
  }

  async #remove(segment: Segment): Promise<void> {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#bytes -= segment.bytes;
    await segment.file.close();
    await unlink(this.#path(segment.number)).catch(() => {});
  }

  /** Reads what a segment holds up to the first damage, and cuts the rest off. */
  async #takeUp(number: number): Promise<void> {
    this.#next = number + 1;
    const file = await open(this.#path(number), 'r+');
    const { size } = await file.stat();
    const segment: Segment = { number, records: [], bytes: 0, file };
    for (let place = await recordAt(file, 0, size); place !== undefined; place = await recordAt(file, segment.bytes, size)) {
      segment.records.push(place);
      segment.bytes = place.at + place.length;
      this.#points += place.points;
    }
    this.damaged += size - segment.bytes;
    if (size > segment.bytes) await file.truncate(segment.bytes);
    this.#segments.push(segment);
    this.#bytes += segment.bytes;
    if (segment.records.length === 0) await this.#remove(segment);
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(10, '0')}.spool`);
  }
}

function encode({ points, body }: Batch): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(body.length, 4);
  header.writeUInt32BE(points, 8);
  checksum(header, body).copy(header, 12);
  return Buffer.concat([header, body]);
}

const checksum = (header: Buffer, body: Buffer): Buffer =>
  createHash('sha256').update(header.subarray(0, 12)).update(body).digest().subarray(0, 16);

async function recordAt(file: FileHandle, at: number, size: number): Promise<Place | undefined> {
  if (at + HEADER > size) return undefined;
  const header = Buffer.alloc(HEADER);
  await file.read(header, 0, HEADER, at);
  const length = header.readUInt32BE(4);
  if (header.readUInt32BE(0) !== MAGIC || length > LARGEST_BODY || at + HEADER + length > size) return undefined;
  const body = Buffer.alloc(length);
  await file.read(body, 0, length, at + HEADER);
  if (!checksum(header, body).equals(header.subarray(12))) return undefined;
  return { at: at + HEADER, length, points: header.readUInt32BE(8) };
}

/** A write may take a part only. */
async function writeAll(file: FileHandle, record: Buffer, at: number): Promise<void> {
  for (let done = 0; done < record.length; ) {
    const { bytesWritten } = await file.write(record, done, record.length - done, at + done);
    if (bytesWritten === 0) throw new Error('the disk takes nothing more');
    done += bytesWritten;
  }
}
