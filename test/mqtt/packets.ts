/** Packets as a broker writes them. */

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

function variable(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return Buffer.from(bytes);
}

export interface Published {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly id?: number;
  readonly version?: 4 | 5;
  readonly subscriptions?: readonly number[];
  readonly correlation?: string;
  /** Properties that we pass over: message expiry, content type, response topic, a user property, payload format. */
  readonly others?: boolean;
}

export function publish(p: Published): Buffer {
  const properties = Buffer.concat([
    ...(p.others ? [Buffer.from([0x01, 1, 0x02, 0, 0, 0, 9, 0x03]), text('text/plain'), Buffer.from([0x08]), text('answers/here')] : []),
    ...(p.correlation === undefined ? [] : [Buffer.from([0x09]), text(p.correlation)]),
    ...(p.others ? [Buffer.from([0x26]), text('key'), text('value')] : []),
    ...(p.subscriptions ?? []).flatMap((number) => [Buffer.from([0x0b]), variable(number)]),
  ]);
  const body = Buffer.concat([
    text(p.topic),
    ...((p.qos ?? 0) > 0 ? [Buffer.from([(p.id ?? 1) >> 8, (p.id ?? 1) & 0xff])] : []),
    ...((p.version ?? 5) === 5 ? [variable(properties.length), properties] : []),
    Buffer.from(p.payload as string),
  ]);
  const head = 0x30 | (p.dup ? 8 : 0) | ((p.qos ?? 0) << 1) | (p.retain ? 1 : 0);
  return Buffer.concat([Buffer.from([head]), variable(body.length), body]);
}

export const packet = (head: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([head]), variable(body.length), body]);
