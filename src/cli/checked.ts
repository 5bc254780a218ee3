/** What is to be said of files: mistakes from reading and compiling them, then what the analyses find in what is right. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { analyse } from '../check/index.ts';
import type { Past } from '../check/subject.ts';
import { duplicates } from '../compile/duplicates.ts';
import { checkLevels, membersOf, relocate } from '../compile/family.ts';
import { compilePolicy } from '../compile/policies.ts';
import { Findings } from '../compile/report.ts';
import { loadConfiguration } from '../config.ts';
import type { Finding } from '../errors.ts';
import { isObject } from '../json.ts';
import type { Blueprint, Policy } from '../knowledge/blueprint.ts';
import { loadPolicies } from '../load-policies.ts';
import { readJson } from '../read-json.ts';
import { DEFAULT_FILE } from './place.ts';

export interface Checked {
  readonly findings: readonly Finding[];
  readonly policies: number;
}

/** Checks manager files and files of policies. What is told twice, as of a file named twice or by the manager file too, is told once. */
export function checkFiles(files: readonly string[], past?: Past): Checked {
  const checked = files.map((file) => checkFile(file, past));
  const byText = new Map(checked.flatMap(({ findings }) => findings.map((finding) => [JSON.stringify(finding), finding] as const)));
  return { findings: [...byText.values()], policies: checked.reduce((sum, { policies }) => sum + policies, 0) };
}

function checkFile(file: string, past: Past | undefined): Checked {
  const findings = new Findings();
  const document = readJson(resolve(file), file, findings);
  if (findings.list.length > 0) return { findings: findings.list, policies: 0 };
  if (!holdsPolicies(document)) return { findings: checkManager(file, past), policies: policiesOf(document, file) };
  const policies = lengthOf(document);
  const manager = managerOf(file);
  if (manager === undefined) return { findings: alone(file), policies };
  const named = normalize(file);
  const isAbout = (place: { readonly file: string }): boolean => normalize(place.file) === named;
  return {
    findings: checkManager(manager, past).filter((finding) => isAbout(finding) || (finding.related ?? []).some(isAbout)),
    policies,
  };
}

function checkManager(file: string, past: Past | undefined): readonly Finding[] {
  const { findings, compiled } = loadConfiguration(file);
  if (compiled === undefined) return findings;
  const { manager, blueprint } = compiled;
  // Each of two versions is looked at with what is beside it where it decides, never the one with the other.
  const { policies, challengers, trials, types } = blueprint;
  const sides = [
    [...policies.values()],
    ...trials.map(({ set, predecessor, guard }) => [
      ...[...policies.values()].filter(({ source }) => source.file !== predecessor),
      ...[...challengers.values()].filter(({ source, name }) => source.file === set.file && name !== guard),
    ]),
  ].map((side) => side.filter(({ source }) => !isShadow(blueprint, source.file)));
  const shadows = [...blueprint.sets.values()].filter(({ file: of }) => isShadow(blueprint, of));
  const looking = shadows.map(({ file: of }) => [...policies.values()].filter(({ source }) => source.file === of));
  return [
    ...findings,
    ...[...sides, ...looking].flatMap((side) =>
      analyse({ policies: right(side, findings), types, manager: { file, document: manager }, past }),
    ),
  ];
}

/** Whether a file only looks on beside another. */
const isShadow = ({ sets }: Blueprint, file: string): boolean => {
  const successor = sets.get(file)?.successor;
  return successor !== undefined && 'shadow' in successor;
};

/** Without a manager file facts and commands cannot be checked; all else can. */
function alone(file: string): readonly Finding[] {
  const findings = new Findings();
  const sources = loadPolicies(resolve(file), file, findings, { scope: {} });
  const twins = duplicates(sources, findings);
  for (const source of sources) checkLevels(source, findings);
  const members = sources.filter((source) => !twins.has(source)).flatMap(membersOf);
  const policies = members.flatMap((source) => compilePolicy(source, 'act', findings) ?? []);
  findings.replace(relocate(findings.list, sources));
  return [
    ...findings.list,
    ...analyse({ policies: right(policies, findings.list), types: new Map(), manager: undefined, past: undefined }),
  ];
}

/** The policies in which there is no mistake. */
const right = (policies: readonly Policy[], findings: readonly Finding[]): readonly Policy[] =>
  policies.filter(
    ({ source }) =>
      !findings.some(
        ({ severity, file, pointer }) => severity === 'error' && file === source.file && `${pointer}/`.startsWith(`${source.pointer}/`),
      ),
  );

/** A file of policies is an array of rules, or an object whose `policies` are not names of files. */
const holdsPolicies = (document: unknown): boolean =>
  Array.isArray(document) ||
  (isObject(document) &&
    document.types === undefined &&
    Array.isArray(document.policies) &&
    document.policies.some((policy) => fileIn(policy) === undefined));

/** The file that an entry of a manager file's list names, alone or as a successor; undefined: it is no such entry. */
const fileIn = (entry: unknown): string | undefined => {
  const name = isObject(entry) ? entry.file : entry;
  return typeof name === 'string' ? name : undefined;
};

const lengthOf = (document: unknown): number => {
  const list = Array.isArray(document) ? document : isObject(document) ? document.policies : undefined;
  return Array.isArray(list) ? list.length : 0;
};

/** How many policies the files hold that a manager file names. */
function policiesOf(manager: unknown, file: string): number {
  const names = isObject(manager) && Array.isArray(manager.policies) ? manager.policies : [];
  return names.reduce((sum: number, entry: unknown) => {
    const name = fileIn(entry);
    return sum + (name === undefined ? 0 : lengthOf(readJson(join(dirname(resolve(file)), name), name, new Findings())));
  }, 0);
}

/** The manager file beside a file of policies, or above it, if it names that file. */
function managerOf(file: string): string | undefined {
  for (const up of ['.', '..', '../..']) {
    const manager = join(dirname(file), up, DEFAULT_FILE);
    if (!existsSync(manager)) continue;
    const document = readJson(manager, manager, new Findings());
    const names = isObject(document) && Array.isArray(document.policies) ? document.policies : [];
    const isIt = (name: string | undefined): boolean => name !== undefined && normalize(join(dirname(manager), name)) === normalize(file);
    if (names.some((entry: unknown) => isIt(fileIn(entry)))) return manager;
  }
  return undefined;
}
