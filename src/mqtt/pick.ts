/** What a message holds, for those who look for one thing in it. */
import { isUtf8 } from 'node:buffer';
import { at } from '../monitor/probes/pointer.ts';
import { valueOfText } from '../monitor/probes/values.ts';

/** The JSON document of a payload; undefined: it is none. */
export function documentOf(payload: Buffer): unknown {
  try {
    return isUtf8(payload) ? JSON.parse(payload.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}

/** What stands at a pointer of a payload, or the whole as a number, truth value or text; undefined: nothing does. */
export function pick(payload: Buffer, pointer: string | undefined): unknown {
  if (pointer === undefined) return isUtf8(payload) ? valueOfText(payload.toString('utf8')) : undefined;
  return at(documentOf(payload), pointer);
}

export { at };
