/** Random numbers from a seed: the same seed, the same run. */

const { cos, log, PI, sqrt } = Math;

/** A source of numbers in [0, 1): sfc32 (C. Doty-Humphrey, PractRand), begun from one number. @param {number} seed a whole number */
export function randomFrom(seed) {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** A normal number (Box and Muller, 1958). @param {() => number} random @param {number} mean @param {number} deviation */
const normal = (random, mean, deviation) => mean + deviation * sqrt(-2 * log(1 - random())) * cos(2 * PI * random());

/**
 * A normal number of those that are not negative: one that is, is drawn again, as OMNeT++'s `truncnormal` does. Of (0.030, 0.030) the mean is then
 * 0.0386, and not the 0.0325 that setting negative ones to 0 would give.
 * @param {() => number} random @param {number} mean @param {number} deviation
 */
export function truncatedNormal(random, mean, deviation) {
  for (;;) {
    const drawn = normal(random, mean, deviation);
    if (drawn >= 0) return drawn;
  }
}
