/** The files of policies that a manager file names, each with the version of what it says. */
import { createHash } from 'node:crypto';
import { dirname, join, normalize } from 'node:path';
import type { Words } from './analyze/operators.ts';
import { at, type Findings, type Place } from './compile/report.ts';
import type { ManagerDocument } from './documents/manager.ts';
import { type PolicyFile, pathOf, type SuccessorDocument } from './documents/trial.ts';
import { isObject } from './json.ts';
import type { PolicySet, PolicySource, Successor } from './knowledge/blueprint.ts';
import { byKey } from './knowledge/table.ts';
import { loadPolicies } from './load-policies.ts';
import { nearest } from './suggest.ts';

export interface LoadSetsOptions {
  /** The manager file, as it was named, and where it lies. */
  readonly file: string;
  readonly directory: string;
  readonly words: Words;
  /** Versions of policies that were found to be right. */
  readonly known: ReadonlySet<string> | undefined;
}

export interface LoadedSets {
  readonly policies: readonly PolicySource[];
  readonly sets: readonly PolicySet[];
}

/** Reads all of them; what is wrong becomes findings. */
export function loadSets(manager: ManagerDocument, { file, directory, words, known }: LoadSetsOptions, findings: Findings): LoadedSets {
  const entries = manager.policies ?? [];
  const list = at({ file, pointer: '' }, 'policies');
  const loaded = entries.map((entry, i) => {
    const path = pathOf(entry);
    const named = join(dirname(file), path);
    const policies = loadPolicies(join(directory, path), named, findings, {
      scope: manager.defaults?.scope,
      from: at(list, i),
      called: normalize(path),
      words,
      ...(known === undefined ? {} : { known }),
    });
    const set: PolicySet = { file: named, called: normalize(path), version: versionOfSet(policies) };
    if (typeof entry === 'string') return { policies, set };
    const successor = successorOf(entry, policies, entries, at(list, i), findings);
    return successor === undefined ? { policies: [], set } : { policies, set: { ...set, successor } };
  });
  return { policies: loaded.flatMap(({ policies }) => policies), sets: loaded.map(({ set }) => set) };
}

/** How a file is tried; undefined with findings if that is wrong. */
function successorOf(
  { of, shadow, canary }: SuccessorDocument,
  policies: readonly PolicySource[],
  entries: readonly PolicyFile[],
  place: Place,
  findings: Findings,
): Successor | undefined {
  const before = findings.errors;
  const plain = entries.flatMap((entry) => (typeof entry === 'string' ? [normalize(entry)] : []));
  if (!plain.includes(normalize(of))) {
    const remedy = 'name the file that is in force as a text in the same list';
    findings.error('H005', at(place, 'of'), `no file of the list is named "${of}"${nearest(of, plain)}`, remedy);
  }
  if ((shadow === undefined) === (canary === undefined))
    findings.error(
      'H003',
      place,
      'a file that is to follow another is tried in one of two ways',
      'give it either "shadow": true or a "canary"',
    );
  if (shadow !== undefined || canary === undefined) return findings.errors > before ? undefined : { of: normalize(of), shadow: true };
  const rivals = entries.filter(
    (entry) => typeof entry !== 'string' && entry.canary !== undefined && normalize(entry.of) === normalize(of),
  );
  if (rivals.length > 1) findings.error('H006', at(place, 'of'), `two canaries are to follow "${of}"`, 'try one after the other');
  const ways = (['share', 'elements', 'labels'] as const).filter((way) => canary[way] !== undefined);
  if (ways.length !== 1)
    findings.error(
      'H003',
      at(place, 'canary'),
      'a canary needs one way to say which elements it is',
      'give it either a "share", "elements" or "labels"',
    );
  const scopes = new Set(policies.map(({ document }) => JSON.stringify(document.scope)));
  const scope = canary.withdraw.scope ?? (scopes.size === 1 ? policies[0]!.document.scope : undefined);
  // Of a file that cannot be used it is not known what is missing.
  if (scope === undefined && (policies.length > 0 || before === 0))
    findings.error('H003', at(place, 'canary', 'withdraw'), 'it is not said which elements are watched', 'add "scope": { "type": … }');
  return findings.errors > before || scope === undefined
    ? undefined
    : { of: normalize(of), canary: { ...canary, withdraw: { ...canary.withdraw, scope } } };
}

/** Of the policies as they decide, in their order: neither blanks nor the order of keys make another version. */
export function versionOfSet(policies: readonly PolicySource[]): string {
  const said = [policies[0]?.named ?? {}, policies.map(({ name, document }) => [name, document])];
  return createHash('sha256').update(canonical(said)).digest('hex').slice(0, 12);
}

/** As JSON, with the keys of objects in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).sort(byKey);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}
