/** Finds the manager that a person means: by its file, by the folder that holds the file, or by the folder of its state. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HomeostatError, messageOf } from '../errors.ts';
import { databaseFile } from '../knowledge/database-file.ts';
import { LmdbStore } from '../knowledge/lmdb.ts';
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

/** Only the folder is read, and nothing is checked: a wrong policy must not hide what the manager did. */
function folderNamedIn(file: string): string {
  const refuse = (code: 'H001' | 'H002', what: string, cause: unknown) =>
    new HomeostatError(code, `${file} ${what}: ${messageOf(cause)}. Name the manager file or its folder with --manager PATH`, { cause });
  let text: string;
  let document: { readonly folder?: unknown } | null;
  try {
    text = readFileSync(resolve(file), 'utf8');
  } catch (thrown) {
    throw refuse('H001', 'cannot be read', thrown);
  }
  try {
    document = JSON.parse(text);
  } catch (thrown) {
    throw refuse('H002', 'is not valid JSON', thrown);
  }
  return resolve(dirname(file), typeof document?.folder === 'string' ? document.folder : DEFAULT_FOLDER);
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Opens a folder for reading, also beside a running manager. @throws HomeostatError H305 if nothing was ever run there */
function openFolder(folder: string): LmdbStore {
  // What is kept is for the manager to say: a reader forgets nothing.
  return new LmdbStore({ folder, readOnly: true, journalEntries: 0, inputBytes: 0, historyMs: 0 });
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
