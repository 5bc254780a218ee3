/** What may be asked of a JSON value before it is known what it is. */

export const isObject = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x);

const SHOWN = 80;

/** What was found, short enough for a sentence. */
export function shown(x: unknown): string {
  const text = JSON.stringify(x) ?? 'nothing';
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}
