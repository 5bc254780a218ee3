/**
 * A hash of the whole state that is kept up to date in time proportional to what changed: the sum, lane by lane, of the hashes of all rows
 * (a multiset hash in the manner of Bellare and Micciancio's AdHash, 1997). It guards against mistakes and damage, not against an adversary.
 */

/** Two lanes of 32 bits: the mixing of MurmurHash3 (Appleby, 2011) over the UTF-16 units of a text, with two seeds. */
function mix(text: string, lanes: Uint32Array): void {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
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
  readonly #rows = new Map<string, readonly [number, number]>();
  readonly #lanes = new Uint32Array(2);

  /** Takes note of a row's text; null: the row is gone. */
  set(key: string, text: string | null): void {
    const before = this.#rows.get(key);
    if (before !== undefined) this.#add(-before[0], -before[1]);
    if (text === null) {
      this.#rows.delete(key);
      return;
    }
    mix(`${key}\n${text}`, this.#lanes);
    const [a, b] = [this.#lanes[0]!, this.#lanes[1]!];
    this.#add(a, b);
    this.#rows.set(key, [a, b]);
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
