/**
 * Which process carries out a command, on disk while it runs, so that whoever takes the command up after a restart can wait for its end. A mark is
 * cleared when its program ends; it need not be flushed, since no program outlives its machine.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { type Clock, sleep } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { identityOf, isAlive, type ProcessIdentity } from './process-table.ts';

const LOOK_EVERY_MS = 20;

const fileOf = (folder: string, command: string) => join(folder, 'programs', `${encodeURIComponent(command)}.json`);

/** Whole or not at all, and at once. Where it cannot be written, or there is no /proc, the program runs without. */
export function markProgram(folder: string, command: string, pid: number, log: Logger): void {
  const program = identityOf(pid);
  if (program === undefined) return;
  const file = fileOf(folder, command);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(program));
    renameSync(`${file}.new`, file);
  } catch (error) {
    log.warn({ command, error: messageOf(error) }, 'the program of a command cannot be marked');
  }
}

/** Best effort, as the writing is. */
export async function clearProgram(folder: string, command: string): Promise<void> {
  await rm(fileOf(folder, command), { force: true }).catch(() => {});
}

/** Waits until the program that was begun for the command, by whomever of this folder, has ended. @throws the signal's reason. */
export async function untilEnded(folder: string, command: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const text = await readFile(fileOf(folder, command), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const program = JSON.parse(text) as ProcessIdentity;
  while (isAlive(program)) await sleep(clock, LOOK_EVERY_MS, signal);
  await clearProgram(folder, command);
}
