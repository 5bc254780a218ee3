/** Finds the manager that a person means: by its file, by the folder that holds the file, or by the folder of its state. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Address, readAddress } from '../api/address.ts';
import { Findings } from '../compile/report.ts';
import { limitsOf, readJson } from '../config.ts';
import { HomeostatError } from '../errors.ts';
import { databaseFile, LmdbStore } from '../knowledge/lmdb.ts';
import type { State } from '../knowledge/state.ts';

export const DEFAULT_FILE = 'homeostat.json';
const DEFAULT_FOLDER = '.homeostat';

/** The folder of a manager's state. @throws HomeostatError H001, H002 if the manager file cannot be read */
export function folderOf(path: string = DEFAULT_FILE): string {
  const here = resolve(path);
  if (!isFolder(here)) return folderNamedIn(path);
  if (existsSync(databaseFile(here)) || existsSync(join(here, 'api.json'))) return here;
  const file = join(path, DEFAULT_FILE);
  return existsSync(file) ? folderNamedIn(file) : existsSync(join(here, DEFAULT_FOLDER)) ? join(here, DEFAULT_FOLDER) : here;
}

/** Only the folder is read: a wrong policy must not hide what the manager did. */
function folderNamedIn(file: string): string {
  const findings = new Findings();
  const document = readJson(resolve(file), file, findings);
  const [wrong] = findings.list;
  if (wrong !== undefined)
    throw new HomeostatError(wrong.code, `${file} ${wrong.message}. Name the manager file or its folder with --manager PATH`);
  const folder = (document as { folder?: unknown } | null)?.folder;
  return resolve(dirname(file), typeof folder === 'string' ? folder : DEFAULT_FOLDER);
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Where the manager of a folder answers, if it runs. */
export const addressOf = (folder: string): Address | undefined => readAddress(folder);

/** Opens a folder for reading, also beside a running manager. @throws HomeostatError H305 if nothing was ever run there */
export function openFolder(folder: string): LmdbStore {
  const { journalEntries, inputBytes } = limitsOf();
  return new LmdbStore({ folder, readOnly: true, journalEntries, inputBytes, historyMs: 0 });
}

/** The state of the last step. @throws HomeostatError H305 if there was none */
export function stateIn(store: LmdbStore, folder: string): State {
  const state = store.load();
  if (state.position.step === 0)
    throw new HomeostatError('H305', `no manager has made a step on ${folder} yet; start it with homeostat run`);
  return state;
}

/** Reads a folder and closes it again. */
export async function withFolder<T>(folder: string, read: (store: LmdbStore) => T): Promise<T> {
  const store = openFolder(folder);
  try {
    return read(store);
  } finally {
    await store.close();
  }
}
