/** `homeostat policies`: the versions of files of policies, what is in them, how two differ, and the way back to one. */
import { type VersionText, type VersionView, versionOf, versionViews } from '../api/versions.ts';
import type { State } from '../knowledge/state.ts';
import { callIfRunning } from './call.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf, stateIn, withFolder } from './place.ts';
import { differenceOf, type PolicyDifference } from './policies-difference.ts';
import { plural, showTime, table } from './text.ts';

export interface PoliciesOptions {
  readonly manager?: string;
  readonly token?: string;
  /** Of which file a version is, where several say the same. */
  readonly file?: string;
  readonly json: boolean;
}

/** Lists what is kept. */
export async function list(options: PoliciesOptions): Promise<number> {
  const { now, versions } = await ask(options, '/policies', (state) => ({ now: state.position.now, versions: versionViews(state) }));
  if (options.json) printJson({ versions });
  else if (versions.length === 0) print('no version is kept: the manager was last started before there were any');
  else for (const line of listed(versions, now)) print(line);
  return EXIT.good;
}

function* listed(versions: readonly VersionView[], now: number): IterableIterator<string> {
  for (const file of [...new Set(versions.map((version) => version.file))]) {
    yield file;
    yield* table(
      versions
        .filter((version) => version.file === file)
        .map(({ version, as, canary, policies, since, until, by }) => [
          version,
          until === null ? `${as}${canary === undefined ? '' : `, ${canary}`}` : `until ${showTime(until, now)}`,
          `since ${showTime(since, now)}`,
          plural(policies, 'policy', 'policies'),
          by === null ? '' : `by ${by}`,
        ]),
    );
  }
}

/** Prints the policies of a version, as a file of policies. */
export async function show(version: string, options: PoliciesOptions): Promise<number> {
  const { text } = await find(version, options);
  print(options.json ? text : JSON.stringify(JSON.parse(text), null, 2));
  return EXIT.good;
}

/** Says how two versions differ. Without the second: how the first differs from what its file says now. */
export async function diff(first: string, second: string | undefined, options: PoliciesOptions): Promise<number> {
  const one = await find(first, options);
  const other = await find(second ?? (await current(one, options)), second === undefined ? { ...options, file: one.file } : options);
  const difference = differenceOf(one.text, other.text);
  if (options.json) printJson({ from: one.version, to: other.version, ...difference });
  else for (const line of differenceLines(one, other, difference)) print(line);
  return EXIT.good;
}

function* differenceLines(
  one: VersionView,
  other: VersionView,
  { added, removed, changed, conditions }: PolicyDifference,
): IterableIterator<string> {
  yield `${one.file} ${one.version} → ${other.file === one.file ? '' : `${other.file} `}${other.version}`;
  const same = added.length + removed.length + changed.length + conditions.length === 0;
  if (same) yield '  the same policies';
  for (const name of added) yield `  + ${name}`;
  for (const name of removed) yield `  - ${name}`;
  for (const { name, keys } of changed) yield `  ~ ${name}: ${keys.join(', ')}`;
  if (conditions.length > 0) yield `  ~ named conditions: ${conditions.join(', ')}`;
  if (!same)
    yield `what would differ on what was recorded: homeostat policies show ${one.version} > FILE, then homeostat replay --policies FILE`;
}

/** The version of a file that is in now. */
export async function current({ file, version }: Pick<VersionView, 'file' | 'version'>, options: PoliciesOptions): Promise<string> {
  const { versions } = await ask(options, '/policies', (state) => ({ versions: versionViews(state) }));
  return versions.find((one) => one.file === file && one.until === null)?.version ?? version;
}

export const find = (version: string, options: PoliciesOptions): Promise<VersionText> => {
  const { file } = options;
  const query = new URLSearchParams(file === undefined ? {} : { file });
  return ask(options, `/policies/${encodeURIComponent(version)}?${query}`, (state) => versionOf(state, version, file));
};

/** The answer of the running manager or, if none runs, of its folder. */
async function ask<T>({ manager, token }: PoliciesOptions, path: string, read: (state: State) => T): Promise<T> {
  const folder = folderOf(manager);
  return (await callIfRunning<T>(folder, path, { token })) ?? withFolder(folder, (store) => read(stateIn(store, folder)));
}
