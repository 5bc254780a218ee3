/** What members of our groups tell each other through the broker: Kafka's own layout, so that its tools show who has what, with our claims in the free part. */
import type { Claim } from './assign.ts';
import { In, Out } from './wire.ts';

export function encodeClaim(topics: readonly string[], owned: readonly number[], generation: number): Buffer {
  const out = new Out();
  out.int16(0).array(topics, (topic) => out.string(topic));
  const claim = Buffer.from(JSON.stringify({ owned, generation }));
  return Buffer.from(out.int32(claim.length).bytes(claim).buffer);
}

/** A member that says nothing that we understand has nothing. */
export function decodeClaim(member: string, bytes: Buffer): Claim {
  try {
    const input = new In(bytes);
    input.skip(2);
    input.array(() => input.string());
    const { owned, generation } = JSON.parse(input.bytes(input.int32()).toString('utf8')) as { owned: unknown; generation: unknown };
    if (Array.isArray(owned) && owned.every(Number.isInteger) && Number.isInteger(generation))
      return { member, owned: owned as number[], generation: generation as number };
  } catch {
    // Of another version, or of another program: it is given its share all the same.
  }
  return { member, owned: [], generation: -1 };
}

export function encodeShare(topics: readonly string[], partitions: readonly number[]): Buffer {
  const out = new Out();
  out.int16(0).array(topics, (topic) => out.string(topic).array(partitions, (partition) => out.int32(partition)));
  return Buffer.from(out.int32(0).buffer);
}

/** The partitions, which are those of every topic alike. */
export function decodeShare(bytes: Buffer): number[] {
  if (bytes.length < 6) return [];
  const input = new In(bytes);
  input.skip(2);
  const shares = input.array(() => {
    input.string();
    return input.array(() => input.int32());
  });
  return [...(shares[0] ?? [])].sort((a, b) => a - b);
}
