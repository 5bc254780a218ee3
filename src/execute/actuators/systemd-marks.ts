/**
 * What was last asked of each unit, on disk, written right before systemd is asked, and marked as done when it has answered. Where a manager died in
 * between, the invocation that ran before tells whether another has begun since.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface UnitMark {
  readonly command: string;
  /** The InvocationID of the unit before; empty: it had none. */
  readonly before: string;
  readonly done: boolean;
}

/** One file for each unit and operation: only the last command of each can be without an outcome. */
const fileOf = (folder: string, unit: string, operation: string): string =>
  join(folder, 'units', `${encodeURIComponent(unit)}~${operation}.json`);

/** Whole or not at all, also when the manager dies here. */
export function writeUnitMark(folder: string, unit: string, operation: string, mark: UnitMark): void {
  const file = fileOf(folder, unit, operation);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(mark));
  renameSync(`${file}.new`, file);
}

/** The mark that a command has left; undefined: it never came so far, or a later one has replaced it. */
export function readUnitMark(folder: string, unit: string, operation: string, command: string): UnitMark | undefined {
  try {
    const mark = JSON.parse(readFileSync(fileOf(folder, unit, operation), 'utf8')) as UnitMark;
    return mark.command === command ? mark : undefined;
  } catch (error) {
    // A mark that cannot be read must not pass for a command that never began.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
