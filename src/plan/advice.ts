/**
 * What becomes of the proposals of an advising policy: a person is asked, and what that person approves enters arbitration with what acts,
 * after all gates have judged it again. Asking spends nothing and disturbs nothing.
 */

import type { ExplainedCondition } from '../analyze/explain-conditions.ts';
import { explainCondition, failing, testText } from '../analyze/explain-conditions.ts';
import type { Hold } from '../analyze/gates/gate.ts';
import { expectationOf, goesOn, isRaised } from '../analyze/remedies.ts';
import { factsNow } from '../analyze/symptoms.ts';
import { formatMs } from '../duration.ts';
import { type AdviceRow, adviceKey, isPending, letters } from '../knowledge/advice.ts';
import type { Action, Policy } from '../knowledge/blueprint.ts';
import { type SymptomRow, symptomKey } from '../knowledge/state.ts';
import { modeOf } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { AnsweredEvent, Value } from '../messages.ts';
import type { Proposal } from './propose.ts';

type Word = 'asked' | 'approved' | 'rejected' | 'expired' | 'superseded' | 'withdrawn' | 'held' | 'late';

/** Comparisons that an advice quotes. */
const QUOTED = 20;

/** Whether a proposal enters arbitration with what acts: by its mode, or because a person has approved exactly this. */
export function acts(turn: Turn, proposal: Proposal): boolean {
  const { policy, approvedBy } = proposal.candidate;
  const mode = modeOf(turn, policy);
  return mode === 'act' || (mode === 'advise' && (approvedBy !== undefined || approvalOf(turn, proposal) !== undefined));
}

const rowOf = (turn: Turn, { candidate }: Proposal): AdviceRow | undefined =>
  turn.state.advice.get(adviceKey(candidate.policy.name, candidate.symptom.element, candidate.action.index));

/** What a person approved; undefined where anything in it is different now from what that person saw. */
function approvalOf(turn: Turn, proposal: Proposal): AdviceRow | undefined {
  if (modeOf(turn, proposal.candidate.policy) !== 'advise' || proposal.candidate.otherwise) return undefined;
  const row = rowOf(turn, proposal);
  return row?.phase === 'approved' && isSame(row, proposal) ? row : undefined;
}

const isSame = (row: AdviceRow, { candidate, params }: Proposal): boolean =>
  row.target === candidate.target && row.command === candidate.command.name && sameParams(row.params, params);

