/** How mistakes are listed: by place, each with its code, its sentence and the remedy. */
import type { Finding } from '../errors.ts';

const INDENT = ' '.repeat(16);

/** The findings as lines, in the order of their files and places. */
export function findingLines(findings: readonly Finding[]): string[] {
  const byPlace = new Map<string, Finding[]>();
  for (const finding of findings) {
    const place = placeOf(finding);
    byPlace.set(place, [...(byPlace.get(place) ?? []), finding]);
  }
  return [...byPlace].flatMap(([place, list]) => [place, ...list.flatMap(linesOf)]);
}

/** `rules/shop.json#/policies/1, #/policies/3`: another file is named where it is another. */
export function placeOf({ file, pointer, related = [] }: Pick<Finding, 'file' | 'pointer' | 'related'>): string {
  const shown = (place: Pick<Finding, 'file' | 'pointer'>): string =>
    place.pointer === '' ? place.file : `${place.file}#${place.pointer}`;
  return [shown({ file, pointer }), ...related.map((place) => (place.file === file ? `#${place.pointer}` : shown(place)))].join(', ');
}

const linesOf = ({ severity, code, message, remedy }: Finding): string[] => [
  `  ${`${severity} ${code}`.padEnd(INDENT.length - 2)}${message}`,
  ...(remedy === undefined ? [] : [`${INDENT}${remedy}`]),
];

/** `2 errors, 1 warning in 4 policies (1 silenced)`. */
export function summaryOf(findings: readonly Finding[], policies: number): string {
  const count = (n: number, word: string, many = `${word}s`) => `${n} ${n === 1 ? word : many}`;
  const heard = findings.filter(({ silenced }) => silenced === undefined);
  const errors = heard.filter(({ severity }) => severity === 'error').length;
  const counted = [count(errors, 'error'), count(heard.length - errors, 'warning')].filter((text) => !text.startsWith('0 '));
  const silenced = findings.length === heard.length ? '' : ` (${findings.length - heard.length} silenced)`;
  return `${counted.length === 0 ? 'no mistakes' : counted.join(', ')} in ${count(policies, 'policy', 'policies')}${silenced}`;
}
