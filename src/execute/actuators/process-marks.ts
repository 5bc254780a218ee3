/**
 * What was lately started for each element, on disk, written right after each start. /proc tells of the processes that live; a mark tells of one
 * that was started by a command and has ended since, so that a manager that died before it could record the outcome does not start it again.
 * The marks need not be flushed: if the machine fails, its processes are gone as well.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Mark {
  /** The command that started it. */
  readonly command: string;
  readonly pid: number;
}

/** Marks of one element that are kept: a command that makes several processes may still be under way when others have started one of them anew. */
const KEPT = 16;

/** One file an element: a slash is not in a name, and ~ is not in an id, so no two elements share one. */
const fileOf = (folder: string, element: string) => join(folder, `${element.replaceAll('/', '~')}.json`);

/** Whole or not at all, also when the manager dies here. At once, so that it can hardly die between the start and this. */
export function writeMark(folder: string, element: string, mark: Mark): void {
  write(folder, element, [...marksOf(folder, element).filter(({ command }) => command !== mark.command), mark].slice(-KEPT));
}

function write(folder: string, element: string, marks: readonly Mark[]): void {
  const file = fileOf(folder, element);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(marks));
  renameSync(`${file}.new`, file);
}

/** All of an element. Best effort, as the writing is. */
export async function clearMarks(folder: string, element: string): Promise<void> {
  await rm(fileOf(folder, element), { force: true }).catch(() => {});
}

/** That of one command, which may start it again. Best effort. */
export async function clearMark(folder: string, element: string, command: string): Promise<void> {
  const marks = marksOf(folder, element);
  const rest = marks.filter((mark) => mark.command !== command);
  if (rest.length === 0) return clearMarks(folder, element);
  if (rest.length === marks.length) return;
  try {
    write(folder, element, rest);
  } catch {
    // As above.
  }
}

/** The mark of a command; undefined: there is none that can be read. */
export const readMark = (folder: string, element: string, command: string): Mark | undefined =>
  marksOf(folder, element).find((mark) => mark.command === command);

/** Oldest first. */
function marksOf(folder: string, element: string): readonly Mark[] {
  try {
    const marks: unknown = JSON.parse(readFileSync(fileOf(folder, element), 'utf8'));
    return Array.isArray(marks)
      ? marks.filter((mark): mark is Mark => typeof mark === 'object' && mark !== null && 'command' in mark && 'pid' in mark)
      : [];
  } catch {
    return [];
  }
}
