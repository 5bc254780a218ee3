/** The versions of files of policies that are kept, as people see them: made from the state alone, so that a folder can be asked like a running manager. */
import { HomeostatError } from '../errors.ts';
import type { State } from '../knowledge/state.ts';
import type { TrialRow } from '../knowledge/trials.ts';
import type { VersionRow } from '../knowledge/versions.ts';

/** A version without its text. */
export interface VersionView extends Omit<VersionRow, 'key' | 'text'> {
  /** What became of it as a canary so far; absent: it is none. */
  readonly canary?: TrialRow['phase'];
}

/** A version with what it says. */
export interface VersionText extends VersionView {
  readonly text: string;
}

function viewOf({ trials }: State, { key: _key, text: _text, ...view }: VersionRow): VersionView {
  const trial = trials.get(view.file);
  return view.as === 'canary' && view.until === null && trial?.version === view.version ? { ...view, canary: trial.phase } : view;
}

/** By file, and of each the newest first. */
export const versionViews = (state: State): VersionView[] =>
  [...state.versions.rows()]
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : b.since - a.since))
    .map((row) => viewOf(state, row));

/**
 * One version, by its hash or the beginning of it. `file`: where several files say the same.
 *
 * @throws HomeostatError H005 if none or several are meant
 */
export function versionOf(state: State, asked: string, file?: string): VersionText {
  const rows = [...state.versions.rows()].filter((row) => row.version.startsWith(asked) && (file === undefined || row.file === file));
  const [row, another] = rows;
  if (row === undefined) throw new HomeostatError('H005', `no version ${asked} is kept; homeostat policies lists those that are`);
  if (another === undefined) return { ...viewOf(state, row), text: row.text };
  const all = rows.map(({ version, file: of }) => `${version} of ${of}`).join(', ');
  throw new HomeostatError('H005', `${asked} is the beginning of several versions: ${all}; write more of it, or say which with --file`);
}
