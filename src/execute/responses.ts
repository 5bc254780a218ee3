/** What is done about a command that failed or did not have its effect: again, the next remedy, or what its policy does otherwise. */
import { expectationOf, goesOn, isRaised, pass, remedyOf, tryingOf } from '../analyze/remedies.ts';
import { newSymptom } from '../analyze/symptoms.ts';
import type { Expectation, Policy } from '../knowledge/blueprint.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import type { CommandRow, SymptomRow } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Attempt, Response } from '../plan/response.ts';

/** Repetitions come first; when there are no more, the rest of `otherwise`, and the next remedy with the next look at the symptom. */
export function respond(turn: Turn, row: CommandRow, policy: Policy, cause: 'missed' | 'failed'): Response | undefined {
  if (row.otherwise) return undefined;
  const symptom = turn.symptom(row.policy, row.origin);
  const raised = symptom !== undefined && goesOn(turn, symptom) ? symptom : undefined;
  const expected = expectationOf(policy, row);
  const expect = expected?.on.includes(cause) === true ? expected : undefined;
  if (raised !== undefined) {
    if (expect !== undefined && isRaised(turn, raised) && mayRepeat(turn, row, raised, expect))
      return { policy, symptom: raised, approvedBy: row.approvedBy, attempts: [again(turn, row, policy, raised)] };
    const remedy = remedyOf(policy, row.action);
    if (remedy !== undefined) pass(turn, policy, raised, remedy);
  }
  if (expect === undefined) return undefined;
  const attempts: Attempt[] = expect.otherwise.map((action) => ({ action, repeats: false }));
  const back = expect.rollBack ? rollBack(row, policy) : undefined;
  if (back !== undefined) attempts.push(back);
  return { policy, symptom: symptom ?? newSymptom(policy.name, row.origin), approvedBy: row.approvedBy, attempts };
}

/** Not beyond its number, nor when the breaker has stopped the policy, nor when the value that it sets is there already. */
function mayRepeat(turn: Turn, row: CommandRow, symptom: SymptomRow, { retries }: Expectation): boolean {
  if (symptom.broken || (symptom.trying?.retries[row.action] ?? 0) >= retries) return false;
  if (row.element === HOMEOSTAT) return false;
  const element = turn.state.elements.get(row.element);
  const property = element === undefined ? undefined : turn.typeOf(element)?.commands.get(row.command)?.property;
  return property === undefined || turn.fact(row.element, property) !== row.params.to;
}

/** The same command with the same values, whose effect is awaited like that of the first. */
function again(turn: Turn, row: CommandRow, policy: Policy, symptom: SymptomRow): Attempt {
  const { retries } = tryingOf(symptom);
  retries[row.action] = (retries[row.action] ?? 0) + 1;
  turn.state.symptoms.touch(symptom);
  const action = policy.actions.find(({ index }) => index === row.action)!;
  return { action: { ...action, command: row.command, target: row.element }, repeats: true, given: { ...row.params } };
}

/** The same command, with the value that its property had before. Words to people, which set none, are not taken back. */
function rollBack(row: CommandRow, policy: Policy): Attempt | undefined {
  const action = policy.actions.find(({ index }) => index === row.action);
  if (action === undefined || row.before === null) return undefined;
  return { action: { ...action, command: row.command, target: row.element }, repeats: false, given: { ...row.params, to: row.before } };
}
