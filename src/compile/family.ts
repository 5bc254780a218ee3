/**
 * Families: policies that are written as one. Its levels become policies named `NAME:LEVEL`, which share everything else of its document; so each has
 * a symptom, a cooldown, a breaker and an `explain` of its own.
 */
import type { LevelDocument, PolicyDocument } from '../documents/policy.ts';
import type { Finding } from '../errors.ts';
import type { PolicySource } from '../knowledge/blueprint.ts';
import { at, type Findings, type Place } from './report.ts';

/** What a level says itself, and the policy beside it therefore does not. */
const OF_LEVELS = ['conditions', 'reset', 'actions', 'remedies', 'event', 'expect'] as const;

/** The policies that one document stands for, as each would be written alone. */
export function membersOf(source: PolicySource): readonly PolicySource[] {
  const { levels, ...shared } = source.document;
  if (levels === undefined) return [source];
  const nameOf = ({ level }: LevelDocument): string => `${source.name}:${level}`;
  return levels.map((written, i) => {
    const { level, ...own } = written;
    return {
      ...source,
      name: nameOf(written),
      pointer: `${source.pointer}/levels/${i}`,
      document: { ...shared, ...own },
      family: { name: source.name, level, above: levels.slice(i + 1).map(nameOf) },
    };
  });
}

/** What is wrong with the levels of a policy as a whole. */
export function checkLevels(source: PolicySource, findings: Findings): void {
  const { levels } = source.document;
  const place: Place = { file: source.file, pointer: source.pointer };
  if (levels === undefined) return;
  for (const key of OF_LEVELS) {
    if (source.document[key] !== undefined)
      findings.error('H003', at(place, key), `a policy with levels has no "${key}" of its own`, `write it in the levels`);
  }
}

/** Mistakes in what the levels share are said once, and where they are written. */
export function relocate(list: readonly Finding[], sources: readonly PolicySource[]): Finding[] {
  const families = sources.filter(({ document }) => document.levels !== undefined || document.missing !== undefined);
  if (families.length === 0) return [...list];
  const told = new Map<string, Finding>();
  for (const finding of list) {
    const moved = { ...finding, pointer: placeOf(finding, families) };
    told.set(JSON.stringify(moved), moved);
  }
  return [...told.values()];
}

function placeOf({ file, pointer }: Finding, families: readonly PolicySource[]): string {
  for (const { file: where, pointer: base, document } of families) {
    const start = `${base}/levels/`;
    if (file !== where || !pointer.startsWith(start)) continue;
    const [index = '', key, ...rest] = pointer.slice(start.length).split('/');
    const level = document.levels?.[Number(index)] as Record<string, unknown> | undefined;
    const shared = key !== undefined && level?.[key] === undefined && document[key as keyof PolicyDocument] !== undefined;
    return shared ? [base, key, ...rest].join('/') : pointer;
  }
  return pointer;
}
