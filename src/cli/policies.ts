/** `homeostat policies`: the versions of files of policies, what is in them, how two differ, and the way back to one. */
import { type VersionText, type VersionView, versionOf, versionViews } from '../api/versions.ts';
import { compareVersions, type VersionsCompared } from '../courses/compare-versions.ts';
import { DECISION_KINDS } from '../courses/decisions.ts';
import { recordingIn } from '../courses/recording.ts';
import { durationMs, isDuration } from '../duration.ts';
import { HomeostatError } from '../errors.ts';
import type { State } from '../knowledge/state.ts';
import { callIfRunning } from './call.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf, stateIn, withFolder } from './place.ts';
import { differenceOf, type PolicyDifference } from './policies-difference.ts';
import { differencesText, KIND_NAMES } from './replay-text.ts';
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

export interface DiffOptions extends PoliciesOptions {
  /** How far back it is looked what each would have decided. */
  readonly last: string;
}

/** Says how two versions differ, in words and in what they would have decided. Without the second: how the first differs from what its file says now. */
export async function diff(first: string, second: string | undefined, options: DiffOptions): Promise<number> {
  if (!isDuration(options.last))
    throw new HomeostatError('H501', `--last ${options.last} is no span of time; give one such as 10m, 24h or 7d`);
  const lastMs = durationMs(options.last);
  const one = await find(first, options);
  const other = await find(second ?? (await current(one, options)), second === undefined ? { ...options, file: one.file } : options);
  const difference = differenceOf(one.text, other.text);
  const decided = isSame(difference) || one.file !== other.file ? undefined : await decidedBy(one, other, lastMs, options);
  if (options.json) printJson({ from: one.version, to: other.version, ...difference, decided: decided ?? null });
  else {
    for (const line of differenceLines(one, other, difference)) print(line);
    if (!isSame(difference)) for (const line of decidedLines(one, other, decided, options)) print(line);
  }
  return EXIT.good;
}

const isSame = ({ added, removed, changed, conditions }: PolicyDifference): boolean =>
  added.length + removed.length + changed.length + conditions.length === 0;

/** What each would have decided on what the folder has recorded; undefined: it has recorded nothing. */
async function decidedBy(
  one: VersionText,
  other: VersionText,
  lastMs: number,
  { manager }: DiffOptions,
): Promise<VersionsCompared | undefined> {
  try {
    return await withFolder(folderOf(manager), (store) => {
      const from = store.lastNow() - lastMs;
      return compareVersions(() => recordingIn(store, from, Number.MAX_SAFE_INTEGER), one, other);
    });
  } catch (thrown) {
    // The managers of services keep their steps in Kafka.
    if (thrown instanceof HomeostatError && thrown.code === 'H305') return undefined;
    throw thrown;
  }
}

function* decidedLines(
  one: VersionView,
  other: VersionView,
  decided: VersionsCompared | undefined,
  { last }: DiffOptions,
): IterableIterator<string> {
  if (one.file !== other.file) return;
  if (decided === undefined) {
    yield `nothing is recorded of the last ${last} on which they could be tried`;
    return;
  }
  const { from, to, steps, totals, differences } = decided;
  const span = `on what was recorded from ${showTime(from, to)} to ${showTime(to, to)}, ${plural(steps, 'step')}`;
  yield `${span}: ${differences === 0 ? 'the same would have been decided' : `they differ in ${differencesText(decided)}`}`;
  const rows = totals.flatMap(({ policy, counts }) =>
    DECISION_KINDS.filter((kind) => counts[kind].recorded + counts[kind].other > 0).map((kind) => {
      const { recorded, other: there, both } = counts[kind];
      return [policy, KIND_NAMES[kind], String(recorded), String(there), String(both)];
    }),
  );
  if (rows.length > 0) yield* table([['policy', '', one.version, other.version, 'both'], ...rows]);
  if (differences > 0) yield `each of them: homeostat policies show ${one.version} > FILE, then homeostat replay --policies FILE`;
}

function* differenceLines(one: VersionView, other: VersionView, difference: PolicyDifference): IterableIterator<string> {
  const { added, removed, changed, conditions } = difference;
  yield `${one.file} ${one.version} → ${other.file === one.file ? '' : `${other.file} `}${other.version}`;
  if (isSame(difference)) yield '  the same policies';
  for (const name of added) yield `  + ${name}`;
  for (const name of removed) yield `  - ${name}`;
  for (const { name, keys } of changed) yield `  ~ ${name}: ${keys.join(', ')}`;
  if (conditions.length > 0) yield `  ~ named conditions: ${conditions.join(', ')}`;
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
