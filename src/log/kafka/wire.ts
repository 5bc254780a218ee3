/** Bytes as Kafka's protocol lays them out: big-endian numbers, varints in zigzag, strings with their length before them. */

/** Grows as it is written to. */
export class Out {
  /** kafkajs knows what it may send by this name. */
  buf: Buffer;
  #at = 0;

  constructor(size = 512) {
    this.buf = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#at;
  }

  get buffer(): Buffer {
    return this.buf.subarray(0, this.#at);
  }

  #room(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.buf.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#at, this.buf.length * 2));
      this.buf.copy(larger, 0, 0, at);
      this.buf = larger;
    }
    return at;
  }

  int8(value: number): this {
    const at = this.#room(1);
    this.buf.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.buf.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.buf.writeInt32BE(value, at);
    return this;
  }

  uint32(value: number): this {
    const at = this.#room(4);
    this.buf.writeUInt32BE(value, at);
    return this;
  }

  /** A whole number that a double holds exactly. */
  int64(value: number): this {
    return this.long(BigInt(value));
  }

  long(value: bigint): this {
    const at = this.#room(8);
    this.buf.writeBigInt64BE(value, at);
    return this;
  }

  /** Unsigned, seven bits a byte. */
  uvarint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      const at = this.#room(1);
      this.buf[at] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    const at = this.#room(1);
    this.buf[at] = rest;
    return this;
  }

  /** Signed: small numbers of either sign are short. */
  varint(value: number): this {
    return this.uvarint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.byteLength(value);
    this.int16(bytes);
    const at = this.#room(bytes);
    this.buf.write(value, at, 'utf8');
    return this;
  }

  /** A string of the newer encoding. */
  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const bytes = Buffer.byteLength(value);
    this.uvarint(bytes + 1);
    const at = this.#room(bytes);
    this.buf.write(value, at, 'utf8');
    return this;
  }

  /** Text, with its length as a varint; null is -1. */
  varText(value: string | null): this {
    if (value === null) return this.varint(-1);
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    const at = this.#room(bytes);
    this.buf.write(value, at, 'utf8');
    return this;
  }

  bytes(value: Buffer): this {
    const at = this.#room(value.length);
    value.copy(this.buf, at);
    return this;
  }

  /** Puts a number where room was left for it. */
  patch32(at: number, value: number): this {
    this.buf.writeInt32BE(value, at);
    return this;
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }
}

/** Reads from its place on. @throws RangeError beyond the end */
export class In {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.at = at;
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  int8(): number {
    return this.buffer.readInt8(this.at++);
  }

  int16(): number {
    this.at += 2;
    return this.buffer.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.buffer.readInt32BE(this.at - 4);
  }

  /** As a double: offsets and times stay far below 2^53. */
  int64(): number {
    this.at += 8;
    return this.buffer.readInt32BE(this.at - 8) * 0x1_0000_0000 + this.buffer.readUInt32BE(this.at - 4);
  }

  long(): bigint {
    this.at += 8;
    return this.buffer.readBigInt64BE(this.at - 8);
  }

  uvarint(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.buffer.readUInt8(this.at++);
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
  }

  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#text(length);
  }

  varText(): string | null {
    const length = this.varint();
    return length < 0 ? null : this.#text(length);
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError(`${length} bytes are asked for, and ${this.left} are left`);
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  array<T>(read: () => T): T[] {
    const length = this.int32();
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read());
    return items;
  }

  #text(length: number): string {
    if (length > this.left) throw new RangeError(`${length} bytes are asked for, and ${this.left} are left`);
    this.at += length;
    return this.buffer.toString('utf8', this.at - length, this.at);
  }
}
