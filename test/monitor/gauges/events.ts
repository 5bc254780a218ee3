/** What the tests of patterns share: small conditions, events, and a way to feed them. */
import type { Value } from '../../../src/messages.ts';
import { feeder } from './harness.ts';

export const is = (path: string, value: unknown, fact = 'event') => ({ fact, path, operator: 'equal', value });
export const kind = (name: string) => ({ where: is('$.kind', name) });
export const event = (fields: object): Value => JSON.stringify(fields);

/** A pattern, and the number of its matches after each event: [seconds, event]; an instant alone is a moment at which nothing comes. */
export function matches(
  document: object,
  happenings: readonly (readonly [seconds: number, event?: object | Value])[],
): (Value | undefined)[] {
  const gauge = feeder({ kind: 'pattern', ...document });
  return happenings.map(([seconds, what]) => {
    if (what !== undefined) gauge.observe(seconds * 1_000, typeof what === 'object' ? event(what) : what);
    gauge.sense(() => undefined, seconds * 1_000);
    return gauge.read(seconds * 1_000).value;
  });
}
