/**
 * What was last started for each element, on disk, written right after each start. /proc tells of the processes that live; a mark tells of one
 * that was started by a command and has ended since, so that a manager that died before it could record the outcome does not start it again.
 * The marks need not be flushed: if the machine fails, its processes are gone as well.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Mark {
  /** The command that started it. */
  readonly command: string;
  readonly pid: number;
}

/** One file an element: a slash is not in a name, and ~ is not in an id, so no two elements share one. */
const fileOf = (folder: string, element: string) => join(folder, `${element.replaceAll('/', '~')}.json`);

/** Whole or not at all, also when the manager dies here. At once, so that it can hardly die between the start and this. */
export function writeMark(folder: string, element: string, mark: Mark): void {
  const file = fileOf(folder, element);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(mark));
  renameSync(`${file}.new`, file);
}

/** Best effort, as the writing is. */
export async function clearMark(folder: string, element: string): Promise<void> {
  await rm(fileOf(folder, element), { force: true }).catch(() => {});
}

/** The mark of an element; undefined: there is none that can be read. */
export async function readMark(folder: string, element: string): Promise<Mark | undefined> {
  try {
    const mark: unknown = JSON.parse(await readFile(fileOf(folder, element), 'utf8'));
    return typeof mark === 'object' && mark !== null && 'command' in mark && 'pid' in mark ? (mark as Mark) : undefined;
  } catch {
    return undefined;
  }
}
