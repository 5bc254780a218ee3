/** What a pattern reads of an event: its parts, by their paths, small enough to be kept. */
import { isObject } from '../../json.ts';
import type { Value } from '../../messages.ts';
import { compilePath, type Reach } from '../../path.ts';
import type { Json } from '../gauges/gauge.ts';
import type { Values } from './memo.ts';

/** Longer texts are not looked into. */
const LONGEST_EVENT = 20_000;
/** A part of an event that is longer, as JSON, counts as missing. */
const LONGEST_PART = 1_000;

/** The whole of an event. */
export const WHOLE = '';

/** A text that holds a JSON object is the event with its fields; any other value is itself. */
function contentOf(value: Value): unknown {
  if (typeof value !== 'string' || value.length > LONGEST_EVENT || !/^\s*\{/.test(value)) return value;
  try {
    const content: unknown = JSON.parse(value);
    return isObject(content) ? content : value;
  } catch {
    return value;
  }
}

/** As it is read back from JSON: what is kept must be what was judged. */
function kept(part: unknown): Json | undefined {
  if (part === undefined) return undefined;
  if (typeof part === 'number') return Number.isFinite(part) ? part + 0 : undefined;
  try {
    const text = JSON.stringify(part);
    return text.length > LONGEST_PART ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined; // It nests too deeply to be written.
  }
}

/** Reads the parts at these paths out of the values of observations. @throws HomeostatError H121 for a path that cannot be read */
export function reader(paths: Iterable<string>): (value: Value) => Values {
  const reaches = [...new Set(paths)].map((path): readonly [string, Reach] => [path, path === WHOLE ? (fact) => fact : partOf(path)]);
  return (value) => {
    const content = contentOf(value);
    const values: Values = {};
    for (const [path, reach] of reaches) {
      const part = kept(reach(content));
      if (part !== undefined) values[path] = part;
    }
    return values;
  };
}

/** Of a value without fields there are no parts. */
function partOf(path: string): Reach {
  const reach = compilePath(path);
  return (content) => (isObject(content) ? reach(content) : undefined);
}
