/**
 * What was last asked of a target that cannot itself be asked, on disk: written right before it is asked, and again with what came of it. Where there is
 * no mark of a command, it never began; where there is one without a result, it may have.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Order, Result } from './actuator.ts';

export interface CommandMark {
  readonly command: string;
  /** How it was before, in words of the actuator. */
  readonly before: string;
  readonly result?: Pick<Result, 'status' | 'detail'>;
}

/**
 * One file for each element, resource and operation: commands on one element with one resource exclude each other, so only the last of each can be
 * without an outcome.
 */
function fileOf(folder: string, { command, operation }: Order): string {
  const name = [command.element, command.resource, operation].map(encodeURIComponent).join('~');
  return join(folder, 'marks', `${name}.json`);
}

/** Whole or not at all, also when the manager dies here. */
export function writeMark(folder: string, order: Order, mark: Omit<CommandMark, 'command'>): void {
  const file = fileOf(folder, order);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ command: order.command.id, ...mark }));
  renameSync(`${file}.new`, file);
}

/** The mark of this very command; undefined: it never came so far. @throws if there is a mark that cannot be read: it must not pass for none. */
export function readMark(folder: string, order: Order): CommandMark | undefined {
  try {
    const mark = JSON.parse(readFileSync(fileOf(folder, order), 'utf8')) as CommandMark;
    return mark.command === order.command.id ? mark : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
