/** What a policy does where a fact of its conditions is unknown. A fail-safe becomes a policy of its own, named `NAME:missing`. */
import { parseQuestion } from '../analyze/temporal.ts';
import type { PolicyDocument } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { Policy, PolicySource } from '../knowledge/blueprint.ts';
import type { Missing } from '../knowledge/raising.ts';
import { isSetPoint } from '../knowledge/tunings.ts';
import { nearest } from '../suggest.ts';
import { at, type Findings, type Place } from './report.ts';

/** `facts`: those of the conditions, the reset included. */
export function missingOf({ missing }: PolicyDocument, facts: readonly string[], place: Place, findings: Findings): Missing | undefined {
  if (missing === undefined || typeof missing === 'string') return undefined;
  const { hold, values, after, actions } = missing;
  const here = at(place, 'missing');
  if (Object.keys(missing).length === 0) {
    findings.error('H003', here, 'it says nothing', 'write "nothing", or an object with hold, values, or after and actions');
  }
  if ((after === undefined) !== (actions === undefined)) {
    findings.error(
      'H003',
      here,
      `a fail-safe has both "after" and "actions"; found ${after === undefined ? 'only actions' : 'only after'}`,
    );
  }
  if (hold === undefined && values === undefined) return undefined;
  // What asks about a fact's past, or about its being known, is answered by what is measured and nothing else.
  const measured = facts.filter((fact) => parseQuestion(fact) === undefined && !isSetPoint(fact));
  return { holdMs: hold === undefined ? null : durationMs(hold), values: values ?? {}, facts: measured };
}

/**
 * The fail-safe of a policy: a policy whose conditions are that a fact of the policy's own has been unknown for so long. undefined: it has none.
 * `members`: the policies that were compiled from the document.
 */
export function failSafeOf(source: PolicySource, members: readonly Policy[], findings: Findings): PolicySource | undefined {
  const { missing, name: _name, why, concern, scope, priority, mode, advise, breaker, budget } = source.document;
  const place = at({ file: source.file, pointer: source.pointer }, 'missing');
  if (missing === undefined || typeof missing === 'string' || members.length === 0) return undefined;
  const facts = factsOf(members);
  for (const fact of Object.keys(missing.values ?? {})) {
    if (!facts.includes(fact))
      findings.error('H005', at(place, 'values', fact), `the conditions read no fact "${fact}"${nearest(fact, facts)}`);
  }
  const { after, actions } = missing;
  if (after === undefined || actions === undefined) return undefined;
  if (facts.length === 0) {
    findings.error('H003', place, 'the conditions read no fact that could be missing', 'remove after and actions');
    return undefined;
  }
  const given = Object.fromEntries(
    Object.entries({ why, concern, scope, priority, mode, advise, breaker, budget }).filter(([, value]) => value !== undefined),
  );
  return {
    ...source,
    name: `${source.name}:missing`,
    pointer: place.pointer,
    document: { ...given, conditions: { any: facts.map((fact) => ({ fact, operator: 'unknown', value: true })) }, for: after, actions },
    family: { name: source.name, level: 'missing', above: [], failSafe: true },
  };
}

/** The facts that may be missing: those that are measured, or asked for their past. */
const factsOf = (members: readonly Policy[]): string[] => {
  const facts = members.flatMap(({ facts, raising }) => [...facts, ...raising.reads]);
  return [...new Set(facts.flatMap((fact) => measuredBy(fact) ?? []))].sort();
};

function measuredBy(fact: string): string | undefined {
  if (isSetPoint(fact)) return undefined;
  const question = parseQuestion(fact);
  if (question === undefined) return fact;
  return question.asks === 'unknown' || question.asks === 'stale' ? undefined : question.of;
}
