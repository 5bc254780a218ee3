/** What a policy does, from its document to what the step reads: actions, remedies, and what is expected of them. */
import { factsOf } from '../analyze/conditions.ts';
import type { ActionDocument, Expectation as ExpectationDocument, OtherwiseDocument, RemedyDocument } from '../documents/action.ts';
import type { PolicyDocument } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { Action, Expectation, Remedy } from '../knowledge/blueprint.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import type { ReadCondition } from './conditions.ts';
import { paramsOfEvent } from './event.ts';
import { compileParam, factsOfParam } from './params.ts';
import { at, type Findings, type Place } from './report.ts';

/** Compiles the `actions` of a policy, its `event` or those of its `remedies`. */
export function actionsOf(document: PolicyDocument, place: Place, findings: Findings): Action[] {
  const forms = (['actions', 'remedies', 'event'] as const).filter((form) => document[form] !== undefined);
  const [form, another] = forms;
  if (another !== undefined) {
    findings.error(
      'H003',
      at(place, another),
      another === 'event'
        ? `a policy has either ${form} or, as a plain json-rules-engine rule, an event`
        : `a policy has either ${form} or ${another}`,
      'remove one of the two',
    );
  }
  if (form === undefined) findings.error('H003', place, 'a policy needs actions', 'add "actions": [{ "command": … }]');
  if (document.actions !== undefined) return compileActions(document.actions, at(place, 'actions'), findings);
  if (document.event !== undefined) {
    const { type, params } = document.event;
    const action = compileActions([{ command: type, params: paramsOfEvent(params) }], at(place, 'event'), findings);
    return action.map((one) => ({ ...one, pointer: `${place.pointer}/event/type` }));
  }
  let index = 0;
  return (document.remedies ?? []).flatMap((remedy, i) => {
    const actions = compileActions(remedy.actions, at(place, 'remedies', i, 'actions'), findings, index);
    index += actions.length;
    return actions;
  });
}

function compileActions(documents: readonly ActionDocument[], place: Place, findings: Findings, from = 0): Action[] {
  return documents.map((document, i) => ({
    index: from + i,
    command: document.command,
    target: document.target ?? 'self',
    pointer: at(place, i, 'command').pointer,
    while: whileOf(document, at(place, i, 'while'), findings),
    params: Object.fromEntries(
      Object.entries(document.params ?? {}).flatMap(([name, param]) => {
        const compiled = compileParam(param, at(place, i, 'params', name), findings);
        return compiled === undefined ? [] : [[name, compiled] as const];
      }),
    ),
  }));
}

function whileOf(document: ActionDocument, place: Place, findings: Findings): boolean {
  if (document.while === true && document.target !== HOMEOSTAT) {
    findings.error(
      'H003',
      place,
      'only what was set of Homeostat itself can be taken back by itself',
      'take "while" out, or let another policy undo it',
    );
  }
  return document.while === true;
}

/** `priority`: that of the policy, which an escalation must exceed. */
export function expectationOf(
  document: ExpectationDocument | undefined,
  priority: number,
  read: ReadCondition,
  place: Place,
  findings: Findings,
): Expectation | undefined {
  if (document === undefined) return undefined;
  const condition = read(document.conditions, at(place, 'conditions'));
  const list = document.otherwise ?? [];
  const otherwise = list.flatMap((entry, i) => answersOf(entry, priority, at(place, 'otherwise'), i, findings));
  return (
    condition && {
      withinMs: durationMs(document.within),
      condition,
      facts: factsOf(condition),
      otherwise: otherwise.map((action, index) => ({ ...action, index })),
      retries: list.reduce((sum, entry) => sum + ('retry' in entry ? entry.retry : 0), 0),
      rollBack: list.some((entry) => 'rollBack' in entry),
      on: document.on ?? ['missed'],
    }
  );
}

/** The actions of one entry of `otherwise`. */
function answersOf(entry: OtherwiseDocument, priority: number, place: Place, index: number, findings: Findings): Action[] {
  if ('command' in entry) {
    return compileActions([entry], place, findings).map((a) => ({ ...a, pointer: at(place, index, 'command').pointer }));
  }
  if ('compensate' in entry) return compileActions(entry.compensate, at(place, index, 'compensate'), findings);
  if (!('escalate' in entry)) return [];
  const { priority: higher, actions } = entry.escalate;
  if (higher <= priority) {
    findings.error(
      'H003',
      at(place, index, 'escalate', 'priority'),
      `an escalation comes with a higher priority than its policy, which has ${priority}; found ${higher}`,
      `give it at least ${priority + 1}`,
    );
  }
  return compileActions(actions, at(place, index, 'escalate', 'actions'), findings).map((action) => ({ ...action, priority: higher }));
}

/** `actions`: those of the policy, which its remedies share out among them. */
export function remediesOf(
  document: PolicyDocument,
  actions: readonly Action[],
  expect: Expectation | undefined,
  read: ReadCondition,
  place: Place,
  findings: Findings,
): Remedy[] | undefined {
  let from = 0;
  const remedies = document.remedies?.map((remedy, i) => {
    const here = at(place, 'remedies', i);
    const twin = document.remedies!.findIndex(({ name }) => name === remedy.name);
    if (twin < i) findings.error('H006', at(here, 'name'), `the remedy "${remedy.name}" is there twice`, 'give each a name of its own');
    const own = actions.slice(from, from + remedy.actions.length);
    from += remedy.actions.length;
    return remedyOf(remedy, own, expect, document.priority ?? 1, read, here, findings);
  });
  if (document.rank !== undefined && remedies === undefined) {
    findings.error('H003', at(place, 'rank'), 'rank orders remedies, and this policy has none', 'write remedies in place of actions');
  }
  for (const [i, remedy] of (document.rank === undefined ? [] : (remedies ?? [])).entries()) {
    if (remedy.expect !== undefined) continue;
    findings.error(
      'H003',
      at(place, 'remedies', i),
      `whether "${remedy.name}" worked cannot be told: nothing is expected of it`,
      'give the policy, or this remedy, an "expect"',
    );
  }
  return remedies;
}

function remedyOf(
  document: RemedyDocument,
  actions: readonly Action[],
  expect: Expectation | undefined,
  priority: number,
  read: ReadCondition,
  place: Place,
  findings: Findings,
): Remedy {
  const guard = document.if === undefined ? undefined : read(document.if, at(place, 'if'));
  return {
    name: document.name,
    guard,
    facts: guard === undefined ? [] : factsOf(guard),
    actions,
    expect: expectationOf(document.expect, priority, read, at(place, 'expect'), findings) ?? expect,
  };
}

export const factsOfAction = (action: Action): string[] => Object.values(action.params).flatMap(factsOfParam);

export const factsOfExpectation = (expect: Expectation | undefined): string[] =>
  expect === undefined ? [] : [...expect.facts, ...expect.otherwise.flatMap(factsOfAction)];
