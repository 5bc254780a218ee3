/** The files of policies that a manager file names, each with the version of what it says. */
import { createHash } from 'node:crypto';
import { dirname, join, normalize } from 'node:path';
import type { Words } from './analyze/operators.ts';
import { at, type Findings } from './compile/report.ts';
import type { ManagerDocument } from './documents/manager.ts';
import { isObject } from './json.ts';
import type { PolicySet, PolicySource } from './knowledge/blueprint.ts';
import { byKey } from './knowledge/table.ts';
import { loadPolicies } from './load-policies.ts';

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
  const loaded = (manager.policies ?? []).map((name, i) => {
    const named = join(dirname(file), name);
    const policies = loadPolicies(join(directory, name), named, findings, {
      scope: manager.defaults?.scope,
      from: at({ file, pointer: '' }, 'policies', i),
      called: normalize(name),
      words,
      ...(known === undefined ? {} : { known }),
    });
    const set: PolicySet = { file: named, called: normalize(name), version: versionOfSet(policies) };
    return { policies, set };
  });
  return { policies: loaded.flatMap(({ policies }) => policies), sets: loaded.map(({ set }) => set) };
}

/** Of the policies as they decide, in their order: neither blanks nor the order of keys make another version. */
export function versionOfSet(policies: readonly PolicySource[]): string {
  const said = [policies[0]?.named ?? {}, policies.map(({ name, document }) => [name, document])];
  return createHash('sha256').update(canonical(said)).digest('hex').slice(0, 12);
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => byKey(a, b))) : part,
  );
