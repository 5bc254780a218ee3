/** Checks of the folder in which a manager keeps its state, and of the secrets that it needs. */
import { accessSync, constants, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Configuration } from '../config.ts';
import type { Secret } from '../documents/secret.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { databaseFile, isDatabase } from '../knowledge/database-file.ts';
import { LmdbStore } from '../knowledge/lmdb.ts';
import { lockFolder } from '../knowledge/lock.ts';
import { placeOf, readSecret } from '../secrets.ts';
import { type Check, error, type Trouble, warning } from './check.ts';

/** The folder itself or, before the first start, the nearest above it that is there. */
function present(folder: string): string {
  let here = folder;
  while (!existsSync(here) && dirname(here) !== here) here = dirname(here);
  return here;
}

export const WRITABLE: Check = {
  name: 'folder',
  run: ({ configuration: { folder } }) => {
    const here = present(folder);
    if (!statSync(here).isDirectory())
      return error(`${here} is a file, and the state is to lie in ${folder}`, 'name another folder in the manager file');
    try {
      accessSync(here, constants.W_OK | constants.X_OK);
      const trial = join(here, `.homeostat-doctor-${process.pid}`);
      writeFileSync(trial, 'homeostat doctor was here\n');
      rmSync(trial);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOSPC')
        return error(`the disk of ${here} is full`, 'make room: until then no step can be stored and nothing is decided');
      return error(
        `${here} cannot be written: ${messageOf(thrown)}`,
        'give it to the user that runs Homeostat (chown), or name another folder in the manager file',
      );
    }
    return here === folder ? `${folder} can be written` : `${folder} can be made`;
  },
};

const MB = 1 << 20;
/** Below this a disk fills before anybody looks. */
const LEAST_BYTES = 256 * MB;
const LEAST_SHARE = 0.05;

export const SPACE: Check = {
  name: 'folder.space',
  needs: ['folder'],
  run: ({ configuration }) => {
    const { bavail, bsize, blocks, ffree, files } = statfsSync(present(configuration.folder));
    return spaceVerdict({ free: bavail * bsize, size: blocks * bsize, freeNames: ffree, names: files }, needed(configuration));
  },
};

/** What the state may grow to by the limits of the manager file, roughly: inputs for replay, journal at a kilobyte an entry, readings, and as much again for the pages of the store. */
export function needed({ setup, manager }: Pick<Configuration, 'setup' | 'manager'>): number {
  const spool = manager.history?.influx?.spoolBytes ?? 0;
  const { inputBytes, journalEntries } = setup.limits;
  return 2 * (inputBytes + journalEntries * 256) + spool;
}

interface Space {
  readonly free: number;
  readonly size: number;
  readonly freeNames: number;
  readonly names: number;
}

export function spaceVerdict({ free, size, freeNames, names }: Space, need: number): string | readonly Trouble[] {
  const shown = `${Math.round(free / MB)} MB of ${Math.round(size / MB)} MB are free`;
  if (free < LEAST_BYTES)
    return error(`the disk is nearly full: ${shown}`, 'make room: when it is full no step can be stored and nothing is decided');
  if (names > 0 && freeNames < 100)
    return error(`the disk can hold only ${freeNames} more files`, 'remove small files, or make the file system anew with more inodes');
  if (free < need)
    return warning(
      `${shown}, and the state may grow to ${Math.round(need / MB)} MB by limits.inputBytes, limits.journalEntries and the spool`,
      'make room, or lower those limits in the manager file',
    );
  if (free / size < LEAST_SHARE)
    return warning(`the disk is ${Math.round(100 * (1 - free / size))} % full: ${shown}`, 'make room before others fill it');
  return shown;
}

export const FORMAT: Check = {
  name: 'folder.state',
  needs: ['folder'],
  run: async ({ configuration: { folder } }) => {
    if (!existsSync(databaseFile(folder))) return 'there is no state yet: the first start makes it';
    if (!isDatabase(databaseFile(folder)))
      return error(
        `${databaseFile(folder)} is no database: its beginning is not that of one`,
        'restore it from a backup, or move the folder away to begin anew; a manager that opens it would crash',
      );
    let running = false;
    try {
      await (await lockFolder(folder))();
    } catch (thrown) {
      if (!(thrown instanceof HomeostatError)) throw thrown;
      running = true;
    }
    try {
      const store = new LmdbStore({ folder, readOnly: true, journalEntries: 0, inputBytes: 0, historyMs: 0 });
      const { step } = (await store.load()).position;
      await store.close();
      return `step ${step}${running ? '; a manager runs on it' : ''}`;
    } catch (thrown) {
      const old = thrown instanceof HomeostatError && thrown.code === 'H303';
      return error(
        `the state cannot be read: ${messageOf(thrown)}`,
        old
          ? 'use the version of Homeostat that wrote it, or another folder'
          : 'restore it from a backup, or move the folder away to begin anew',
      );
    }
  },
};

/** Parts of the manager file that may name secrets. */
const SECTIONS = ['services', 'history', 'mqtt', 'api', 'probes', 'actuators'] as const;

/** Every secret that the manager file names, with its place as JSON pointer. */
export function secretsIn(document: Readonly<Record<string, unknown>>): readonly { readonly pointer: string; readonly secret: Secret }[] {
  const found: { pointer: string; secret: Secret }[] = [];
  const look = (node: unknown, pointer: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const entries = Object.entries(node);
    const [[key, value] = []] = entries;
    if (entries.length === 1 && !Array.isArray(node) && (key === 'env' || key === 'file') && typeof value === 'string')
      found.push({ pointer, secret: node as Secret });
    else for (const [name, child] of entries) look(child, `${pointer}/${name}`);
  };
  for (const section of SECTIONS) look(document[section], `/${section}`);
  return found;
}

export const SECRETS: Check = {
  name: 'secrets',
  concerns: ({ configuration: { manager } }) => secretsIn(manager).length > 0 || typeof manager.api?.token === 'string',
  run: ({ configuration: { manager, directory }, environment }) => {
    const secrets = secretsIn(manager);
    const written =
      typeof manager.api?.token === 'string'
        ? warning('/api/token is written into the manager file', 'name its place instead: {"env": "NAME"} or {"file": "path"}')
        : [];
    const troubles = secrets.flatMap(({ pointer, secret }): readonly Trouble[] => {
      try {
        readSecret(secret, { environment, directory }, pointer);
      } catch (thrown) {
        return error(messageOf(thrown), `set ${placeOf(secret)} for the user that runs Homeostat`);
      }
      if (!('file' in secret)) return [];
      const { mode } = statSync(resolve(directory, secret.file));
      if ((mode & 0o004) === 0) return [];
      return warning(`${pointer}: file ${secret.file} can be read by everybody on this machine`, `chmod o-r ${secret.file}`);
    });
    const all = [...written, ...troubles];
    return all.length > 0 ? all : `${secrets.length} can be read`;
  },
};
