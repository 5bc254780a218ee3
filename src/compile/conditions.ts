/** The conditions of a policy, wherever it has some: parsed with the named conditions of its file, each mistake with its place. */
import { type Condition, mentionsOf, testsOf } from '../analyze/conditions.ts';
import { type Language, parseCondition } from '../analyze/parse.ts';
import type { PolicySource } from '../knowledge/blueprint.ts';
import type { Findings, Place } from './report.ts';

/** Reads a condition in the language of the policy's file; undefined with findings if it is wrong. */
export type ReadCondition = (document: unknown, place: Place) => Condition | undefined;

export const compileCondition = (
  document: unknown,
  source: PolicySource,
  place: Place,
  findings: Findings,
  language?: Language,
): Condition | undefined =>
  parseCondition(
    document,
    source.named,
    (code, pointer, message, remedy) => findings.error(code, { file: place.file, pointer }, message, remedy),
    place.pointer,
    { ...language, allowEmpty: source.document.allowEmpty === true },
  );

/** Where conditions, and gates by `names`, name each fact: JSON pointers, so that a fact that is not known is shown where it is written. */
export function mentionsIn(
  conditions: readonly Condition[],
  names: readonly (readonly [fact: string, pointer: string])[] = [],
): ReadonlyMap<string, readonly string[]> {
  const mentions = new Map<string, string[]>();
  for (const [fact, pointer] of [...conditions.flatMap(testsOf).flatMap(mentionsOf), ...names]) {
    const pointers = mentions.get(fact);
    if (pointers === undefined) mentions.set(fact, [pointer]);
    else if (!pointers.includes(pointer)) pointers.push(pointer);
  }
  return mentions;
}
