/**
 * The one source of chance in the simulator: the same seed gives the same numbers on every machine.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (http://pracrand.sourceforge.net/RNG_engines.txt): 128 bits of state, a counter in it,
 * so that no seed has a short cycle. It is seeded through the finaliser of MurmurHash3 (Austin Appleby), so that neighbouring seeds differ at once.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `stream`: another number gives another sequence, so that one concern's draws do not shift another's. */
  constructor(seed: number, stream = 0) {
    this.#a = mix(seed);
    this.#b = mix(seed + 0x9e3779b9 + stream * 0x85ebca6b);
    this.#c = mix(stream + 0xc2b2ae35);
    for (let i = 0; i < 12; i++) this.next();
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!;
  }
}

function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
