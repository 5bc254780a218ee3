/** Commands on Homeostat's own parts are carried out by the step itself, and undone by it when what they were for is over. */
import { goesOn } from '../analyze/remedies.ts';
import { HOMEOSTAT, isOwn, OWN_COMMANDS, subjectOf, subjectText } from '../knowledge/own.ts';
import type { CommandRow } from '../knowledge/state.ts';
import type { Layer, TuningRow } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import { isEverything, type OutcomeEvent } from '../messages.ts';
import { whatIsMissing } from '../plan/own.ts';
import { settleOutcome, withhold } from './commands.ts';

/**
 * Carries out what an earlier step has committed: by now it is stored, and a firing that was not confirmed is withheld. What it changes is
 * seen by this step. The emergency stop withholds it as it does anything that is committed and not yet sent.
 */
export function carryOutOwn(turn: Turn): void {
  for (const row of [...turn.derived.inFlight.on(HOMEOSTAT)]) {
    if (row.phase !== 'sent' || !isOwn(row)) continue;
    const stop = [...turn.state.pauses.rows()].find((pause) => isEverything(pause.scope));
    if (stop !== undefined) {
      withhold(turn, { kind: 'withheld', command: row.key, cause: 'paused', detail: `${stop.author} paused everything: ${stop.reason}` });
      continue;
    }
    const missing = whatIsMissing(turn, subjectOf(OWN_COMMANDS.get(row.command)!, row.params));
    const outcome = (status: OutcomeEvent['status'], detail: string): void =>
      settleOutcome(turn, { kind: 'outcome', command: row.key, status, detail });
    if (missing === undefined) outcome('succeeded', '');
    else outcome('failed', missing);
  }
}

/** A command on a part has succeeded: from here on it is as it was set. */
export function tune(turn: Turn, row: CommandRow): void {
  const own = OWN_COMMANDS.get(row.command)!;
  const { part, names, key } = subjectOf(own, row.params);
  const value = row.params[own.value]!;
  const before = turn.state.tunings.get(key);
  const layer: Layer = { value, policy: row.policy, element: row.origin, since: turn.now, while: row.while };
  const below = row.while ? (before?.layers ?? []).filter((other) => other.policy !== row.policy || other.element !== row.origin) : [];
  const tuning = turn.state.tunings.put({ key, part, names: [...names], layers: [...below, layer] });
  told(
    turn,
    tuning,
    `${row.policy} set ${subjectText(tuning)} to ${JSON.stringify(value)}${row.while ? ' for as long as it is raised' : ''}`,
    layer,
    value,
  );
}

/** Takes back what was set for as long as a symptom is raised, where that is over. Returns whether anything was. */
export function undoTunings(turn: Turn): boolean {
  if (turn.state.tunings.size === 0) return false;
  let undone = false;
  for (const row of [...turn.state.tunings.rows()]) {
    const [last, kept] = [row.layers.at(-1)!, row.layers.filter((layer) => !layer.while || lasts(turn, layer))];
    if (kept.length === row.layers.length) continue;
    undone = true;
    row.layers = kept;
    if (kept.length === 0) turn.state.tunings.delete(row.key);
    else turn.state.tunings.touch(row);
    const now = kept.at(-1);
    if (now === last) continue;
    const is = now === undefined ? 'as the files say' : `${JSON.stringify(now.value)}, as ${now.policy} set it`;
    told(turn, row, `${subjectText(row)} is again ${is}: ${last.policy} on ${last.element} is over`, last, now?.value ?? null);
  }
  return undone;
}

function lasts(turn: Turn, { policy, element }: Layer): boolean {
  const symptom = turn.symptom(policy, element);
  return symptom !== undefined && turn.policy(policy, element) !== undefined && goesOn(turn, symptom);
}

/** After a reload: what was set of policies, set-points and suites that are gone is forgotten. */
export function forgetTunings(turn: Turn): void {
  for (const row of [...turn.state.tunings.rows()]) {
    const missing = whatIsMissing(turn, row);
    if (missing === undefined) continue;
    turn.state.tunings.delete(row.key);
    told(turn, row, `what was set of ${subjectText(row)} is forgotten: ${missing}`, row.layers.at(-1)!, null);
  }
}

/** Everybody may be held back or let go by it, and the policies whose set-point it is are judged anew. */
function told(turn: Turn, { part, names }: TuningRow, text: string, { policy, element }: Layer, value: Layer['value'] | null): void {
  if (part === 'setPoint') turn.retuned.add(names[0]!);
  turn.derived.raised.wakeAll();
  turn.note('tuned', text, { policy, element }, { part, names: [...names], value });
}
