/**
 * Cuts what a broker sends into packets, and reads those that carry messages (PUBLISH of QoS 0 and 1; MQTT 3.1.1 and 5) by itself: they are
 * nearly all there is, a general parser costs ten times as much for each, and messages of QoS 1 are acknowledged when we say so, in any number at once.
 * All other packets are handed on as they are.
 */

/** A message as it came. `payload` is a view of the bytes read: who keeps it beyond the call copies it. */
export interface Arrived {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** Kept by the broker from before we asked. */
  readonly retained: boolean;
  /** Sent before, and not acknowledged then. */
  readonly repeated: boolean;
  /** The identifier of the packet, of QoS 1. */
  readonly id: number;
  /** MQTT 5: the numbers of the subscriptions that it comes for. */
  readonly subscriptions: readonly number[];
  readonly correlation: Buffer | undefined;
  /** The bytes of a packet that was longer than allowed, whose payload was thrown away; 0: it was not. */
  readonly tooLong: number;
}

export interface FrameTaker {
  readonly message: (message: Arrived) => void;
  readonly other: (bytes: Buffer) => void;
  /** What came is not MQTT. */
  readonly broken: (reason: string) => void;
}

const PUBLISH = 3;
const CORRELATION = 0x09;
const SUBSCRIPTION = 0x0b;
const NONE: readonly number[] = [];
const NOTHING = Buffer.alloc(0);
/** The longest topic, its length and the identifier: with these bytes in hand the head of a message is read. */
const HEAD_BYTES = 65_535 + 4;

export class Frames {
  readonly #taker: FrameTaker;
  readonly #maxBytes: number;
  /** Set once it is known: 5 has properties in each packet. */
  version: 4 | 5 = 5;
  #rest: Buffer | undefined;
  /** Bytes still to come of a message that is too long. */
  #skip = 0;
  #broken = false;

  constructor(maxBytes: number, taker: FrameTaker) {
    this.#maxBytes = maxBytes;
    this.#taker = taker;
  }

  read(bytes: Buffer): void {
    if (this.#broken) return;
    let chunk = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = undefined;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, chunk.length);
      this.#skip -= skipped;
      chunk = chunk.subarray(skipped);
    }
    try {
      this.#cut(chunk);
    } catch (thrown) {
      if ((thrown as Error).name !== 'RangeError') throw thrown;
      this.#broken = true;
      this.#taker.broken((thrown as Error).message);
    }
  }

  #cut(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      let length = 0;
      let shift = 0;
      let body = at + 1;
      for (;;) {
        if (body >= chunk.length) return this.#keep(chunk, at);
        const byte = chunk[body++]!;
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
        shift += 7;
        if (shift > 21) throw new RangeError('a packet has no length');
      }
      const head = chunk[at]!;
      const end = body + length;
      const ours = head >> 4 === PUBLISH && (head & 0x06) !== 0x04;
      if (end > chunk.length) {
        if (length > this.#maxBytes && !ours) throw new RangeError(`a packet of ${length} bytes came that is no message`);
        if (length <= this.#maxBytes || chunk.length - body < HEAD_BYTES) return this.#keep(chunk, at);
        this.#publish(chunk, head, body, chunk.length, length);
        this.#skip = end - chunk.length;
        return;
      }
      if (ours) this.#publish(chunk, head, body, end, length);
      else this.#taker.other(chunk.subarray(at, end));
      at = end;
    }
  }

  #keep(chunk: Buffer, at: number): void {
    this.#rest = at === 0 ? chunk : chunk.subarray(at);
  }

  #publish(chunk: Buffer, head: number, body: number, end: number, length: number): void {
    const topicEnd = body + 2 + chunk.readUInt16BE(body);
    if (topicEnd > end) throw new RangeError('a topic is longer than its packet');
    const topic = chunk.toString('utf8', body + 2, topicEnd);
    const qos = (head >> 1) & 1 ? 1 : 0;
    let at = topicEnd;
    let id = 0;
    if (qos === 1) {
      id = chunk.readUInt16BE(at);
      at += 2;
    }
    const tooLong = length > this.#maxBytes;
    let subscriptions = NONE;
    let correlation: Buffer | undefined;
    if (this.version === 5 && !tooLong) {
      if (chunk[at] === 0) at++;
      else {
        const properties = readProperties(chunk, at, end);
        at = properties.end;
        subscriptions = properties.subscriptions;
        correlation = properties.correlation;
      }
    }
    if (at > end) throw new RangeError('a message is longer than its packet');
    this.#taker.message({
      topic,
      payload: tooLong ? NOTHING : chunk.subarray(at, end),
      qos,
      retained: (head & 1) === 1,
      repeated: (head & 8) === 8,
      id,
      subscriptions,
      correlation,
      tooLong: tooLong ? length : 0,
    });
  }
}

interface Properties {
  readonly end: number;
  readonly subscriptions: readonly number[];
  readonly correlation: Buffer | undefined;
}

/** The properties of a message (MQTT 5, section 3.3.2.3): those we use are read, the others passed over. */
function readProperties(chunk: Buffer, from: number, limit: number): Properties {
  const total = readVariable(chunk, from);
  const end = total.end + total.value;
  if (end > limit) throw new RangeError('properties are longer than their packet');
  let at = total.end;
  let subscriptions: number[] | undefined;
  let correlation: Buffer | undefined;
  while (at < end) {
    const name = chunk[at++]!;
    switch (name) {
      case 0x01: // payload format
        at += 1;
        break;
      case 0x02: // message expiry
        at += 4;
        break;
      case 0x23: // topic alias, which we never allow
        throw new RangeError('the broker uses topic aliases, which we have not allowed');
      case 0x03: // content type
      case 0x08: // response topic
        at += 2 + chunk.readUInt16BE(at);
        break;
      case 0x26: // user property: two texts
        at += 2 + chunk.readUInt16BE(at);
        at += 2 + chunk.readUInt16BE(at);
        break;
      case CORRELATION: {
        const length = chunk.readUInt16BE(at);
        correlation = chunk.subarray(at + 2, at + 2 + length);
        at += 2 + length;
        break;
      }
      case SUBSCRIPTION: {
        const number = readVariable(chunk, at);
        if (subscriptions === undefined) subscriptions = [];
        subscriptions.push(number.value);
        at = number.end;
        break;
      }
      default:
        throw new RangeError(`a message has the unknown property ${name}`);
    }
  }
  if (at !== end) throw new RangeError('properties do not end where they should');
  return { end, subscriptions: subscriptions ?? NONE, correlation };
}

function readVariable(chunk: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = chunk.readUInt8(from + i);
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value, end: from + i + 1 };
  }
  throw new RangeError('a number does not end');
}

/** The packets that acknowledge messages of QoS 1. */
export function acknowledgements(ids: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(ids.length * 4);
  let at = 0;
  for (const id of ids) {
    at = bytes.writeUInt16BE(0x4002, at);
    at = bytes.writeUInt16BE(id, at);
  }
  return bytes;
}
