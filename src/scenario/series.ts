/** The small language of series: `100x3 260x3 _x2 100..200x5` is one value an interval. */
import { HomeostatError } from '../errors.ts';
import type { Value } from '../messages.ts';

/** Values that one series may have: a scenario is a test, not a load. */
const LONGEST = 100_000;

/** The value of each interval; undefined: a missing one. @throws HomeostatError H003 for text that is none. */
export function parseSeries(text: string): (Value | undefined)[] {
  const values: (Value | undefined)[] = [];
  for (const word of text.match(/"[^"]*"(?:x[0-9]+)?|\S+/g) ?? []) {
    const [, body, times = '1'] = /^(.*?)(?:x([0-9]+))?$/.exec(word)!;
    const count = Number(times);
    if (count < 1 || values.length + count > LONGEST)
      throw new HomeostatError('H003', `"${word}" in a series makes it ${values.length + count} values long; 1 to ${LONGEST} are allowed`);
    const ramp = /^(-?[0-9.]+)\.\.(-?[0-9.]+)$/.exec(body!);
    for (let i = 0; i < count; i++) values.push(ramp === null ? readValue(body!) : between(Number(ramp[1]), Number(ramp[2]), i, count));
  }
  return values;
}

const between = (from: number, to: number, i: number, count: number): number =>
  count === 1 ? from : from + ((to - from) * i) / (count - 1);

function readValue(word: string): Value | undefined {
  if (word === '_') return undefined;
  if (word === 'true' || word === 'false') return word === 'true';
  const number = Number(word);
  if (word !== '' && Number.isFinite(number)) return number;
  return word.replace(/^"(.*)"$/, '$1');
}
