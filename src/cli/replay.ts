/** `homeostat replay --verify`: makes every recorded decision again and compares it with what was stored. */
import { HomeostatError } from '../errors.ts';
import { type Verification, verify } from '../replay.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf, withFolder } from './place.ts';

export interface ReplayOptions {
  readonly verify: boolean;
  readonly json: boolean;
}

export async function replay(path: string | undefined, options: ReplayOptions): Promise<number> {
  if (!options.verify) throw new HomeostatError('H501', 'say what to do with the recording: homeostat replay --verify [PATH]');
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
