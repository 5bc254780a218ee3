/** The breaker of a policy on an element: it opens after so many commands without effect, lets one through if asked to, and closes when that helps. */
import { tally } from '../analyze/remedies.ts';
import { newSymptom } from '../analyze/symptoms.ts';
import { formatMs } from '../duration.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import type { CommandRow, SymptomRow } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';

/** One more command without effect; at the breaker's number the policy stops here and a person is told. */
export function miss(turn: Turn, row: CommandRow, policy: Policy | undefined): void {
  if (policy === undefined || row.otherwise || turn.state.elements.get(row.origin) === undefined) return;
  tally(turn, policy, row, false);
  const symptom: SymptomRow = turn.symptom(row.policy, row.origin) ?? turn.addSymptom(newSymptom(row.policy, row.origin));
  symptom.misses++;
  turn.state.symptoms.touch(symptom);
  if (symptom.broken) return reopen(turn, row, symptom, policy);
  if (policy.breakerAfter === null || symptom.misses < policy.breakerAfter) return;
  symptom.broken = true;
  turn.state.breakers.put({ key: symptom.key, openedAt: turn.now, trial: null, told: !policy.pace.notify });
  turn.state.count('breakers.opened');
  const { probeAfterMs } = policy.pace;
  turn.note(
    'breaker',
    `${policy.name} on ${row.origin} is stopped after ${symptom.misses} commands without the expected effect: a person must look${probeAfterMs === null ? '' : `; one command is let through in ${formatMs(probeAfterMs)}`}`,
    { policy: policy.name, element: row.origin },
    { is: 'open', misses: symptom.misses },
  );
}

/** The command that was let through did not help: it is open again for as long. People know already. */
function reopen(turn: Turn, row: CommandRow, symptom: SymptomRow, policy: Policy): void {
  const breaker = turn.state.breakers.get(symptom.key);
  if (breaker?.trial !== row.key) return;
  breaker.openedAt = turn.now;
  breaker.trial = null;
  turn.state.breakers.touch(breaker);
  const again = policy.pace.probeAfterMs === null ? '' : ` for ${formatMs(policy.pace.probeAfterMs)}`;
  turn.note(
    'breaker',
    `${row.key} did not help: ${policy.name} on ${row.origin} is stopped again${again}`,
    { policy: policy.name, element: row.origin, command: row.key },
    { is: 'openAgain', misses: symptom.misses },
  );
}

/** A command did what it should: nothing has been missed since, and a breaker that let it through closes. */
export function worked(turn: Turn, row: CommandRow): void {
  const symptom = turn.symptom(row.policy, row.origin);
  if (symptom === undefined || symptom.misses === 0) return;
  if (symptom.broken && turn.state.breakers.get(symptom.key)?.trial === row.key) {
    closeBreaker(turn, symptom);
    turn.note(
      'breaker',
      `${row.key} helped: ${row.policy} on ${row.origin} acts again`,
      { policy: row.policy, element: row.origin, command: row.key },
      { is: 'closed', misses: symptom.misses },
    );
  }
  symptom.misses = 0;
  turn.state.symptoms.touch(symptom);
}

export function closeBreaker(turn: Turn, symptom: SymptomRow): void {
  symptom.broken = false;
  turn.state.breakers.delete(symptom.key);
  turn.state.symptoms.touch(symptom);
}
