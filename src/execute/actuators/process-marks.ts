/**
 * What was last started for each element, on disk, written around each start. /proc tells of the processes that live; a mark tells of one that
 * was started by a command and has ended since, so that a manager that died before it could record the outcome does not start it again.
 * The marks need not reach the disk itself: if the machine fails, its processes are gone as well.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Mark {
  readonly command: string;
  /** The process; absent: it was about to be started. */
  readonly pid?: number;
}

/** One file an element: a slash is not in a name, and ~ is not in an id, so no two elements share one. */
const fileOf = (folder: string, element: string) => join(folder, `${element.replaceAll('/', '~')}.json`);

/** Whole or not at all, also when the manager dies here. */
export async function writeMark(folder: string, element: string, mark: Mark): Promise<void> {
  const file = fileOf(folder, element);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(mark));
  await rename(`${file}.new`, file);
}

export async function clearMark(folder: string, element: string): Promise<void> {
  await rm(fileOf(folder, element), { force: true });
}

/** The mark of an element; undefined: there is none that can be read. */
export async function readMark(folder: string, element: string): Promise<Mark | undefined> {
  try {
    const mark: unknown = JSON.parse(await readFile(fileOf(folder, element), 'utf8'));
    return typeof mark === 'object' && mark !== null && 'command' in mark && typeof mark.command === 'string' ? (mark as Mark) : undefined;
  } catch {
    return undefined;
  }
}
