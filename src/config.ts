/** The manager file and its policies: read, validated and frozen. The only reader of the environment. */
import { dirname, resolve } from 'node:path';
import { type CustomWords, wordsWith } from './analyze/custom.ts';
import type { Words } from './analyze/operators.ts';
import { checkApi } from './check-api.ts';
import { checkIntake } from './check-intake.ts';
import { compile } from './compile/index.ts';
import { at, Findings, type Place } from './compile/report.ts';
import { LimitsDocument, ManagerDocument } from './documents/manager.ts';
import type { TSchema } from './documents/schema.ts';
import { durationMs } from './duration.ts';
import type { Finding } from './errors.ts';
import type { ActuatorKind } from './execute/actuators/actuator.ts';
import { ACTUATOR_KINDS } from './execute/actuators/index.ts';
import { mistakesIn } from './history/layout.ts';
import type { Blueprint, Limits, PolicySource, Setup } from './knowledge/blueprint.ts';
import { type LoadedSets, loadSets, versionOfSet } from './load-sets.ts';
import { ID_PATTERN } from './messages.ts';
import { PROBE_KINDS } from './monitor/probes/index.ts';
import { checkMqtt } from './mqtt/check.ts';
import { checkPlaces } from './places.ts';
import { readJson } from './read-json.ts';
import { nearest } from './suggest.ts';
import { validate } from './validate.ts';

/** The whole configuration, ready to run. */
export interface Configuration {
  /** The manager file, as it was named. */
  readonly file: string;
  /** Where it lies: relative paths start here. */
  readonly directory: string;
  /** Where state, journal and history are kept. */
  readonly folder: string;
  readonly manager: ManagerDocument;
  readonly setup: Setup;
  readonly blueprint: Blueprint;
  /** Operators and decorators of the program that embeds Homeostat. */
  readonly words: CustomWords;
  readonly paceMs: number;
  readonly historyMs: number;
}

export interface Loaded {
  /** Absent if anything is wrong, unless leniency was asked for and only policies are. */
  readonly configuration: Configuration | undefined;
  readonly findings: readonly Finding[];
  /** What could be compiled, also where something else is wrong; absent if the manager file cannot be read. */
  readonly compiled?: { readonly manager: ManagerDocument; readonly blueprint: Blueprint };
}

const DEFAULT_PACE = '2ms';
const DEFAULT_HISTORY = '24h';

/** The environment that child processes start from. */
export const environment = (): Readonly<Record<string, string>> =>
  Object.freeze(
    Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))),
  );

export interface LoadOptions {
  /** Wrong policies are left out instead of refusing the whole. */
  readonly lenient?: boolean;
  /** Operators and decorators of the program that embeds Homeostat. */
  readonly words?: CustomWords;
  /** What was read before with the same words: policies that have not changed since are taken over. */
  readonly before?: Configuration;
}

/** Reads the manager file and all that it names. @throws HomeostatError H003 or H006 if the program's words have wrong names */
export function loadConfiguration(file: string, options: LoadOptions = {}): Loaded {
  const words = wordsWith(options.words);
  const findings = new Findings();
  const path = resolve(file);
  const document = readJson(path, file, findings);
  if (document === undefined || !validate(ManagerDocument, document, { file, pointer: '' }, findings))
    return { configuration: undefined, findings: findings.list };
  const manager = document as ManagerDocument;
  const place: Place = { file, pointer: '' };
  checkNames(manager, place, findings);
  checkKinds(manager, place, findings);
  checkPlaces(manager, place, findings);
  if (findings.errors === 0) checkMqtt(manager, place, findings);
  checkApi(manager.api, at(place, 'api'), findings);
  if (manager.history?.influx !== undefined)
    for (const { path: where, message, remedy } of mistakesIn(manager.history.influx))
      findings.error('H003', at(place, 'history', 'influx', ...where), message, remedy);
  checkIntake(manager.intake, at(place, 'intake'), findings);
  const fatal = findings.errors;
  const directory = dirname(path);
  const known = options.before && new Set(options.before.setup.policies.map(({ version }) => version));
  const loaded = loadSets(manager, { file, directory, words, known }, findings);
  const setup = setupOf(manager, loaded);
  const { blueprint, findings: compiled } = compile(setup, file, words, options.before?.blueprint);
  const all = [...findings.list, ...compiled.list];
  const wrong = new Set(all.filter((f) => f.severity === 'error').map((f) => f.file));
  const refused = options.lenient === true ? fatal > 0 || wrong.has(file) : wrong.size > 0;
  if (refused) return { configuration: undefined, findings: all, compiled: { manager, blueprint } };
  const right = options.lenient === true ? leaveOut(setup, file, all, words) : { setup, blueprint };
  return {
    configuration: deepFreeze({
      file,
      directory,
      folder: resolve(directory, manager.folder ?? '.homeostat'),
      manager,
      ...right,
      words: options.words ?? {},
      paceMs: durationMs(manager.pace ?? DEFAULT_PACE),
      historyMs: durationMs(manager.history?.keep ?? DEFAULT_HISTORY),
    }),
    findings: all,
    compiled: { manager, blueprint },
  };
}

