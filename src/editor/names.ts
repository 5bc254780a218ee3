/** The names that a project has given: what an editor completes, and by which it knows a misspelt one. */
import { dirname, join, resolve } from 'node:path';
import { EVERYWHERE } from '../compile/index.ts';
import { Findings } from '../compile/report.ts';
import { type CommandDocument, ManagerDocument, type PropertyDocument } from '../documents/manager.ts';
import type { Scope } from '../documents/policy.ts';
import { pathOf } from '../documents/trial.ts';
import { HomeostatError } from '../errors.ts';
import { isObject } from '../json.ts';
import { readJson } from '../read-json.ts';
import { validate } from '../validate.ts';

export interface Named {
  readonly name: string;
  /** What an editor says of it; may be empty. */
  readonly says: string;
}

export interface CommandNamed extends Named {
  /** The property that it sets: it takes `by` or `to`. */
  readonly property: string | undefined;
}

export interface TypeNames {
  readonly name: string;
  readonly properties: readonly Named[];
  /** What probes may measure: its properties, and what their gauges read. */
  readonly inputs: readonly string[];
  readonly commands: readonly CommandNamed[];
  /** The elements of this type that the manager file declares. */
  readonly elements: readonly string[];
}

export interface Names {
  readonly types: readonly TypeNames[];
  /** Commands that every element has. */
  readonly everywhere: readonly CommandNamed[];
  /** With levels as `NAME:LEVEL` too, and a fail-safe as `NAME:missing`. */
  readonly policies: readonly string[];
  readonly suites: readonly string[];
  readonly setPoints: readonly string[];
  readonly probes: readonly string[];
  /** Policies without a name are called by their file and place. */
  readonly nameless: boolean;
  /** Named conditions of all files of policies. */
  readonly conditions: readonly string[];
  /** The scope of policies that have none, and whose file has none. */
  readonly scope: Scope | undefined;
}

/**
 * Reads the names of a manager file and of the policies that it names. Mistakes within policies do not matter: they are why somebody edits.
 *
 * @throws HomeostatError H001, H002, H003 and the like if the manager file itself is wrong, with findings
 */
export function namesOf(file: string): Names {
  const findings = new Findings();
  const document = readJson(resolve(file), file, findings);
  if (document === undefined || !validate(ManagerDocument, document, { file, pointer: '' }, findings))
    throw new HomeostatError(
      findings.list[0]?.code ?? 'H003',
      `${file} has mistakes; correct them first, for its types are what a schema is made of`,
      {
        findings: findings.list,
      },
    );
  const manager = document as ManagerDocument;
  const elements = Object.entries(manager.elements ?? {});
  const files = (manager.policies ?? [])
    .map(pathOf)
    .map((name) => looked(readJson(join(dirname(resolve(file)), name), name, new Findings())));
  const policies = files.flatMap((one) => one.policies);
  return {
    types: Object.entries(manager.types).map(([name, { properties = {}, commands = {} }]) => ({
      name,
      properties: Object.entries(properties).map(([property, is]) => ({ name: property, says: saysOf(is) })),
      inputs: unique(Object.entries(properties).flatMap(([property, { gauge }]) => [property, ...inputOf(gauge)])),
      commands: Object.entries(commands).map(([command, is]) => commandNamed(command, is)),
      elements: elements.filter(([, { type }]) => type === name).map(([id]) => id),
    })),
    everywhere: [...EVERYWHERE.values()].map((command) => commandNamed(command.name, command)),
    policies: unique(policies.flatMap(namesOfPolicy)),
    suites: unique(policies.flatMap(({ suite }) => (typeof suite === 'string' ? [suite] : []))),
    setPoints: unique(policies.flatMap(({ setPoints }) => (isObject(setPoints) ? Object.keys(setPoints) : []))),
    probes: (manager.probes ?? []).map(({ name }) => name),
    nameless: policies.some(({ name }) => typeof name !== 'string'),
    conditions: unique(files.flatMap(({ conditions }) => conditions)),
    scope: manager.defaults?.scope,
  };
}

type Loose = Readonly<Record<string, unknown>>;

function namesOfPolicy({ name, levels, missing }: Loose): string[] {
  if (typeof name !== 'string') return [];
  const parts = Array.isArray(levels) ? levels.filter(isObject).map(({ level }) => `${name}:${String(level)}`) : [];
  const failSafe = isObject(missing) && missing.after !== undefined ? [`${name}:missing`] : [];
  return [name, ...parts, ...failSafe];
}

/** A file of policies as far as it can be read. */
function looked(document: unknown): { readonly policies: readonly Loose[]; readonly conditions: readonly string[] } {
  if (Array.isArray(document)) return { policies: document.filter(isObject), conditions: [] };
  if (!isObject(document)) return { policies: [], conditions: [] };
  const { policies, conditions } = document;
  return {
    policies: Array.isArray(policies) ? policies.filter(isObject) : [],
    conditions: isObject(conditions) ? Object.keys(conditions) : [],
  };
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
const inputOf = (gauge: PropertyDocument['gauge']): string[] => (typeof gauge?.of === 'string' ? [gauge.of] : []);

function saysOf({ unit, description, gauge, deadZone }: PropertyDocument): string {
  const parts = [
    description,
    unit === undefined ? undefined : `in ${unit}`,
    gauge === undefined ? undefined : `${gauge.kind}${typeof gauge.window === 'string' ? ` over ${gauge.window}` : ''}`,
    deadZone === undefined ? undefined : `dead zone ${deadZone.low}…${deadZone.high}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

const commandNamed = (name: string, { actuator = 'log', property }: CommandDocument): CommandNamed => ({
  name,
  says: [`by the actuator ${actuator}`, property === undefined ? undefined : `sets ${property}`]
    .filter((part) => part !== undefined)
    .join('; '),
  property,
});
