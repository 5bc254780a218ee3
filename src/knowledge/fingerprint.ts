/**
 * A hash of the whole state that is kept up to date in time proportional to what changed: the sum, lane by lane, of the hashes of all rows
 * (a multiset hash in the manner of Bellare and Micciancio's AdHash, 1997). It guards against mistakes and damage, not against an adversary.
 */
import { createHash } from 'node:crypto';

const LANES = 4;

export class Fingerprint {
  readonly #sum = new Uint32Array(LANES);
  readonly #rows = new Map<string, Uint32Array>();

  /** Takes note of a row's text; null: the row is gone. */
  set(key: string, text: string | null): void {
    const before = this.#rows.get(key);
    if (before !== undefined) for (let i = 0; i < LANES; i++) this.#sum[i]! -= before[i]!;
    if (text === null) {
      this.#rows.delete(key);
      return;
    }
    const digest = createHash('md5').update(key).update('\n').update(text).digest();
    const lanes = before ?? new Uint32Array(LANES);
    for (let i = 0; i < LANES; i++) {
      lanes[i] = digest.readUInt32LE(4 * i);
      this.#sum[i]! += lanes[i]!;
    }
    if (before === undefined) this.#rows.set(key, lanes);
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return Array.from(this.#sum, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }
}
