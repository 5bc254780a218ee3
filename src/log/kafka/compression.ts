/** What outsiders may have compressed their batches with. We write none: batches of steps are small, and the network is near. */
import * as zlib from 'node:zlib';

/** The most that one batch may become, bytes: a batch is 1 MB by the broker's default, and text rarely shrinks to a hundredth. */
const MAX_BYTES = 128 << 20;

type Zstd = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;
const zstd = (zlib as { zstdDecompressSync?: Zstd }).zstdDecompressSync;

/** Whether this Node can read what is compressed so. */
export const canDecompress = (name: string): boolean => name !== 'zstd' || zstd !== undefined;

/** @throws Error if it is damaged, or of a kind that this Node cannot read */
export function decompress(kind: number, bytes: Buffer): Buffer {
  if (kind === 1) return zlib.gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  if (kind === 2) return snappyStream(bytes);
  if (kind === 3) return lz4Frame(bytes);
  if (kind === 4 && zstd !== undefined) return zstd(bytes, { maxOutputLength: MAX_BYTES });
  throw new Error(
    kind === 4
      ? 'it is compressed with zstd, which this version of Node cannot read: let its writer use gzip, snappy or lz4, or use Node 22.15 or newer'
      : `it is compressed in a way ${kind} that is not known`,
  );
}

const damaged = (): Error => new Error('its compressed bytes are damaged');

/** Java's writers frame snappy in blocks of their own; others write one bare block. */
function snappyStream(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 0, 8) !== '\x82SNAPPY\0') return snappyBlock(bytes);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = 16; at + 4 <= bytes.length; ) {
    const length = bytes.readInt32BE(at);
    if (length < 0 || at + 4 + length > bytes.length) throw damaged();
    const block = snappyBlock(bytes.subarray(at + 4, at + 4 + length));
    total += block.length;
    if (total > MAX_BYTES) throw damaged();
    blocks.push(block);
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

/** The block format of snappy: literals, and copies of what was written before. */
function snappyBlock(bytes: Buffer): Buffer {
  let at = 0;
  let size = 0;
  for (let unit = 1; ; unit *= 128) {
    const byte = bytes[at++];
    if (byte === undefined || unit > 2 ** 28) throw damaged();
    size += (byte & 0x7f) * unit;
    if (byte < 0x80) break;
  }
  if (size > MAX_BYTES) throw damaged();
  const out = Buffer.alloc(size);
  let end = 0;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    let length: number;
    let back: number;
    if ((tag & 3) === 0) {
      length = (tag >> 2) + 1;
      if (length > 60) {
        const width = length - 60;
        length = bytes.readUIntLE(at, width) + 1;
        at += width;
      }
      if (at + length > bytes.length || end + length > size) throw damaged();
      bytes.copy(out, end, at, at + length);
      at += length;
      end += length;
      continue;
    }
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      back = ((tag >> 5) << 8) | bytes.readUInt8(at);
      at += 1;
    } else if ((tag & 3) === 2) {
      length = (tag >> 2) + 1;
      back = bytes.readUInt16LE(at);
      at += 2;
    } else {
      length = (tag >> 2) + 1;
      back = bytes.readUInt32LE(at);
      at += 4;
    }
    end = copyBack(out, end, back, length);
  }
  if (end !== size) throw damaged();
  return out;
}

/** Copies what was written `back` bytes ago, byte by byte: the copy may reach into itself. */
function copyBack(out: Buffer, end: number, back: number, length: number): number {
  if (back === 0 || back > end || end + length > out.length) throw damaged();
  for (let i = 0; i < length; i++) out[end + i] = out[end + i - back]!;
  return end + length;
}

/** The frame format of LZ4. Checksums are left to the batch's own. */
function lz4Frame(bytes: Buffer): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== 0x184d2204) throw damaged();
  const flags = bytes[4]!;
  let at = 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1;
  // Blocks may refer to those before them, so they are unpacked into one growing buffer.
  let out = Buffer.alloc(Math.min(MAX_BYTES, Math.max(65_536, bytes.length * 4)));
  let end = 0;
  const room = (length: number) => {
    if (end + length > MAX_BYTES) throw damaged();
    if (end + length <= out.length) return;
    const larger = Buffer.alloc(Math.min(MAX_BYTES, Math.max(end + length, out.length * 2)));
    out.copy(larger, 0, 0, end);
    out = larger;
  };
  for (;;) {
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) break;
    const length = word & 0x7fffffff;
    const block = bytes.subarray(at, at + length);
    if (block.length < length) throw damaged();
    at += length + ((flags & 0x10) === 0 ? 0 : 4);
    if (word >>> 31 === 1) {
      room(length);
      block.copy(out, end);
      end += length;
      continue;
    }
    for (let from = 0; from < block.length; ) {
      const token = block[from++]!;
      let literals = token >> 4;
      if (literals === 15) [literals, from] = more(block, from, literals);
      if (from + literals > block.length) throw damaged();
      room(literals);
      block.copy(out, end, from, from + literals);
      end += literals;
      from += literals;
      if (from >= block.length) break;
      const back = block.readUInt16LE(from);
      from += 2;
      let copied = token & 15;
      if (copied === 15) [copied, from] = more(block, from, copied);
      room(copied + 4);
      end = copyBack(out, end, back, copied + 4);
    }
  }
  return out.subarray(0, end);
}

/** A length goes on for as long as its bytes are full. */
function more(block: Buffer, from: number, length: number): [length: number, from: number] {
  let [sum, at] = [length, from];
  for (;;) {
    const byte = block[at++];
    if (byte === undefined) throw damaged();
    sum += byte;
    if (byte !== 255) return [sum, at];
  }
}