/** The setup without the policies that have mistakes. */
function leaveOut(setup: Setup, file: string, findings: readonly Finding[], words: Words): { setup: Setup; blueprint: Blueprint } {
  const right = (policy: PolicySource) =>
    !findings.some((f) => f.severity === 'error' && f.file === policy.file && `${f.pointer}/`.startsWith(`${policy.pointer}/`));
  const { policies: plain, challengers } = compile(setup, file, words).blueprint;
  const able = new Set([...plain.values(), ...challengers.values()].map(({ source }) => `${source.file}#${source.pointer}`));
  const policies = setup.policies.filter((policy) => right(policy) && able.has(`${policy.file}#${policy.pointer}`));
  const sets = setup.sets?.map((set) => ({ ...set, version: versionOfSet(policies.filter((policy) => policy.file === set.file)) }));
  const kept = { ...setup, policies, ...(sets && { sets }) };
  return { setup: kept, blueprint: compile(kept, file, words).blueprint };
}

function setupOf(manager: ManagerDocument, { policies, sets }: LoadedSets): Setup {
  const elements = manager.elements ?? {};
  const first = Object.keys(elements)[0]?.split('/')[0];
  return {
    domain: manager.domain ?? first ?? 'homeostat',
    mode: manager.mode ?? 'observe',
    types: manager.types,
    elements,
    policies,
    sets,
    budgets: manager.budgets ?? [],
    ...(manager.calendars === undefined ? {} : { calendars: manager.calendars }),
    ...(manager.pools === undefined ? {} : { pools: manager.pools }),
    ...(manager.oscillation === undefined ? {} : { oscillation: manager.oscillation }),
    limits: limitsOf(manager.limits),
    ...(manager.probes === undefined ? {} : { probes: manager.probes.map((probe) => probe.name) }),
  };
}

/** Limits with their defaults, which the schema states. */
export function limitsOf(given: ManagerDocument['limits'] = {}): Limits {
  const defaults = Object.entries(LimitsDocument.properties).map(
    ([name, schema]) => [name, (schema as unknown as { default: number }).default] as const,
  );
  return { ...Object.fromEntries(defaults), ...given } as Limits;
}

function checkNames(manager: ManagerDocument, place: Place, findings: Findings): void {
  const id = new RegExp(ID_PATTERN);
  for (const element of Object.keys(manager.elements ?? {})) {
    if (!id.test(element))
      findings.error(
        'H003',
        at(place, 'elements', element),
        `"${element}" is no id of an element`,
        'use letters, digits, _ : . - and / between the parts, such as shop/server-3',
      );
  }
  const seen = new Set<string>();
  for (const [i, probe] of (manager.probes ?? []).entries()) {
    if (seen.has(probe.name)) findings.error('H006', at(place, 'probes', i, 'name'), `two probes are named "${probe.name}"`);
    seen.add(probe.name);
  }
}