const sameParams = (a: Readonly<Record<string, Value>>, b: Readonly<Record<string, Value>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

export interface Approval {
  readonly approvedBy: string;
  readonly approvedFor?: string | null;
  /** Absent where it follows from a command that was approved. */
  readonly advice?: string;
}

/** What a command says of its approval, in its row and in the journal. The approval is used up. */
export function takeApproval(turn: Turn, proposal: Proposal): Approval | undefined {
  const { approvedBy } = proposal.candidate;
  if (approvedBy !== undefined) return { approvedBy };
  const row = approvalOf(turn, proposal);
  if (row === undefined) return undefined;
  turn.state.advice.delete(row.key);
  turn.state.count('advice.committed');
  return { advice: row.id, approvedBy: row.author ?? 'nobody', approvedFor: row.reason };
}

/** What holds back a proposal that has won and may not act: it waits for an answer. `row` is absent where the next step asks. */
export function awaiting(turn: Turn, proposal: Proposal): Hold {
  const row = rowOf(turn, proposal);
  if (row?.phase === 'approved' && isSame(row, proposal))
    return { gate: 'mode', reason: `advise: ${row.id} is approved by ${row.author}, and waits for what it goes together with` };
  const asked = row === undefined || row.askedAt === turn.now ? 'asked now' : `asked ${formatMs(turn.now - row.askedAt)} ago`;
  const reason =
    row?.phase === 'open' && isSame(row, proposal)
      ? `advise: ${asked}, ${formatMs((row.until ?? turn.now) - turn.now)} of ${formatMs((row.until ?? turn.now) - row.askedAt)} left; approve with: homeostat approve ${row.id}`
      : 'advise: the next step asks a person';
  return { gate: 'mode', reason };
}

/** The advice of one step: closes what is over, asks what is new, and says of what was approved now why it must wait. */
export class Advice {
  readonly #turn: Turn;
  readonly #holds = new Map<string, Hold>();
  #asked = 0;

  constructor(turn: Turn) {
    this.#turn = turn;
    for (const row of [...turn.state.advice.rows()]) {
      const over = whyOver(turn, row);
      if (over !== undefined) close(turn, row, 'withdrawn', over);
    }
    for (const row of turn.state.advice.takeDue(turn.now)) expire(turn, row);
  }

  /** Something holds an action of a symptom back. */
  held({ policy, element }: SymptomRow, action: Action, hold: Hold): void {
    this.#holds.set(adviceKey(policy, element, action.index), hold);
  }

  /** Of remedies only one has its turn: what was asked for another is not what would be done now. */
  turnsTo({ policy, element }: SymptomRow, actions: readonly Action[]): void {
    const turn = this.#turn;
    if (turn.state.advice.size === 0 || turn.policy(policy, element)?.means.remedies === undefined) return;
    for (const row of [...turn.state.advice.rows()]) {
      if (row.policy === policy && row.element === element && !actions.some(({ index }) => index === row.action))
        close(turn, row, 'withdrawn', 'it is the turn of another remedy');
    }
  }

  /** Asks for a proposal that has won, once; one that has changed since it was asked is asked anew. */
  ask(proposal: Proposal): Hold {
    const turn = this.#turn;
    const before = rowOf(turn, proposal);
    if (before === undefined || !isSame(before, proposal)) {
      const row = rowFor(turn, proposal, `${turn.blueprint.setup.domain}.${turn.step}.${letters(this.#asked++)}`);
      if (before !== undefined) close(turn, before, 'superseded', `now it would be ${deedOf(row)}; see ${row.id}`, { by: row.id });
      turn.state.advice.put(row);
      note(turn, row, 'asked', `asks to ${deedOf(row)}: ${row.conditions.join(', ')}`, askedData(row));
    }
    const hold = awaiting(turn, proposal);
    this.#holds.set(rowOf(turn, proposal)!.key, hold);
    return hold;
  }

  /** What was approved in this step, and not committed with it, waits for the rest of its time. */
  end(): void {
    const turn = this.#turn;
    for (const row of turn.state.advice.rows()) {
      if (row.phase !== 'approved' || row.answeredStep !== turn.step) continue;
      const hold = this.#holds.get(row.key) ?? { gate: 'conditions', reason: 'they are unknown now' };
      note(turn, row, 'held', `${deedOf(row)} is held back by ${hold.gate}: ${hold.reason}`, { gate: hold.gate, reason: hold.reason });
    }
  }
}

/** A person's word. An approval is judged in this very step, and stays for the rest of its time. */
export function answer(turn: Turn, event: AnsweredEvent): void {
  const row = [...turn.state.advice.rows()].find(({ id }) => id === event.advice);
  const inTime = row !== undefined && isPending(row) && (row.until === null || row.until > turn.now);
  if (!inTime || (row.phase === 'approved' && event.answer === 'approved')) {
    turn.state.count('advice.late');
    const why = row === undefined ? 'is not open' : row.phase === 'open' ? 'has just run out' : `is ${row.phase} already`;
    turn.note(
      'advice',
      `${event.author} ${event.answer} ${event.advice}, which ${why}`,
      { ...(row === undefined ? {} : { policy: row.policy, element: row.element }) },
      { is: 'late', id: event.advice, answer: event.answer, author: event.author, reason: event.reason },
    );
    return;
  }
  row.phase = event.answer;
  row.author = event.author;
  row.reason = event.reason;
  row.answeredAt = turn.now;
  row.answeredStep = turn.step;
  if (event.answer === 'rejected') row.until = null;
  turn.state.advice.touch(row);
  turn.derived.raised.wake(symptomKey(row.policy, row.element));
  const said = event.reason === '' ? '' : `: ${event.reason}`;
  note(turn, row, event.answer, `${event.author} ${event.answer} ${deedOf(row)}${said}`, { author: event.author, reason: event.reason });
}

/** Without an answer in its time. What was approved and could not be done in its time is over too. */
function expire(turn: Turn, row: AdviceRow): void {
  const policy = turn.policy(row.policy, row.element);
  if (policy === undefined || row.phase === 'expired') {
    // It has rested as long as the policy would have after a command: it may be asked again.
    turn.state.advice.delete(row.key);
    return;
  }
  const waited = formatMs(turn.now - row.askedAt);
  if (row.phase === 'open' && row.otherwise === 'act' && policy.advise.otherwise === 'act') {
    row.phase = 'approved';
    row.author = 'nobody';
    row.reason = `no answer in ${waited}`;
    row.answeredAt = turn.now;
    row.answeredStep = turn.step;
    row.until = turn.now + policy.advise.withinMs;
    note(turn, row, 'expired', `no answer in ${waited}, and so ${deedOf(row)} counts as approved`, { then: 'act' });
  } else {
    const why = row.phase === 'open' ? `no answer in ${waited}` : `approved by ${row.author}, and held back for the rest of its ${waited}`;
    row.phase = 'expired';
    row.until = policy.cooldownMs === null ? null : turn.now + policy.cooldownMs;
    note(turn, row, 'expired', `${deedOf(row)} is dropped: ${why}`, { then: 'drop', reason: why });
  }
  turn.state.advice.touch(row);
  turn.derived.raised.wake(symptomKey(row.policy, row.element));
}

/** Why there is nothing to ask any more; undefined: there is. */
function whyOver(turn: Turn, { policy, version, element, askedAt }: AdviceRow): string | undefined {
  const is = turn.policy(policy, element);
  if (is === undefined) return 'the policy is gone';
  if (is.source.version !== version) return 'the policy was edited';
  const mode = modeOf(turn, is);
  if (mode !== 'advise') return `the policy does not ask any more: its mode is ${mode}`;
  const row = turn.state.elements.get(element);
  if (row === undefined || row.createdAt > askedAt) return `${element} vanished`;
  const symptom = turn.symptom(policy, element);
  // A latch ends a raise also when it cannot be told whether the conditions are true.
  const goes = symptom !== undefined && (is.raising.latch === undefined ? goesOn(turn, symptom) : isRaised(turn, symptom));
  return goes ? undefined : 'its conditions are no longer true';
}

function close(turn: Turn, row: AdviceRow, word: Word, reason: string, more: Readonly<Record<string, unknown>> = {}): void {
  turn.state.advice.delete(row.key);
  // What is not asked any more because of an answer, or for want of one, has had its last word already.
  if (isPending(row)) note(turn, row, word, `${deedOf(row)} is ${word}: ${reason}`, { reason, ...more });
}

function rowFor(turn: Turn, { candidate, params }: Proposal, id: string): AdviceRow {
  const { policy, symptom, action, target, command } = candidate;
  return {
    key: adviceKey(policy.name, symptom.element, action.index),
    id,
    policy: policy.name,
    version: policy.source.version,
    element: symptom.element,
    action: action.index,
    target,
    command: command.name,
    params: { ...params },
    why: policy.why ?? null,
    facts: factsNow(turn, policy, symptom.element),
    conditions: quoted(turn, policy, symptom.element),
    follows: followsOf(policy, action.index),
    askedAt: turn.now,
    until: turn.now + policy.advise.withinMs,
    otherwise: policy.advise.otherwise,
    phase: 'open',
    author: null,
    reason: null,
    answeredAt: null,
    answeredStep: null,
  };
}

/** What the policy does when the effect is missed: who approves a command approves that too. */
function followsOf(policy: Policy, action: number): string[] {
  const expect = expectationOf(policy, { action, otherwise: false });
  if (expect === undefined) return [];
  const { retries, rollBack, otherwise } = expect;
  return [
    ...(retries > 0 ? [`the same again, at most ${retries === 1 ? 'once' : `${retries} times`}`] : []),
    ...otherwise.map(({ command }) => command),
    ...(rollBack ? ['the value that it has now'] : []),
  ];
}

/** The comparisons that make the conditions true, in words and with their numbers. */
function quoted(turn: Turn, policy: Policy, element: string): string[] {
  const told: string[] = [];
  const visit = (condition: ExplainedCondition): void => {
    if (condition.kind === 'test') told.push(testText(condition));
    else if (condition.kind === 'not')
      for (const part of condition.parts) told.push(...failing(part).map((test) => `not ${testText(test)}`));
    else for (const part of condition.parts) if (part.truth === true) visit(part);
  };
  visit(explainCondition(turn, policy.condition, element, policy));
  return [...new Set(told)].slice(0, QUOTED);
}

const askedData = ({ why, facts, conditions, follows, until, otherwise }: AdviceRow): Record<string, unknown> => ({
  why,
  facts,
  conditions,
  follows,
  until,
  otherwise,
});

/** `scale to 2 on shop`. */
export const deedOf = ({ command, params, target }: Pick<AdviceRow, 'command' | 'params' | 'target'>): string =>
  [command, ...Object.entries(params).map(([name, value]) => `${name} ${String(value)}`), 'on', target].join(' ');

function note(turn: Turn, row: AdviceRow, word: Word, text: string, data: Readonly<Record<string, unknown>>): void {
  turn.state.count(`advice.${word}`);
  turn.note(
    'advice',
    `${row.id} of ${row.policy}: ${text}`,
    { policy: row.policy, element: row.element },
    { is: word, id: row.id, command: row.command, target: row.target, params: row.params, ...data },
  );
}
