/** What people are asked, as they read it. */
import type { AdviceView } from '../api/status.ts';
import { formatMs } from '../duration.ts';
import { showParams } from './text.ts';

/** Advice that is shown; the rest is counted. */
const LISTED = 20;

export function adviceLines(advice: readonly AdviceView[], now: number): string[] {
  const rest = advice.length - LISTED;
  return [
    'asked of people',
    ...advice.slice(0, LISTED).flatMap((one) => linesOf(one, now)),
    ...(rest > 0 ? [`  and ${rest} more; see them all with homeostat advice --json`] : []),
  ];
}

function linesOf(
  { id, state, policy, element, target, command, params, why, conditions, follows, askedAt, until, otherwise, author, reason }: AdviceView,
  now: number,
) {
  const left = until === null ? '' : `, ${formatMs(Math.max(0, until - now))} left`;
  const lines = [
    `  ${id}   ${[command, showParams(params), 'on', target].filter((part) => part !== '').join(' ')}, for ${policy}${element === target ? '' : ` on ${element}`}`,
    `    because   ${conditions.join(', ')}`,
  ];
  if (why !== null) lines.push(`    why       ${why}`);
  if (follows.length > 0) lines.push(`    then      if its effect is missed: ${follows.join(', ')}`);
  if (state === 'approved')
    return [...lines, `    approved  by ${author}${reason === '' || reason === null ? '' : `: ${reason}`}; a gate holds it back${left}`];
  return [
    ...lines,
    `    asked     ${formatMs(now - askedAt)} ago${left}; without an answer it is ${otherwise === 'act' ? 'done' : 'dropped'}`,
    `    answer    homeostat approve ${id}, or homeostat reject ${id} --reason TEXT`,
  ];
}