/** The kinds of probes and actuators, and the options of each. */
function checkKinds(manager: ManagerDocument, place: Place, findings: Findings): void {
  for (const [i, probe] of (manager.probes ?? []).entries()) {
    const { name: _name, kind, element, scope, every: _every, timeout: _timeout, jitter: _jitter, at: _at, ...options } = probe;
    const here = at(place, 'probes', i);
    checkKind(PROBE_KINDS, kind, options, here, findings);
    if ((element === undefined) === (scope === undefined))
      findings.error('H003', here, 'a probe measures either one "element" or each in a "scope"');
    if (element !== undefined && manager.elements?.[element] === undefined && !element.includes('/')) {
      findings.error(
        'H005',
        at(here, 'element'),
        `no element is named "${element}"${nearest(element, Object.keys(manager.elements ?? {}))}`,
      );
    }
    if (scope?.type !== undefined && manager.types[scope.type] === undefined) {
      findings.error(
        'H005',
        at(here, 'scope', 'type'),
        `no type is named "${scope.type}"${nearest(scope.type, Object.keys(manager.types))}`,
      );
    }
  }
  checkReads(manager, place, findings);
  const actuators = manager.actuators ?? {};
  for (const [name, { kind, at: _at, ...options }] of Object.entries(actuators)) {
    const here = at(place, 'actuators', name);
    if (!checkKind(ACTUATOR_KINDS, kind, options, here, findings)) continue;
    const { check } = ACTUATOR_KINDS.find((k) => k.kind === kind) as ActuatorKind<unknown>;
    for (const mistake of check?.(options, operationsOf(manager, name)) ?? [])
      findings.error('H007', at(here, ...mistake.at), mistake.message, mistake.remedy);
  }
  for (const [type, { commands = {} }] of Object.entries(manager.types)) {
    for (const [name, command] of Object.entries(commands)) {
      const here = at(place, 'types', type, 'commands', name);
      const actuator = command.actuator ?? 'log';
      const kind = actuators[actuator]?.kind ?? (actuator === 'log' || actuator === 'set' ? actuator : undefined);
      if (kind === undefined)
        findings.error(
          'H005',
          at(here, 'actuator'),
          `no actuator is named "${actuator}"${nearest(actuator, [...Object.keys(actuators), 'log', 'set'])}`,
        );
      const operations = ACTUATOR_KINDS.find((k) => k.kind === kind)?.operations;
      const operation = command.operation ?? name;
      if (operations !== undefined && !operations.includes(operation)) {
        findings.error(
          'H005',
          at(here, 'operation'),
          `actuator "${actuator}" has no operation "${operation}"${nearest(operation, operations)}`,
        );
      }
    }
  }
}

/** The operations that the commands of all types ask of an actuator. */
function operationsOf(manager: ManagerDocument, actuator: string): readonly string[] {
  const commands = Object.values(manager.types).flatMap((type) => Object.entries(type.commands ?? {}));
  return [...new Set(commands.flatMap(([name, command]) => (command.actuator === actuator ? [command.operation ?? name] : [])))].sort();
}

/** What a probe is told to read under a name must be observed by the type: a misspelt name would be left out in silence. */
function checkReads(manager: ManagerDocument, place: Place, findings: Findings): void {
  for (const [i, probe] of (manager.probes ?? []).entries()) {
    const type = probe.scope?.type ?? (probe.element === undefined ? undefined : manager.elements?.[probe.element]?.type);
    const properties = type === undefined ? undefined : manager.types[type]?.properties;
    const { read } = probe;
    if (properties === undefined || typeof read !== 'object' || read === null || probe.elementFrom !== undefined) continue;
    // The wildcards of an mqtt topic name elements of other types.
    if (typeof probe.topic === 'string' && /[+#]/.test(probe.topic)) continue;
    const observed = Object.entries(properties).map(([name, { gauge }]) => (typeof gauge?.of === 'string' ? gauge.of : name));
    for (const name of Object.keys(read)) {
      if (observed.includes(name)) continue;
      findings.error(
        'H005',
        at(place, 'probes', i, 'read', name),
        `type "${type}" observes no property "${name}"${nearest(name, observed)}`,
      );
    }
  }
}

function checkKind(
  kinds: readonly { readonly kind: string; readonly options: TSchema }[],
  name: string,
  options: Record<string, unknown>,
  place: Place,
  findings: Findings,
): boolean {
  const kind = kinds.find((k) => k.kind === name);
  if (kind === undefined) {
    findings.error(
      'H005',
      at(place, 'kind'),
      `there is no kind "${name}"${nearest(
        name,
        kinds.map((k) => k.kind),
      )}`,
    );
    return false;
  }
  return validate(kind.options, options, place, findings);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || value instanceof Map || value instanceof Set) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
