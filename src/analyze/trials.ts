/**
 * Canaries: a new version of a file of policies acts on some elements, the version before it on the others. Where what must not be is seen on one of them, the new version
 * is withdrawn at once; if it is not for long enough, the new version is promoted. What was decided stays until the file says something else.
 */
import { durationMs, formatMs } from '../duration.ts';
import { inScope, type Policy, type Trial } from '../knowledge/blueprint.ts';
import { hashOf, isDrawn, policyOn, rowOf, standingNow, type TrialRow, unitOf } from '../knowledge/trials.ts';
import type { Turn } from '../knowledge/turn.ts';
import { factsFor } from './absences.ts';
import { judge } from './conditions.ts';
import { renewRaising, renewSymptoms } from './renew.ts';
import { factsNow, judgeAnew } from './symptoms.ts';

/** How soon a promotion that waits is asked for again, ms. */
const ASK_AGAIN_MS = 10_000;
/** Elements that an entry of the journal names. */
const TOLD = 20;

/** With another configuration: what is tried no more is forgotten, and what says something else begins. */
export function renewTrials(turn: Turn): void {
  const { state, blueprint } = turn;
  for (const row of [...state.trials.rows()]) {
    const trial = blueprint.trials.find(({ set }) => set.called === row.key);
    if (trial !== undefined && row.version === trial.set.version) {
      rearm(turn, trial, row);
      continue;
    }
    state.trials.delete(row.key);
    if (row.phase === 'running' || row.phase === 'waiting')
      note(
        turn,
        row,
        'over',
        `the canary of ${row.key} ${row.version} is over: the manager file has ${trial === undefined ? 'it no more' : 'another version'}`,
      );
  }
  for (const { set, canary } of blueprint.trials) {
    if (state.trials.get(set.called) !== undefined) continue;
    const { called: key, version } = set;
    const forMs = durationMs(canary.for);
    state.trials.put({ key, version, phase: 'waiting', since: turn.now, lowest: null, forMs, until: null, dueAt: null, reason: null });
  }
}

/** How long it is tried may have been changed. */
function rearm(turn: Turn, trial: Trial, row: TrialRow): void {
  const forMs = durationMs(trial.canary.for);
  if (row.forMs === forMs) return;
  if (row.until !== null) row.until += forMs - row.forMs;
  row.forMs = forMs;
  row.dueAt = row.until;
  turn.state.trials.touch(row);
}

/** What is not watched does not count: the time that a manager was away is added. `before`: when the last step was. */
export function prolongTrials(turn: Turn, before: number): void {
  for (const row of turn.state.trials.rows()) {
    if (row.phase !== 'running' || row.until === null) continue;
    const away = turn.now - before;
    row.since += away;
    row.until += away;
    row.dueAt = row.until;
    turn.state.trials.touch(row);
  }
}

/** Begins those that have an element to begin with. All policies of what is drawn are judged in this step. */
export function beginTrials(turn: Turn): void {
  const { state, blueprint } = turn;
  for (const trial of blueprint.trials) {
    const row = state.trials.get(trial.set.called);
    if (row?.phase !== 'waiting') continue;
    const units = unitsAmong(turn, trial, state.elements.keys());
    const lowest = trial.canary.share === undefined || units.some((id) => isDrawn(state, trial, null, id)) ? null : lowestOf(trial, units);
    const drawn = units.filter((id) => isDrawn(state, trial, lowest, id));
    if (drawn.length === 0) continue;
    const until = turn.now + row.forMs;
    for (const id of turnOver(turn, trial, { phase: 'running', lowest, until, dueAt: until, reason: null })) turn.born.add(id);
    const text = `${trial.set.called} ${row.version} acts on ${named(drawn)}, and its predecessor on the others; it is promoted in ${trial.canary.for} unless it is withdrawn`;
    note(turn, row, 'running', text, { elements: drawn.slice(0, TOLD), drawn: drawn.length, of: units.length, until });
  }
}

function lowestOf({ set }: Trial, units: readonly string[]): string | null {
  return units.reduce<string | null>((low, id) => (low === null || hashOf(set, id) < hashOf(set, low) ? id : low), null);
}

/** Withdraws what does harm, and promotes what did none. Elements that change hands are judged by whose they are now. */
export function watchTrials(turn: Turn): void {
  for (const trial of turn.blueprint.trials) {
    const row = turn.state.trials.get(trial.set.called);
    if (row?.phase !== 'running' || rowOf(turn.state, trial) === undefined) continue;
    const guard = turn.blueprint.challengers.get(trial.guard);
    if (guard === undefined) continue;
    const { harmed, next } = harmIn(turn, guard);
    if (harmed !== undefined) withdraw(turn, trial, row, guard, harmed);
    else if (turn.now >= row.until!) promoteOrWait(turn, trial, row, guard);
    else arm(turn, row, Math.min(row.until!, next ?? row.until!));
  }
}

/** The first element on which what must not be has been for long enough, or when the next will be. */
function harmIn({ state, derived, now }: Turn, { name, forMs }: Policy): { readonly harmed?: string; readonly next?: number } {
  let next: number | undefined;
  for (const key of [...derived.raised].filter((raised) => raised.startsWith(`${name}\t`)).sort()) {
    const symptom = state.symptoms.get(key);
    if (symptom === undefined || symptom.truth !== true || symptom.trueSince === null) continue;
    const at = symptom.trueSince + forMs;
    if (at <= now) return { harmed: symptom.element };
    if (next === undefined || at < next) next = at;
  }
  return next === undefined ? {} : { next };
}

