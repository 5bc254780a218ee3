/** Another configuration in place of a recorded one: other policies, or the whole of another manager file. */
import { dirname, relative, resolve } from 'node:path';
import { compile } from '../compile/index.ts';
import { Findings } from '../compile/report.ts';
import { loadConfiguration } from '../config.ts';
import type { Scope } from '../documents/policy.ts';
import { type Finding, HomeostatError } from '../errors.ts';
import { isObject } from '../json.ts';
import type { PolicySource, Setup } from '../knowledge/blueprint.ts';
import { loadPolicies } from '../load-policies.ts';
import { versionOfSet } from '../load-sets.ts';
import { readJson } from '../read-json.ts';

export interface OtherSetup {
  /** The configuration in place of a recorded one, both as text. A policy that is the same is taken as it was recorded. @throws HomeostatError with findings if the two do not fit */
  readonly documentOf: (recorded: string) => string;
}

/** What the manager file says that its setup does not: where names begin, and the scope of policies that have none. */
export interface Around {
  readonly directory: string;
  readonly scope?: Scope | undefined;
}

/** @param files one manager file, or files of policies, which take the place of all that were in force. @throws HomeostatError with findings if there are mistakes in them */
export function otherSetup(files: readonly string[], around?: Around): OtherSetup {
  const findings = new Findings();
  const documents = files.map((file) => [file, readJson(resolve(file), file, findings)] as const);
  refuse(findings.list, files);
  const manager = documents.find(([, document]) => isObject(document) && document.types !== undefined)?.[0];
  if (manager !== undefined && files.length > 1)
    throw new HomeostatError(
      'H501',
      `${manager} is a manager file, and names its policies itself; give it alone, or files of policies only`,
    );
  const make = manager === undefined ? withPolicies(files, around) : withManager(manager);
  const made = new Map<string, string>();
  return {
    documentOf: (recorded) => {
      const document = made.get(recorded) ?? JSON.stringify(make(JSON.parse(recorded) as Setup));
      made.set(recorded, document);
      return document;
    },
  };
}

function withManager(file: string): (recorded: Setup) => Setup {
  const { configuration, findings } = loadConfiguration(file);
  if (configuration === undefined) refuse(findings, [file]);
  const { setup } = configuration!;
  // Where one file is to follow another, a policy of either is told from its twin by its file.
  const isTried = setup.sets?.some(({ successor }) => successor !== undefined);
  return (recorded) => (isTried ? setup : { ...setup, ...asRecorded(setup.policies, recorded) });
}

function withPolicies(files: readonly string[], around: Around | undefined): (recorded: Setup) => Setup {
  const findings = new Findings();
  const sources = files.flatMap((file) =>
    loadPolicies(resolve(file), file, findings, {
      ...(around === undefined ? {} : { scope: around.scope, called: relative(around.directory, resolve(file)) }),
    }),
  );
  refuse(findings.list, files);
  return (recorded) => {
    const setup = { ...recorded, ...asRecorded(sources, recorded) };
    refuse(compile(setup, files[0]!).findings.list, files);
    return setup;
  };
}

/** What is the same is the same to the letter, wherever its file lies; and no file is tried. */
function asRecorded(given: readonly PolicySource[], { policies: recorded, sets = [] }: Setup): Pick<Setup, 'policies' | 'sets'> {
  const policies = given.map(
    (policy) => recorded.find(({ name, version }) => name === policy.name && version === policy.version) ?? policy,
  );
  const files = [...new Set(policies.map(({ file }) => file))];
  return {
    policies,
    sets: files.map((file) => ({
      file,
      called: sets.find((set) => set.file === file)?.called ?? file,
      version: versionOfSet(policies.filter((policy) => policy.file === file)),
    })),
  };
}

/** @throws HomeostatError with the findings if there is an error among them */
export function refuse(findings: readonly Finding[], files: readonly string[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new HomeostatError(
    errors[0]!.code,
    `nothing is replayed through ${files.join(', ')}: ${errors.length} ${errors.length === 1 ? 'mistake' : 'mistakes'} to correct`,
    { findings: errors },
  );
}

/** @param file a manager file, if there is one */
export function aroundOf(file: string): Around | undefined {
  const document = readJson(resolve(file), file, new Findings());
  if (!isObject(document)) return undefined;
  const { defaults } = document;
  const scope = isObject(defaults) && isObject(defaults.scope) ? (defaults.scope as Scope) : undefined;
  return { directory: dirname(resolve(file)), scope };
}
