/** Files that are to follow others: what of a setup decides everywhere, what only looks on, and what is tried on a share of the elements. */
import type { PolicyDocument, Scope } from '../documents/policy.ts';
import type { CanaryDocument } from '../documents/trial.ts';
import { isObject } from '../json.ts';
import type { Policy, PolicySet, PolicySource, Setup, Trial } from '../knowledge/blueprint.ts';
import { digestOf } from '../knowledge/fingerprint.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import type { Findings } from './report.ts';

/** A canary, before its policies are compiled. */
export interface Challenge {
  readonly set: PolicySet;
  readonly canary: CanaryDocument;
  readonly predecessor: string;
  /** Those of the file, then the guard. */
  readonly sources: readonly PolicySource[];
  readonly guard: PolicySource;
}

export interface Parts {
  /** What decides, or looks on, wherever its scope is. */
  readonly plain: readonly PolicySource[];
  readonly challenges: readonly Challenge[];
}

/** Divides the policies of a setup by what becomes of their files. */
export function partsOf(setup: Setup): Parts {
  const { sets = [], policies } = setup;
  if (sets.every(({ successor }) => successor === undefined)) return { plain: policies, challenges: [] };
  const byFile = new Map(sets.map((set) => [set.file, set]));
  const of = (set: PolicySet): readonly PolicySource[] => policies.filter(({ file }) => file === set.file);
  const successorOf = ({ file }: PolicySource) => byFile.get(file)?.successor;
  return {
    plain: policies.flatMap((source) => {
      const successor = successorOf(source);
      if (successor === undefined) return [source];
      const set = byFile.get(source.file)!;
      return 'shadow' in successor ? [shadowOf(source, set, of(set))] : [];
    }),
    challenges: sets.flatMap((set, i): Challenge[] => {
      const { successor } = set;
      if (successor === undefined || 'shadow' in successor) return [];
      const predecessor = sets.find(({ called }) => called === successor.of);
      if (predecessor === undefined) return [];
      const guard = guardOf(set, successor.canary, of(set)[0], i);
      return [{ set, canary: successor.canary, predecessor: predecessor.file, sources: [...of(set), guard], guard }];
    }),
  };
}

/** What a policy is called that only looks on beside the one that it is to follow. */
const shadowName = (name: string, { version }: PolicySet): string => `${name}@${version.slice(0, 7)}`;

/** A policy under a name of its own, with which it does nothing but say what it would do. */
function shadowOf(source: PolicySource, set: PolicySet, all: readonly PolicySource[]): PolicySource {
  const names = new Set(all.map(({ name }) => name));
  const document = renamed(source.document, (name) => (names.has(name) ? shadowName(name, set) : name)) as PolicyDocument;
  return { ...source, name: shadowName(source.name, set), document: { ...document, mode: 'observe' } };
}

/** With other names for the policies that its actions on Homeostat itself are about. */
function renamed(node: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(node)) return node.map((part) => renamed(part, rename));
  if (!isObject(node)) return node;
  const { params, target } = node;
  const own = target === HOMEOSTAT && isObject(params) && typeof params.policy === 'string';
  const parts = own ? { ...node, params: { ...params, policy: rename(params.policy as string) } } : node;
  return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, renamed(part, rename)]));
}

/** The policy that watches a canary. Its place is in the manager file, under the name of the file that it watches. */
function guardOf(set: PolicySet, { withdraw }: CanaryDocument, beside: PolicySource | undefined, index: number): PolicySource {
  return {
    name: `canary ${set.version}`,
    file: set.file,
    pointer: `/policies/${index}/canary/withdraw`,
    version: digestOf(JSON.stringify(withdraw)).keyA.toString(16),
    document: { ...withdraw, mode: 'observe', actions: [] },
    named: beside?.named ?? {},
  };
}

/** What is wrong with a guard is told where it is written. `file`: that of the manager. */
export function tellGuards(findings: Findings, challenges: readonly Challenge[], file: string): void {
  const isGuard = (at: { readonly file: string; readonly pointer: string }): boolean =>
    challenges.some(({ guard }) => at.file === guard.file && `${at.pointer}/`.startsWith(`${guard.pointer}/`));
  if (challenges.length > 0) findings.replace(findings.list.map((finding) => (isGuard(finding) ? { ...finding, file } : finding)));
}

/** A canary as the step reads it. `policies`: of both versions. */
export const trialOf = ({ set, canary, predecessor, guard }: Challenge, policies: readonly Policy[]): Trial => ({
  set,
  canary,
  predecessor,
  guard: guard.name,
  scopes: distinct(policies.filter(({ source }) => source.file === set.file || source.file === predecessor).map(({ scope }) => scope)),
});

const distinct = (scopes: readonly Scope[]): readonly Scope[] => [
  ...new Map(scopes.map((scope) => [JSON.stringify(scope), scope])).values(),
];
