/** The life of a command in the state: from its commit to its outcome, and to the end of its expected effect. Pure: sending is elsewhere. */
import { judge } from '../analyze/conditions.ts';
import { takeBackMoves } from '../analyze/oscillation.ts';
import { expectationOf, remedyOf, tally } from '../analyze/remedies.ts';
import { formatMs } from '../duration.ts';
import { ofPolicy, ofTarget, undoMove } from '../knowledge/moves.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import { type CommandRow, type Contributor, type SymptomRow, symptomKey } from '../knowledge/state.ts';
import { asideOf, setAside } from '../knowledge/trials.ts';
import { withSetPoints } from '../knowledge/tunings.ts';
import { known, type Turn } from '../knowledge/turn.ts';
import type { OutcomeEvent, Value, WithheldEvent } from '../messages.ts';
import { isEverything } from '../messages.ts';
import { countHeld } from '../plan/pacing.ts';
import type { Response } from '../plan/response.ts';
import { miss, worked } from './breaker.ts';
import { tune } from './own.ts';
import { respond } from './responses.ts';

const about = (row: CommandRow) => ({ policy: row.policy, element: row.element, command: row.key });

/** What an actuator says of a command. The wait for the effect starts when it has succeeded (exact rule 8). */
export function settleOutcome(turn: Turn, event: OutcomeEvent): void {
  const row = turn.state.commands.get(event.command);
  if (row === undefined || row.phase !== 'sent') {
    turn.state.count('outcomes.late');
    turn.note(
      'outcome',
      `late word of ${event.command}: ${event.status}; ${event.detail}`,
      { command: event.command },
      { status: event.status, late: true },
    );
    return;
  }
  end(turn, row, event.status, event.detail);
}

function end(turn: Turn, row: CommandRow, status: OutcomeEvent['status'], detail: string): void {
  const policy = turn.policy(row.policy, row.origin);
  turn.state.count(`outcomes.${status}`);
  turn.note(
    'outcome',
    `${row.command} on ${row.element} ${status === 'timedOut' ? 'timed out' : status}${detail === '' ? '' : `: ${detail}`}`,
    about(row),
    { command: row.command, status, detail, tookMs: turn.now - row.issuedAt },
  );
  const expect = expectationOf(policy, row);
  if (status === 'succeeded' && row.element === HOMEOSTAT) tune(turn, row);
  if (status === 'succeeded' && expect !== undefined) {
    row.phase = 'settling';
    turn.derived.inFlight.settling.add(row.key);
    row.succeededAt = turn.now;
    row.effectBy = turn.now + expect.withinMs;
    turn.state.commands.touch(row);
    return;
  }
  forget(turn, row);
  // Where no effect is expected, that it was done is all that the command which a breaker let through can show.
  if (status === 'succeeded' && turn.state.breakers.get(symptomKey(row.policy, row.origin))?.trial === row.key) worked(turn, row);
  if (status !== 'failed' && status !== 'timedOut') return;
  miss(turn, row, policy);
  if (policy !== undefined) turn.failed.push(row);
}

function forget(turn: Turn, row: CommandRow): void {
  turn.state.commands.delete(row.key);
  turn.derived.inFlight.remove(row);
}

/**
 * Whether a cooldown rests on this command alone: it is the newest of its policy there, and no other action of the same firing may have been
 * sent. A disagreement withholds the firing of its policy whole; the emergency stop may come when one of its commands waits and another is done.
 */
function isAlone(turn: Turn, served: Contributor, issuedAt: number, symptom: SymptomRow, firing: boolean): boolean {
  const policy = turn.policy(served.policy, served.origin);
  const actions = policy === undefined ? undefined : (remedyOf(policy, served.action) ?? policy).actions;
  const whole = firing || actions?.length === 1;
  return whole && symptom.acted.cooldownUntil === issuedAt + (policy?.cooldownMs ?? 0);
}

