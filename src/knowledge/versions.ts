/** The versions of files of policies that were in force: kept with their text, so that they can be listed, compared and gone back to. */
import type { PolicySet, PolicySource } from './blueprint.ts';
import { byKey, type Row } from './table.ts';
import type { Turn } from './turn.ts';

/** How a version stands, or last stood: its policies decide, or only say what they would do, or act on a share of the elements. */
export type Standing = 'in force' | 'shadow' | 'canary';

export interface VersionRow extends Row {
  /** The file, as the manager file names it. */
  file: string;
  version: string;
  as: Standing;
  policies: number;
  /** When it last came in. */
  since: number;
  /** When it went; null: it is in. */
  until: number | null;
  /** Who brought it in; null: nobody has said so. */
  by: string | null;
  /** The file as JSON: what is in it that decides anything. */
  text: string;
}

/** Versions that are kept, and how many characters of text at most: those that went first are forgotten first. What is in is always kept. */
export const VERSIONS_KEPT = 50;
const CHARACTERS_KEPT = 16_000_000;

/** Who brings in what is read at a start. */
const START = 'start';

export const versionKey = ({ called, version }: PolicySet): string => `${called}\t${version}`;

export const standingOf = ({ successor }: PolicySet): Standing =>
  successor === undefined ? 'in force' : 'shadow' in successor ? 'shadow' : 'canary';

/** With another configuration: which versions came, and which went. */
export function keepVersions(turn: Turn): void {
  const { state, now, blueprint } = turn;
  const { sets = [], policies } = blueprint.setup;
  const keys = new Set(sets.map(versionKey));
  for (const row of state.versions.rows()) {
    if (row.until !== null || keys.has(row.key)) continue;
    row.until = now;
    state.versions.touch(row);
  }
  for (const set of sets) {
    const [key, as] = [versionKey(set), standingOf(set)];
    const row = state.versions.get(key);
    if (row !== undefined && row.until === null && row.as === as) continue;
    const own = policies.filter(({ file }) => file === set.file);
    const { called: file, version } = set;
    state.versions.put({
      key,
      file,
      version,
      as,
      policies: own.length,
      since: now,
      until: null,
      by: turn.restarted ? START : null,
      text: textOf(own),
    });
  }
  forget(turn);
}

/** Whoever had the manager file read again brought in what came with it. */
export function broughtIn({ state }: Turn, author: string): void {
  for (const row of state.versions.rows()) {
    if (row.by !== null) continue;
    row.by = author;
    state.versions.touch(row);
  }
}

function forget({ state: { versions } }: Turn): void {
  const gone = [...versions.rows()].filter(({ until }) => until !== null).sort((a, b) => a.until! - b.until! || byKey(a.key, b.key));
  let characters = [...versions.rows()].reduce((sum, { text }) => sum + text.length, 0);
  for (const row of gone) {
    if (versions.size <= VERSIONS_KEPT && characters <= CHARACTERS_KEPT) return;
    characters -= row.text.length;
    versions.delete(row.key);
  }
}

/** A file that says the same, also a plain array of rules: what a policy takes from defaults is written at the policy. */
function textOf(policies: readonly PolicySource[]): string {
  const documents = policies.map(({ document }) => document);
  const [first] = policies;
  if (first !== undefined && !first.pointer.startsWith('/policies/')) return JSON.stringify(documents);
  const named = first?.named ?? {};
  return JSON.stringify({ ...(Object.keys(named).length === 0 ? {} : { conditions: named }), policies: documents });
}
