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

export const placeOf = ({ file, pointer }: Pick<Finding, 'file' | 'pointer'>): string => (pointer === '' ? file : `${file}#${pointer}`);

const linesOf = ({ severity, code, message, remedy }: Finding): string[] => [
  `  ${`${severity} ${code}`.padEnd(INDENT.length - 2)}${message}`,
  ...(remedy === undefined ? [] : [`${INDENT}${remedy}`]),
];

/** `2 errors, 1 warning in 4 policies`. */
export function summaryOf(findings: readonly Finding[], policies: number): string {
  const count = (n: number, word: string, many = `${word}s`) => `${n} ${n === 1 ? word : many}`;
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const counted = [count(errors, 'error'), count(findings.length - errors, 'warning')].filter((text) => !text.startsWith('0 '));
  return `${counted.length === 0 ? 'no mistakes' : counted.join(', ')} in ${count(policies, 'policy', 'policies')}`;
}
