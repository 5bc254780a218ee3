/** Parameters of actions, from their documents to what is asked for their values. */
import type { Limit, Param } from '../documents/action.ts';
import { compileExpression } from '../expression.ts';
import type { Clamp, ParamSource } from '../knowledge/blueprint.ts';
import { at, type Findings, type Place } from './report.ts';

/** Undefined with findings if it is wrong. */
export function compileParam(param: Param, place: Place, findings: Findings): ParamSource | undefined {
  if (typeof param !== 'object') return { literal: param };
  const clamp = clampOf(param, place, findings);
  if ('fact' in param) return { fact: param.fact, ...clamp };
  if ('value' in param) {
    if (clamp.clamp !== undefined && typeof param.value !== 'number') {
      findings.error('H003', at(place, 'value'), `min, max and step are for numbers; found ${JSON.stringify(param.value)}`);
    }
    return { literal: param.value, ...clamp };
  }
  const expression = findings.attempt(place, () => compileExpression(param.expression));
  return expression && { expression, ...clamp };
}

function clampOf(
  { min, max, step }: { readonly min?: Limit; readonly max?: Limit; readonly step?: number },
  place: Place,
  findings: Findings,
): { readonly clamp?: Clamp } {
  if (min === undefined && max === undefined && step === undefined) return {};
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    findings.error('H003', place, `min ${min} is above max ${max}`, 'exchange the two');
  }
  return { clamp: { min, max, step } };
}

/** The facts that a parameter rests on, its bounds included. */
export function factsOfParam(param: ParamSource): string[] {
  const own = 'fact' in param ? [param.fact] : 'expression' in param ? [...param.expression.facts] : [];
  const bounds = [param.clamp?.min, param.clamp?.max].flatMap((bound) => (typeof bound === 'object' ? [bound.fact] : []));
  return [...own, ...bounds];
}
