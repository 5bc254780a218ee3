/** Compares the clock of a server with ours. */
import { formatMs } from '../duration.ts';
import { error, type Verdict, warning } from './check.ts';

/** Readings that are so far ahead of a manager's time are refused; half of that is time to act. */
const WRONG_MS = 5_000;
const DOUBTFUL_MS = 1_000;

/** `aheadMs`: of ours; `blurMs`: how exactly it could be told. */
export function clockVerdict(whose: string, aheadMs: number, blurMs: number): Verdict {
  const off = Math.max(0, Math.abs(aheadMs) - blurMs);
  const way = aheadMs > 0 ? 'ahead of' : 'behind';
  const cause = `the clock of ${whose} is ${formatMs(Math.abs(aheadMs))} ${way} ours`;
  const remedy = 'let a time service such as chrony keep both: times of observations, records and charts are compared across machines';
  if (off >= WRONG_MS) return error(cause, remedy);
  if (off >= DOUBTFUL_MS) return warning(cause, remedy);
  return `as ours, to ${formatMs(Math.max(blurMs, Math.abs(aheadMs)))}`;
}