function withdraw(turn: Turn, trial: Trial, row: TrialRow, guard: Policy, harmed: string): void {
  const facts = factsNow(turn, guard, harmed);
  const seen = Object.entries(facts).map(([fact, value]) => `${fact} ${JSON.stringify(value)}`);
  const reason = `on ${harmed}, for ${formatMs(guard.forMs)}: ${seen.join(', ')}`;
  const after = turn.now - row.since;
  const back = turnOver(turn, trial, { phase: 'withdrawn', lowest: row.lowest, until: null, dueAt: null, reason });
  const text = `${row.key} ${row.version} is withdrawn after ${formatMs(after)}: ${reason}; its predecessor decides about ${named(unitsAmong(turn, trial, back))} again`;
  note(turn, row, 'withdrawn', text, { element: harmed, facts, afterMs: after, elements: unitsAmong(turn, trial, back).slice(0, TOLD) });
  hand(turn, trial, back);
}

/** Its time is over. It is promoted if it is known to have done no harm, and could have done any; where that was not so, its time begins again. */
function promoteOrWait(turn: Turn, trial: Trial, row: TrialRow, guard: Policy): void {
  const waits = whyWait(turn, trial, row, guard);
  const { called, successor } = trial.set;
  if (waits !== undefined) {
    if (row.reason !== waits) note(turn, row, 'waits', `${called} ${row.version} is not promoted yet: ${waits}`, { reason: waits });
    row.reason = waits;
    arm(turn, row, turn.now + ASK_AGAIN_MS);
  } else if (row.reason !== null) {
    row.reason = null;
    row.until = turn.now + row.forMs;
    arm(turn, row, row.until);
    note(
      turn,
      row,
      'again',
      `the time of ${called} ${row.version} begins again: it is promoted in ${trial.canary.for} unless it is withdrawn`,
      { until: row.until },
    );
  } else {
    const after = turn.now - row.since;
    const others = turnOver(turn, trial, { phase: 'promoted', lowest: row.lowest, until: null, dueAt: null, reason: null });
    const text = `${called} ${row.version} is promoted after ${formatMs(after)}: it decides everywhere; name it in the place of ${successor!.of}`;
    note(turn, row, 'promoted', text, { afterMs: after });
    hand(turn, trial, others);
  }
}

function whyWait(turn: Turn, trial: Trial, row: TrialRow, guard: Policy): string | undefined {
  if (turn.blueprint.setup.mode !== 'act') return `the manager does not act, it only ${turn.blueprint.setup.mode}s`;
  let watched = 0;
  for (const { key, document } of turn.state.elements.rows()) {
    if (!inScope(guard.scope, key, document) || !isDrawn(turn.state, trial, row.lowest, key)) continue;
    watched++;
    const truth = judge(guard.condition, factsFor(turn, guard, key));
    if (truth === true) return `what must not be is the case on ${key}`;
    if (truth !== false) return `it is not known whether what must not be is the case on ${key}`;
  }
  return watched === 0 ? 'none of its elements is there' : undefined;
}

/** Changes the phase. Returns the elements, in order, about which another version decides now; their symptoms are as after an edit. */
function turnOver(turn: Turn, trial: Trial, next: Pick<TrialRow, 'phase' | 'lowest' | 'until' | 'dueAt' | 'reason'>): string[] {
  const { state, blueprint } = turn;
  const stood = standingNow(state);
  const row = state.trials.get(trial.set.called)!;
  Object.assign(row, next, { since: turn.now });
  state.trials.touch(row);
  const was = (name: string, element: string) => policyOn(stood, blueprint, name, element);
  renewSymptoms(turn, was);
  renewRaising(turn, was);
  turn.derived.raised.wakeAll();
  const toDrawn = next.phase !== 'promoted';
  return state.elements.keys().filter((id) => unitOf(state, trial, id) !== undefined && isDrawn(state, trial, row.lowest, id) === toDrawn);
}

/** Judges elements by the version that decides about them from here on. */
const hand = (turn: Turn, { set, predecessor }: Trial, elements: readonly string[]): void =>
  judgeAnew(turn, elements, new Set([set.file, predecessor]));

/** Sets its timer. Who has changed more of the row has moved the timer too. */
function arm(turn: Turn, row: TrialRow, dueAt: number): void {
  if (row.dueAt === dueAt) return;
  row.dueAt = dueAt;
  turn.state.trials.touch(row);
}

function note(turn: Turn, { key, version }: TrialRow, is: string, text: string, data: Readonly<Record<string, unknown>> = {}): void {
  turn.note('canary', text, {}, { is, file: key, set: version, ...data });
}

const unitsAmong = ({ state }: Turn, trial: Trial, ids: readonly string[]): string[] =>
  ids.filter((id) => unitOf(state, trial, id)?.key === id);

const named = (elements: readonly string[]): string =>
  elements.length <= 3 ? elements.join(', ') : `${elements.slice(0, 3).join(', ')} and ${elements.length - 3} more`;
