/** Reads a trace: a file with one time between two requests a line, in seconds. */
import { readFileSync } from 'node:fs';

/** The traces of the exemplar last so long, s. */
export const TRACE_S = 6300;

/** When requests come, s, of the times between them. @param {Iterable<number>} gaps */
export function arrivalsOf(gaps) {
  let time = 0;
  return Float64Array.from(gaps, (gap) => {
    time += gap;
    return time;
  });
}

/**
 * @param {string} file
 * @throws Error that names the line that holds no such time
 */
export function readGaps(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  if (lines.at(-1)?.trim() === '') lines.pop();
  return Float64Array.from(lines, (line, i) => {
    const gap = Number(line);
    if (line.trim() === '' || !Number.isFinite(gap) || gap < 0) throw new Error(`${file}:${i + 1} is no number of seconds: ${line}`);
    return gap;
  });
}

/** The same trace with so many times the load in the same time: each request comes `factor` times, or by that chance. */
export function scaled(arrivals, factor, random) {
  const scaledArrivals = [];
  for (const [i, time] of arrivals.entries()) {
    const copies = Math.floor(factor) + (random() < factor % 1 ? 1 : 0);
    const gap = (arrivals[i + 1] ?? TRACE_S) - time;
    for (let copy = 0; copy < copies; copy++) scaledArrivals.push(time + (gap * copy) / copies);
  }
  return Float64Array.from(scaledArrivals);
}

/** The same trace from its end to its beginning. */
export const reversed = (arrivals) => Float64Array.from(arrivals, (_, i) => TRACE_S - arrivals[arrivals.length - 1 - i]);
