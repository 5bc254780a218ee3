/**
 * A hash of the whole state that is kept up to date in time proportional to what changed: the sum, lane by lane, of the hashes of all rows
 * (a multiset hash in the manner of Bellare and Micciancio's AdHash, 1997). It guards against mistakes and damage, not against an adversary.
 */

/** What is remembered of a row: the hash of its key, which never changes, and of key and text together. Two lanes of 32 bits each. */
interface Digest {
  readonly keyA: number;
  readonly keyB: number;
  a: number;
  b: number;
}

/** Two lanes at a time: the mixing of MurmurHash3 (Appleby, 2011) over the UTF-16 units of a text, from two seeds. */
const lanes = new Int32Array(2);

function mix(text: string, seedA: number, seedB: number): void {
  let a = seedA;
  let b = seedB;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0xc2b2ae35) ^ Math.imul(b ^ (b >>> 13), 0x85ebca6b);
  b = Math.imul(b ^ (b >>> 16), 0xc2b2ae35) ^ Math.imul(a ^ (a >>> 13), 0x85ebca6b);
  lanes[0] = a;
  lanes[1] = b;
}

export class Fingerprint {
  readonly #sum = new Uint32Array(2);
  readonly #rows = new Map<string, Digest>();

  /** Takes note of a row's text; null: the row is gone. */
  set(key: string, text: string | null): void {
    let digest = this.#rows.get(key);
    if (digest !== undefined) this.#add(-digest.a, -digest.b);
    if (text === null) {
      this.#rows.delete(key);
      return;
    }
    if (digest === undefined) {
      mix(key, 0xdeadbeef, 0x41c6ce57);
      digest = { keyA: lanes[0]!, keyB: lanes[1]!, a: 0, b: 0 };
      this.#rows.set(key, digest);
    }
    mix(text, digest.keyA, digest.keyB);
    digest.a = lanes[0]!;
    digest.b = lanes[1]!;
    this.#add(digest.a, digest.b);
  }

  #add(a: number, b: number): void {
    this.#sum[0]! += a;
    this.#sum[1]! += b;
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return Array.from(this.#sum, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }
}
