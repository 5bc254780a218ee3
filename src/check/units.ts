/** Units: which of them are the same by another name, and which measure the same by another size. */

/** By name: what it measures, and how many of the smallest of its kind it is. */
const KNOWN: Readonly<Record<string, readonly [of: string, size: number]>> = {
  ns: ['time', 1e-6],
  us: ['time', 1e-3],
  µs: ['time', 1e-3],
  ms: ['time', 1],
  s: ['time', 1e3],
  sec: ['time', 1e3],
  seconds: ['time', 1e3],
  min: ['time', 6e4],
  minutes: ['time', 6e4],
  h: ['time', 3.6e6],
  hours: ['time', 3.6e6],
  d: ['time', 8.64e7],
  days: ['time', 8.64e7],
  B: ['amount of data', 1],
  bytes: ['amount of data', 1],
  kB: ['amount of data', 1e3],
  KB: ['amount of data', 1e3],
  MB: ['amount of data', 1e6],
  GB: ['amount of data', 1e9],
  TB: ['amount of data', 1e12],
  KiB: ['amount of data', 1024],
  MiB: ['amount of data', 1024 ** 2],
  GiB: ['amount of data', 1024 ** 3],
  TiB: ['amount of data', 1024 ** 4],
  share: ['part of a whole', 1],
  '%': ['part of a whole', 0.01],
  percent: ['part of a whole', 0.01],
};

/** Why values of two units cannot be compared; undefined: they can, or one of them is not stated. */
export function misfit(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined || a === b) return undefined;
  const [x, y] = [KNOWN[a], KNOWN[b]];
  if (x !== undefined && y !== undefined && x[0] === y[0]) {
    if (x[1] === y[1]) return undefined;
    const [large, small] = x[1] > y[1] ? [a, b] : [b, a];
    const times = Math.max(x[1], y[1]) / Math.min(x[1], y[1]);
    return `1 ${large} is ${Number(times.toPrecision(6))} ${small}`;
  }
  return x === undefined || y === undefined ? `${a} is not ${b}` : `${a} is a unit of ${x[0]}, ${b} of ${y[0]}`;
}
