/** Policies, from their documents to what the step reads. */
import { type Condition, factsOf, parseCondition } from '../analyze/conditions.ts';
import type { ActionDocument, Mode, PolicyDocument } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { Action, Policy, PolicySource } from '../knowledge/blueprint.ts';
import { compileAdvise } from './advise.ts';
import { compileParam, factsOfParam } from './params.ts';
import { compileRaising } from './raising.ts';
import { at, type Findings, type Place } from './report.ts';

const CAUTION: readonly Mode[] = ['observe', 'advise', 'act'];

/** The more cautious of two modes: a manager that observes lets no policy act. */
export const cautious = (a: Mode, b: Mode): Mode => (CAUTION.indexOf(a) < CAUTION.indexOf(b) ? a : b);

/** Compiles one policy; undefined with findings if it is wrong. Whether its facts and commands exist is for the types to say. */
export function compilePolicy(source: PolicySource, mode: Mode, findings: Findings): Policy | undefined {
  const { document } = source;
  const place: Place = { file: source.file, pointer: source.pointer };
  const before = findings.errors;
  const condition = conditionOf(document.conditions, source, at(place, 'conditions'), findings);
  const actions = actionsOf(document, place, findings);
  const expect = expectationOf(source, place, findings);
  const advise = compileAdvise(document.advise, mode, place, findings);
  const deadZone = document.deadZone;
  if (deadZone !== undefined && deadZone.low > deadZone.high) {
    findings.error('H003', at(place, 'deadZone'), `low ${deadZone.low} is above high ${deadZone.high}`);
  }
  const raising = compileRaising(source, place, findings);
  if (findings.errors > before || condition === undefined) return undefined;
  const facts = factsOf(condition);
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
    needs: [
      ...new Set([
        ...facts,
        ...raising.needs,
        ...actions.flatMap(factsOfAction),
        ...(expect === undefined ? [] : [...expect.facts, ...expect.otherwise.flatMap(factsOfAction)]),
      ]),
    ].sort(),
    forMs: document.for === undefined ? 0 : durationMs(document.for),
    cooldownMs: document.cooldown === undefined ? null : durationMs(document.cooldown),
    deadZone,
    breakerAfter: document.breaker?.after ?? null,
    advise,
    actions,
    raising,
    expect,
  };
}

export function conditionOf(document: unknown, source: PolicySource, place: Place, findings: Findings): Condition | undefined {
  return parseCondition(document, source.named, (code, pointer, message, remedy) =>
    findings.error(code, { file: place.file, pointer: place.pointer + pointer }, message, remedy),
  );
}

function actionsOf(document: PolicyDocument, place: Place, findings: Findings): Action[] {
  if (document.actions !== undefined && document.event !== undefined) {
    findings.error(
      'H003',
      at(place, 'event'),
      'a policy has either actions or, as a plain json-rules-engine rule, an event',
      'remove one of the two',
    );
  }
  if (document.actions === undefined && document.event === undefined) {
    findings.error('H003', place, 'a policy needs actions', 'add "actions": [{ "command": … }]');
  }
  if (document.actions !== undefined) return compileActions(document.actions, at(place, 'actions'), findings);
  if (document.event === undefined) return [];
  const { type, params } = document.event;
  return compileActions([{ command: type, ...(params === undefined ? {} : { params }) }], at(place, 'event'), findings);
}

function compileActions(documents: readonly ActionDocument[], place: Place, findings: Findings): Action[] {
  return documents.map((document, index) => ({
    index,
    command: document.command,
    target: document.target ?? 'self',
    params: Object.fromEntries(
      Object.entries(document.params ?? {}).flatMap(([name, param]) => {
        const compiled = compileParam(param, at(place, index, 'params', name), findings);
        return compiled === undefined ? [] : [[name, compiled] as const];
      }),
    ),
  }));
}

const factsOfAction = (action: Action): string[] => Object.values(action.params).flatMap(factsOfParam);

function expectationOf(source: PolicySource, place: Place, findings: Findings): Policy['expect'] {
  const document = source.document.expect;
  if (document === undefined) return undefined;
  const condition = conditionOf(document.conditions, source, at(place, 'expect', 'conditions'), findings);
  const otherwise = compileActions(document.otherwise ?? [], at(place, 'expect', 'otherwise'), findings);
  return condition && { withinMs: durationMs(document.within), condition, facts: factsOf(condition), otherwise };
}
