/** `homeostat check`: what is wrong with manager files and policies, and what would fight, flap or never fire; all of it at once. */
import type { Past } from '../check/subject.ts';
import { checkFiles } from './checked.ts';
import { findingLines, summaryOf } from './findings.ts';
import { EXIT, print, printJson } from './output.ts';
import { pastIn } from './past.ts';
import { DEFAULT_FILE, folderOf, withFolder } from './place.ts';
import { sarifOf } from './sarif.ts';

export interface CheckOptions {
  readonly json: boolean;
  readonly sarif?: boolean;
  /** Warnings end with 1 too. */
  readonly strict?: boolean;
  /** Where readings were recorded: a manager file, its folder, or the folder of its state. */
  readonly history?: string | undefined;
}

/** Named files that cannot be read end with 2, mistakes with 1. */
export async function check(files: readonly string[], { json, sarif = false, strict = false, history }: CheckOptions): Promise<number> {
  const named = files.length === 0 ? [DEFAULT_FILE] : files;
  const look = (past?: Past) => checkFiles(named, past);
  const folder = history === undefined ? undefined : folderOf(history);
  const { findings, policies } = folder === undefined ? look() : await withFolder(folder, (store) => look(pastIn(store, folder)));
  const counted = findings.filter(({ silenced }) => silenced === undefined);
  const errors = counted.filter(({ severity }) => severity === 'error');
  const warnings = counted.length - errors.length;
  if (sarif) printJson(sarifOf(findings));
  else if (json) printJson({ findings, errors: errors.length, warnings, silenced: findings.length - counted.length, policies });
  else {
    for (const line of findingLines(counted)) print(line);
    print(summaryOf(findings, policies));
  }
  if (errors.some(({ code, file, pointer }) => code === 'H001' && pointer === '' && named.includes(file))) return EXIT.usage;
  return errors.length > 0 || (strict && warnings > 0) ? EXIT.finding : EXIT.good;
}
