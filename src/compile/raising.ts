/** When a symptom is raised and how long it stays so: from the words of a policy to what the step reads. */
import { factsOf } from '../analyze/conditions.ts';
import { durationMs } from '../duration.ts';
import type { PolicySource } from '../knowledge/blueprint.ts';
import type { Latch, Raising } from '../knowledge/raising.ts';
import { conditionOf } from './policies.ts';
import { at, type Findings, type Place } from './report.ts';

export function compileRaising(source: PolicySource, place: Place, findings: Findings): Raising {
  const latch = latchOf(source, place, findings);
  const reads = latch?.reset === undefined ? [] : factsOf(latch.reset);
  return { latch, reads, needs: reads };
}

function latchOf(source: PolicySource, place: Place, findings: Findings): Latch | undefined {
  const { keepFor, reset } = source.document;
  if (keepFor === undefined && reset === undefined) return undefined;
  return {
    keepForMs: keepFor === undefined ? 0 : durationMs(keepFor),
    reset: reset === undefined ? undefined : conditionOf(reset, source, at(place, 'reset'), findings),
  };
}
