/** When a symptom is raised and how long it stays so: from the words of a policy to what the step reads. */
import { factsOf } from '../analyze/conditions.ts';
import type { PolicyDocument } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { PolicySource } from '../knowledge/blueprint.ts';
import type { Latch, Raising } from '../knowledge/raising.ts';
import type { ReadCondition } from './conditions.ts';
import { missingOf } from './missing.ts';
import { at, type Findings, type Place } from './report.ts';

/** `facts`: those of the conditions. */
export function compileRaising(
  source: PolicySource,
  facts: readonly string[],
  read: ReadCondition,
  place: Place,
  findings: Findings,
): Raising {
  const { zone, confidence, flapping } = source.document;
  const latch = latchOf(source, read, place);
  const tolerance = toleranceOf(source.document, place, findings);
  if (flapping !== undefined && flapping.low > flapping.high) {
    findings.error('H003', at(place, 'flapping'), `low ${flapping.low} is above high ${flapping.high}`, 'exchange the two');
  }
  const reads = latch?.reset === undefined ? [] : factsOf(latch.reset);
  const names = [
    ...(zone === undefined ? [] : [[zone.fact, at(place, 'zone', 'fact').pointer] as const]),
    ...(tolerance === undefined ? [] : [[tolerance.fact, at(place, 'tolerance', 'fact').pointer] as const]),
    ...(typeof tolerance?.target === 'object' ? [[tolerance.target.fact, at(place, 'tolerance', 'target', 'fact').pointer] as const] : []),
  ];
  const needs = [...reads, ...names.map(([fact]) => fact)];
  const missing = missingOf(source.document, [...new Set([...facts, ...reads])].sort(), place, findings);
  return { family: source.family, latch, missing, zone, tolerance, confidence, flapping, reads, needs, names };
}

function latchOf(source: PolicySource, read: ReadCondition, place: Place): Latch | undefined {
  const { keepFor, reset } = source.document;
  if (keepFor === undefined && reset === undefined) return undefined;
  return {
    keepForMs: keepFor === undefined ? 0 : durationMs(keepFor),
    reset: reset === undefined ? undefined : read(reset, at(place, 'reset')),
  };
}

function toleranceOf({ tolerance }: PolicyDocument, place: Place, findings: Findings): Raising['tolerance'] {
  if (tolerance === undefined) return undefined;
  const { fact, target, share, within } = tolerance;
  if ((share === undefined) === (within === undefined)) {
    findings.error(
      'H003',
      at(place, 'tolerance'),
      `a tolerance has either "share" or "within"; found ${share === undefined ? 'neither' : 'both'}`,
      'write "share": 0.1 for a tenth of the target, or "within": 5 in the unit of the fact',
    );
  }
  return { fact, target, share, within };
}
