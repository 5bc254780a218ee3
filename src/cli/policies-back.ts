/** `homeostat policies back`: writes a version that is kept into its file again, and has a running manager read it. */
import { constants, copyFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { HomeostatError } from '../errors.ts';
import { isObject } from '../json.ts';
import { callIfRunning } from './call.ts';
import { EXIT, print, printJson } from './output.ts';
import { said } from './pause.ts';

import { DEFAULT_FILE, folderOf } from './place.ts';
import { current, find, type PoliciesOptions } from './policies.ts';

export interface BackOptions extends PoliciesOptions {
  readonly reason?: string;
  readonly author?: string;
}

/** @throws HomeostatError H005 if the version is not kept or its file is named no more, H001 if the manager file is not at hand */
export async function back(asked: string, options: BackOptions): Promise<number> {
  const managerFile = managerFileOf(options.manager);
  const { file, version, text } = await find(asked, options);
  const before = await current({ file, version }, options);
  const path = join(dirname(managerFile), file);
  if (!filesNamedIn(managerFile).includes(file))
    throw new HomeostatError('H005', `${managerFile} no longer names ${file}; print the version with homeostat policies show ${version}`);
  const backup = existsSync(path) ? backUp(path) : undefined;
  write(path, pretty(text, path));
  const reloaded = await reload(options, version, file).catch((thrown: unknown) => {
    if (backup !== undefined) renameSync(backup, path);
    throw thrown;
  });
  const running = reloaded !== undefined;
  if (options.json) printJson({ file: path, version, before, backup: backup ?? null, running });
  else {
    print(`${path} is version ${version} again${before === version ? '' : `, after ${before}`}`);
    if (backup !== undefined) print(`what it was is in ${backup}`);
    print(running ? 'the manager has read it' : 'no manager runs: it comes into force with the next start');
  }
  return EXIT.good;
}

/** The manager file itself: of a folder that holds only state nobody knows where its policies lie. */
function managerFileOf(path: string = DEFAULT_FILE): string {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, DEFAULT_FILE) : path;
  if (existsSync(file)) return file;
  throw new HomeostatError('H001', `${file} is not there; name the manager file whose policies are to be written with --manager FILE`);
}

function filesNamedIn(managerFile: string): readonly string[] {
  const document: unknown = JSON.parse(readFileSync(managerFile, 'utf8'));
  const named = isObject(document) && Array.isArray(document.policies) ? document.policies : [];
  return named.flatMap((one: unknown) => {
    const name = isObject(one) ? one.file : one;
    return typeof name === 'string' ? [normalize(name)] : [];
  });
}

/** Beside the file, under a name that is still free. */
function backUp(path: string): string {
  for (let n = 0; ; n++) {
    const backup = `${path}.bak${n === 0 ? '' : `-${n}`}`;
    if (existsSync(backup)) continue;
    copyFileSync(path, backup, constants.COPYFILE_EXCL);
    return backup;
  }
}

/** As people write it. The schema that the file names helps its editor, and is kept. */
function pretty(text: string, path: string): string {
  const document: unknown = JSON.parse(text);
  const schema = schemaIn(path);
  const whole = isObject(document) && schema !== undefined ? { $schema: schema, ...document } : document;
  return `${JSON.stringify(whole, null, 2)}\n`;
}

function schemaIn(path: string): unknown {
  try {
    const is: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isObject(is) ? is.$schema : undefined;
  } catch {
    // What is no JSON, or not there, names none: it may be the very reason to go back.
    return undefined;
  }
}

/** All at once, so that nobody reads half a file. */
function write(path: string, text: string): void {
  const half = `${path}.new`;
  writeFileSync(half, text);
  renameSync(half, path);
}

async function reload({ manager, token, author, reason }: BackOptions, version: string, file: string): Promise<unknown> {
  const why = `back to ${version} of ${file}${reason === undefined ? '' : `: ${reason}`}`;
  const body = await said({ reason: why, ...(author === undefined ? {} : { author }) });
  return callIfRunning(folderOf(manager), '/reload', { method: 'POST', body, token });
}
