/** `homeostat replay --verify`: makes every recorded decision again and compares it with what was stored. With `--policies` others would have made them. */
import { HomeostatError } from '../errors.ts';
import { type Verification, verify } from '../replay.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf, withFolder } from './place.ts';
import type { ReplayPoliciesOptions } from './replay-policies.ts';

export interface ReplayOptions extends Omit<ReplayPoliciesOptions, 'policies'> {
  readonly verify: boolean;
  readonly policies?: readonly string[] | undefined;
}

export async function replay(path: string | undefined, options: ReplayOptions): Promise<number> {
  const { verify: isVerified, policies, ...rest } = options;
  if (policies !== undefined && !isVerified) return (await import('./replay-policies.ts')).replayPolicies(path, { ...rest, policies });
  if (!isVerified || policies !== undefined)
    throw new HomeostatError(
      'H501',
      'say what to do with the recording: homeostat replay --verify [PATH], or homeostat replay --policies FILE [PATH]',
    );
  const unfit = (['from', 'to', 'html', 'influx'] as const).find((name) => options[name] !== undefined && options[name] !== false);
  if (unfit !== undefined) throw new HomeostatError('H501', `--${unfit} goes with --policies FILE: all that is recorded is verified`);
  const folder = folderOf(path);
  const progress = process.stderr.isTTY && !options.json ? (steps: number) => process.stderr.write(`\r${steps} steps`) : undefined;
  const result = await withFolder(folder, (store) => verify(store, progress));
  if (progress !== undefined) process.stderr.write('\r\u001b[K');
  if (options.json) printJson({ folder, verified: result.differences === 0, ...result });
  else for (const line of linesOf(folder, result)) print(line);
  return result.differences === 0 ? EXIT.good : EXIT.finding;
}

function* linesOf(folder: string, result: Verification): IterableIterator<string> {
  const { from, to, steps, entries, decisions, commands, forgotten, differences, first } = result;
  yield folder;
  yield `  steps         ${steps}${steps > 0 ? `, from ${from} to ${to}` : '; nothing is recorded here'}`;
  yield `  entries       ${entries} compared, of which ${decisions} decisions and ${commands} commands`;
  if (forgotten > 0) yield `  forgotten     the journal no longer has the entries of ${forgotten} steps; their states were compared`;
  yield `  differences   ${differences === 0 ? 'none: every decision can be derived again' : differences}`;
  for (const { step, what, stored, replayed } of first) {
    yield `step ${step}  ${what}`;
    yield `  stored        ${stored ?? 'nothing'}`;
    yield `  replayed      ${replayed ?? 'nothing'}`;
  }
  if (differences > first.length) yield `and ${differences - first.length} more`;
}
