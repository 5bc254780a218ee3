/** `homeostat check`: what is wrong with manager files and policies, all of it at once. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { duplicates } from '../compile/duplicates.ts';
import { compilePolicy } from '../compile/policies.ts';
import { Findings } from '../compile/report.ts';
import { loadConfiguration } from '../config.ts';
import type { Finding } from '../errors.ts';
import { loadPolicies } from '../load-policies.ts';
import { readJson } from '../read-json.ts';
import { findingLines, summaryOf } from './findings.ts';
import { EXIT, print, printJson } from './output.ts';
import { DEFAULT_FILE } from './place.ts';

interface Checked {
  readonly findings: readonly Finding[];
  readonly policies: number;
}

/** Named files that cannot be read end with 2, mistakes with 1. */
export async function check(files: readonly string[], { json }: { readonly json: boolean }): Promise<number> {
  const named = files.length === 0 ? [DEFAULT_FILE] : files;
  const checked = named.map(checkFile);
  const findings = unique(checked.flatMap((file) => file.findings));
  const policies = checked.reduce((sum, file) => sum + file.policies, 0);
  const errors = findings.filter((finding) => finding.severity === 'error');
  if (json) printJson({ findings, errors: errors.length, warnings: findings.length - errors.length, policies });
  else {
    for (const line of findingLines(findings)) print(line);
    print(summaryOf(findings, policies));
  }
  if (errors.some(({ code, file, pointer }) => code === 'H001' && pointer === '' && named.includes(file))) return EXIT.usage;
  return errors.length > 0 ? EXIT.finding : EXIT.good;
}

/** A file named twice, or by the manager file too, is told once. */
function unique(findings: readonly Finding[]): Finding[] {
  const byText = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...byText.values()];
}

function checkFile(file: string): Checked {
  const findings = new Findings();
  const document = readJson(resolve(file), file, findings);
  if (findings.list.length > 0) return { findings: findings.list, policies: 0 };
  if (!holdsPolicies(document)) return { findings: loadConfiguration(file).findings, policies: policiesOf(document, file) };
  const policies = lengthOf(document);
  const manager = managerOf(file);
  if (manager === undefined) return { findings: alone(file), policies };
  const named = normalize(file);
  return { findings: loadConfiguration(manager).findings.filter((finding) => normalize(finding.file) === named), policies };
}

type Loose = Readonly<Record<string, unknown>>;

const isObject = (x: unknown): x is Loose => typeof x === 'object' && x !== null && !Array.isArray(x);

/** A file of policies is an array of rules, or an object whose `policies` are not names of files. */
const holdsPolicies = (document: unknown): boolean =>
  Array.isArray(document) ||
  (isObject(document) &&
    document.types === undefined &&
    Array.isArray(document.policies) &&
    document.policies.some((policy) => typeof policy !== 'string'));

const lengthOf = (document: unknown): number => {
  const list = Array.isArray(document) ? document : isObject(document) ? document.policies : undefined;
  return Array.isArray(list) ? list.length : 0;
};

/** How many policies the files hold that a manager file names. */
function policiesOf(manager: unknown, file: string): number {
  const names = isObject(manager) && Array.isArray(manager.policies) ? manager.policies : [];
  return names.reduce(
    (sum: number, name: unknown) =>
      sum + (typeof name === 'string' ? lengthOf(readJson(join(dirname(resolve(file)), name), name, new Findings())) : 0),
    0,
  );
}

/** The manager file beside a file of policies, or above it, if it names that file. */
function managerOf(file: string): string | undefined {
  for (const up of ['.', '..', '../..']) {
    const manager = join(dirname(file), up, DEFAULT_FILE);
    if (!existsSync(manager)) continue;
    const document = readJson(manager, manager, new Findings());
    const names = isObject(document) && Array.isArray(document.policies) ? document.policies : [];
    if (names.some((name) => typeof name === 'string' && normalize(join(dirname(manager), name)) === normalize(file))) return manager;
  }
  return undefined;
}

/** Without a manager file facts and commands cannot be checked; all else can. */
function alone(file: string): readonly Finding[] {
  const findings = new Findings();
  const sources = loadPolicies(resolve(file), file, findings, { scope: {} });
  duplicates(sources, findings);
  for (const source of sources) compilePolicy(source, 'act', findings);
  return findings.list;
}