/** Gives back all that a command took which will not be sent. A disagreement of the evaluators sets its policy aside. */
export function withhold(turn: Turn, event: WithheldEvent): void {
  const row = turn.state.commands.get(event.command);
  if (row === undefined) return;
  forget(turn, row);
  const suspect = event.policy ?? row.policy;
  for (const served of row.merged ?? [row]) {
    if (served.otherwise) continue;
    undoMove(turn.state, ofPolicy('acted', served.policy, served.origin), row.issuedAt);
    const symptom = turn.symptom(served.policy, served.origin);
    if (symptom === undefined) continue;
    symptom.acted.committed = symptom.acted.committed.filter((index) => index !== served.action);
    const whole = event.cause === 'disagreement' && served.policy === suspect;
    if (isAlone(turn, served, row.issuedAt, symptom, whole)) symptom.acted.cooldownUntil = null;
    turn.state.symptoms.touch(symptom);
  }
  undoMove(turn.state, ofTarget('acted', row.element, row.resource), row.issuedAt);
  takeBackMoves(turn, row.element, row.key);
  if (event.cause === 'paused') for (const pause of turn.state.pauses.rows()) if (isEverything(pause.scope)) countHeld(turn, pause.key);
  for (const name of row.budgets) {
    const budget = turn.state.budgets.get(name);
    const drawn = budget?.spent.indexOf(row.issuedAt) ?? -1;
    if (budget === undefined || drawn < 0) continue;
    budget.spent.splice(drawn, 1);
    turn.state.budgets.touch(budget);
  }
  turn.state.count(`withheld.${event.cause}`);
  turn.note('withheld', `${row.command} on ${row.element} was not sent: ${event.detail}`, about(row), {
    command: row.command,
    cause: event.cause,
    detail: event.detail,
  });
  const policy = turn.policy(suspect, row.origin);
  if (event.cause !== 'disagreement' || policy === undefined || asideOf(turn.state, policy) !== undefined) return;
  setAside(turn.state, turn.blueprint, policy, event.detail, turn.now);
  turn.note('setAside', `${policy.name} is set aside: ${event.detail}`, { policy: policy.name }, { version: policy.source.version });
}

/** Commands whose deadline has passed without a word, and expected effects: seen, missed at their deadline, or not to be known. */
export function watchCommands(turn: Turn): Response[] {
  for (const row of turn.state.commands.takeDue(turn.now)) {
    if (row.phase === 'sent') end(turn, row, 'timedOut', `no word in ${formatMs(row.deadlineAt - row.issuedAt)}`);
  }
  const responses: (Response | undefined)[] = turn.failed.map((row) => {
    const policy = turn.policy(row.policy, row.origin);
    return policy && respond(turn, row, policy, 'failed');
  });
  for (const key of [...turn.derived.inFlight.settling].sort()) {
    const row = turn.state.commands.get(key);
    if (row !== undefined) responses.push(watchEffect(turn, row));
  }
  return responses.filter((response) => response !== undefined);
}

function watchEffect(turn: Turn, row: CommandRow): Response | undefined {
  const policy = turn.policy(row.policy, row.origin);
  const expect = expectationOf(policy, row);
  if (policy === undefined || expect === undefined) {
    forget(turn, row);
    turn.note('effect', `the effect of ${row.key} is no longer awaited: its policy expects none`, about(row), {
      command: row.command,
      effect: 'unknown',
    });
    return undefined;
  }
  const since = row.succeededAt ?? turn.now;
  const seen = (fact: string): Value | undefined => {
    const reading = turn.reading(row.origin, fact);
    return reading !== undefined && (reading.time > since || isSetting(turn, row.origin, fact)) ? known(reading) : undefined;
  };
  const truth = judge(expect.condition, withSetPoints(turn.state, policy, seen));
  if (truth === true) {
    forget(turn, row);
    turn.note(
      'effect',
      `the expected effect of ${row.command} on ${row.element} was seen after ${formatMs(turn.now - since)}`,
      about(row),
      { command: row.command, effect: 'seen', afterMs: turn.now - since },
    );
    tally(turn, policy, row, true);
    worked(turn, row);
    return undefined;
  }
  if (turn.now < (row.effectBy ?? turn.now)) return undefined;
  forget(turn, row);
  if (truth === undefined) {
    turn.note('effect', `whether ${row.command} on ${row.element} had its effect is unknown: there are no newer readings`, about(row), {
      command: row.command,
      effect: 'unknown',
    });
    return undefined;
  }
  turn.note('effect', `${row.command} on ${row.element} did not have the expected effect within ${formatMs(expect.withinMs)}`, about(row), {
    command: row.command,
    effect: 'missed',
  });
  miss(turn, row, policy);
  return respond(turn, row, policy, 'missed');
}

/** Only a reading that is newer than the success tells of the effect; a setting, which nobody measures, always counts. */
function isSetting(turn: Turn, element: string, fact: string): boolean {
  const row = turn.state.elements.get(element);
  return row?.document.properties?.[fact] !== undefined;
}
