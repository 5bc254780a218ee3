/** Policies, from their documents to what the step reads. */
import { type Condition, factsOf } from '../analyze/conditions.ts';
import type { Language } from '../analyze/parse.ts';
import { cautious, type Mode, type PolicyDocument } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { Policy, PolicySource } from '../knowledge/blueprint.ts';
import { isSetPoint, setPointName } from '../knowledge/tunings.ts';
import { nearest } from '../suggest.ts';
import { actionsOf, expectationOf, factsOfAction, factsOfExpectation, remediesOf } from './actions.ts';
import { compileAdvise } from './advise.ts';
import { compileArbitration } from './arbitration.ts';
import { compileCondition, mentionsIn, type ReadCondition } from './conditions.ts';
import { compilePace, plainCooldownMs } from './pace.ts';
import { compileRaising } from './raising.ts';
import { at, type Findings, type Place } from './report.ts';
import type { Calendars } from './schedule.ts';

/** Compiles one policy; undefined with findings if it is wrong. Whether its facts and commands exist is for the types to say. */
export function compilePolicy(
  source: PolicySource,
  mode: Mode,
  findings: Findings,
  calendars: Calendars = new Map(),
  language?: Language,
): Policy | undefined {
  const { document } = source;
  const place: Place = { file: source.file, pointer: source.pointer };
  const before = findings.errors;
  const conditions: Condition[] = [];
  const read: ReadCondition = (written, where) => {
    const compiled = compileCondition(written, source, where, findings, language);
    if (compiled !== undefined) conditions.push(compiled);
    return compiled;
  };
  const condition = read(document.conditions, at(place, 'conditions'));
  const actions = actionsOf(document, place, findings);
  const expect = expectationOf(document.expect, document.priority ?? 1, read, at(place, 'expect'), findings);
  const remedies = remediesOf(document, actions, expect, read, place, findings);
  const advise = compileAdvise(document.advise, mode, place, findings);
  const arbitration = compileArbitration(document, place, findings);
  const deadZone = document.deadZone;
  if (typeof deadZone?.low === 'number' && typeof deadZone.high === 'number' && deadZone.low > deadZone.high) {
    findings.error('H003', at(place, 'deadZone'), `low ${deadZone.low} is above high ${deadZone.high}`);
  }
  const raising = compileRaising(source, condition === undefined ? [] : factsOf(condition), read, place, findings);
  const pace = compilePace(document, calendars, place, findings);
  if (findings.errors > before || condition === undefined) return undefined;
  const facts = factsOf(condition);
  const needs = [
    ...new Set([
      ...facts,
      ...raising.needs,
      ...arbitration.facts,
      ...actions.flatMap(factsOfAction),
      ...factsOfExpectation(expect),
      ...(remedies ?? []).flatMap((remedy) => [...remedy.facts, ...factsOfExpectation(remedy.expect)]),
      ...[deadZone?.low, deadZone?.high].flatMap((bound) => (typeof bound === 'object' ? [bound.fact] : [])),
    ]),
  ];
  const mentions = mentionsIn(conditions, raising.names);
  for (const fact of needs.filter(isSetPoint)) {
    for (const pointer of mentions.get(fact) ?? [place.pointer]) checkSetPoint(fact, document, { file: place.file, pointer }, findings);
  }
  if (findings.errors > before) return undefined;
  return {
    name: source.name,
    source,
    why: document.why,
    concern: document.concern,
    scope: document.scope ?? {},
    priority: document.priority ?? 1,
    mode: cautious(mode, document.mode ?? mode),
    condition,
    facts,
    mentions,
    needs: needs.filter((fact) => !isSetPoint(fact)).sort(),
    forMs: document.for === undefined ? 0 : durationMs(document.for),
    cooldownMs: plainCooldownMs(document),
    deadZone,
    breakerAfter: document.breaker?.after ?? null,
    advise,
    pace,
    arbitration,
    actions,
    raising,
    expect,
    means: {
      remedies,
      byWorked: document.rank === 'worked',
      suite: document.suite,
      setPoints: document.setPoints === undefined ? undefined : new Map(Object.entries(document.setPoints)),
    },
  };
}

/** A set-point that is read must be one of the policy's own. */
function checkSetPoint(fact: string, { setPoints = {} }: PolicyDocument, place: Place, findings: Findings): void {
  if (Object.hasOwn(setPoints, setPointName(fact))) return;
  const known = Object.keys(setPoints).map((name) => `setPoint.${name}`);
  findings.error(
    'H103',
    place,
    `the policy has no set-point "${setPointName(fact)}"${nearest(fact, known)}`,
    'declare it under "setPoints" of the policy',
  );
}
