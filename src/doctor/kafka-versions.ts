/** Which requests a broker knows, by the first word of its protocol, which it answers before anybody has logged in. */

/** Kafka's numbers of requests. */
const API_VERSIONS = 18;
const METADATA = 3;
const CORRELATION = 77;
const CLIENT = 'homeostat-doctor';

function frame(key: number, body: Buffer): Buffer {
  const name = Buffer.from(CLIENT);
  const head = Buffer.alloc(14 + name.length);
  head.writeInt32BE(head.length - 4 + body.length, 0);
  head.writeInt16BE(key, 4);
  head.writeInt32BE(CORRELATION, 8);
  head.writeInt16BE(name.length, 12);
  name.copy(head, 14);
  return Buffer.concat([head, body]);
}

/** ApiVersions, version 0. */
export const askVersions = (): Buffer => frame(API_VERSIONS, Buffer.alloc(0));

/** Metadata, version 0, of a topic that need not be there: answered only to who is logged in, or need not be. */
export const askMetadata = (): Buffer => {
  const topic = Buffer.from('homeostat-doctor-asks');
  const body = Buffer.alloc(6);
  body.writeInt32BE(1, 0);
  body.writeInt16BE(topic.length, 4);
  return frame(METADATA, Buffer.concat([body, topic]));
};

/** Whether a whole answer has come. */
export const isWhole = (answer: Buffer): boolean => answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0);

/** The newest version of each request that it knows; undefined: this is no answer of a Kafka broker. */
export function versionsIn(answer: Buffer): ReadonlyMap<number, number> | undefined {
  if (!isWhole(answer) || answer.length < 14 || answer.readInt32BE(4) !== CORRELATION || answer.readInt16BE(8) !== 0) return undefined;
  const count = answer.readInt32BE(10);
  if (count < 0 || answer.length < 14 + 6 * count) return undefined;
  const newest = new Map<number, number>();
  for (let i = 0; i < count; i++) newest.set(answer.readInt16BE(14 + 6 * i), answer.readInt16BE(18 + 6 * i));
  return newest;
}

/** What we send, and in which version; see src/log/kafka/requests.ts. */
const NEEDED = [
  { key: 0, version: 7, name: 'Produce' },
  { key: 1, version: 11, name: 'Fetch' },
  { key: 2, version: 2, name: 'ListOffsets' },
  { key: 22, version: 3, name: 'InitProducerId' },
  { key: 24, version: 1, name: 'AddPartitionsToTxn' },
  { key: 26, version: 1, name: 'EndTxn' },
] as const;

/** Requests that we need and that a broker is too old for. */
export const lacking = (newest: ReadonlyMap<number, number>): readonly string[] =>
  NEEDED.filter(({ key, version }) => (newest.get(key) ?? -1) < version).map(({ name, version }) => `${name} ${version}`);

/** By the newest version of Fetch: the oldest release that has it. */
const RELEASES = [
  [17, '3.9'],
  [16, '3.7'],
  [15, '3.5'],
  [13, '3.1'],
  [12, '2.7'],
  [11, '2.3'],
  [8, '1.1'],
  [4, '0.11'],
] as const;
const FETCH = 1;

/** What it is, as far as its requests tell. */
export function releaseOf(newest: ReadonlyMap<number, number>): string {
  const fetch = newest.get(FETCH) ?? 0;
  const release = RELEASES.find(([version]) => fetch >= version)?.[1];
  return release === undefined ? 'older than 0.11' : `${release} or newer`;
}
