/** The compiler: from the configuration as it is written to the blueprint that the step reads, with every mistake on the way. */
import type { Words } from '../analyze/operators.ts';
import type { Language } from '../analyze/parse.ts';
import type { Action, Blueprint, CommandType, ElementType, Policy, PolicySource, Property, Setup } from '../knowledge/blueprint.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import { targetMemoryMs } from '../knowledge/pace.ts';
import { nearest } from '../suggest.ts';
import { checkDependencies, checkMerges, checkUtility, compilePools } from './arbitration.ts';
import { budgetsOf } from './budgets.ts';
import { duplicates } from './duplicates.ts';
import { checkLevels, membersOf, relocate } from './family.ts';
import { failSafeOf } from './missing.ts';
import { compileOscillation } from './oscillation.ts';
import { checkOwn } from './own.ts';
import { compilePolicy } from './policies.ts';
import { at, Findings, type Place } from './report.ts';
import { type Calendars, compileCalendars } from './schedule.ts';
import { partsOf, tellGuards, trialOf } from './sets.ts';
import { checkSilences } from './silence.ts';
import { commandType, compileTypes } from './types.ts';
import { checkZoneOf } from './zones.ts';

/** What policies are compiled with. */
interface Ground {
  readonly calendars: Calendars;
  readonly language: Language;
  readonly findings: Findings;
  /** Policies that were compiled with the same before, by name. */
  readonly same: ReadonlyMap<string, Policy>;
}

/** Commands that every element has, whatever its type declares: a word to people. */
export const EVERYWHERE = new Map([['notify', commandType('notify', { actuator: 'log', idempotent: true, deadline: '10s' })]]);

/**
 * Compiles what is right and reports what is wrong. Policies with mistakes are left out of the blueprint. `file`: that of the manager. `before`: a blueprint made
 * with the same words, of which policies that have not changed are taken over.
 */
export function compile(
  setup: Setup,
  file: string,
  words?: Words,
  before?: Blueprint,
): { readonly blueprint: Blueprint; readonly findings: Findings } {
  const findings = new Findings();
  const calendars = compileCalendars(setup.calendars ?? {}, { file, pointer: '/calendars' }, findings);
  const language: Language = { paths: false, ...(words === undefined ? {} : { words }) };
  const isSame = before !== undefined && isSameGround(setup, before.setup);
  const { plain, challenges } = partsOf(setup);
  const compiled = (sources: readonly PolicySource[], same: ReadonlyMap<string, Policy> | undefined) =>
    compileSources(sources, setup, { calendars, language, findings, same: (isSame && same) || new Map() });
  const policies = compiled(plain, before?.policies);
  const challengers = new Map<string, Policy>();
  // Each version is checked with what is beside it where it decides.
  const together = challenges.map(({ sources, predecessor }) => {
    const own = compiled(sources, before?.challengers);
    const beside = [...policies].filter(([, { source }]) => source.file !== predecessor);
    for (const [name, policy] of own) {
      const twin = challengers.get(name) ?? beside.find(([other]) => other === name)?.[1];
      if (twin === undefined) challengers.set(name, policy);
      else
        findings.error('H006', at(policy.source, 'name'), `the name "${name}" is used by ${twin.source.file}#${twin.source.pointer} too`);
    }
    return { own, all: new Map([...beside, ...own]) };
  });
  const types = compileTypes(setup, [...policies.values(), ...challengers.values()], file, findings);
  checkElements(setup, types, { file, pointer: '/elements' }, findings);
  checkSilences(setup, { file, pointer: '' }, findings);
  for (const { own, all } of [{ own: policies, all: policies }, ...together]) {
    for (const policy of own.values()) {
      checkCommands(policy, all, types, setup, findings);
      checkZoneOf(policy, types, setup, findings);
      checkUtility(policy, (target) => targetTypes(policy, target, types, setup), setup, findings);
    }
  }
  checkMerges(setup, { file, pointer: '' }, findings);
  checkDependencies(setup, { file, pointer: '/elements' }, findings);
  const all = [...policies.values(), ...challengers.values()];
  const budgets = budgetsOf(setup, [...policies.values()], [...challengers.values()], { file, pointer: '/budgets' }, findings);
  const oscillation = compileOscillation(setup, { file, pointer: '/oscillation' }, findings);
  findings.replace(relocate(findings.list, setup.policies));
  tellGuards(findings, challenges, file);
  return {
    blueprint: {
      setup,
      types,
      policies,
      challengers,
      trials: challenges.map((challenge) => trialOf(challenge, all)),
      sets: new Map((setup.sets ?? []).map((set) => [set.file, set])),
      pools: compilePools(setup, types),
      budgets,
      oscillation,
      targetMemoryMs: Math.max(0, ...all.map((policy) => targetMemoryMs(policy.pace))),
      elementDependents: elementDependents(types),
      restedOn: restedOn(types),
    },
    findings,
  };
}

/** Compiles policies of which no two have one name, by that name. */
function compileSources(
  sources: readonly PolicySource[],
  setup: Setup,
  { calendars, language, findings, same }: Ground,
): Map<string, Policy> {
  const policies = new Map<string, Policy>();
  for (const source of families(sources, findings)) {
    const place: Place = { file: source.file, pointer: source.pointer };
    const policy = unchanged(source, same.get(source.name)) ?? compilePolicy(source, setup.mode, findings, calendars, language);
    if (policy !== undefined) policies.set(policy.name, policy);
    const { type, element } = source.document.scope ?? {};
    if (type !== undefined && setup.types[type] === undefined) {
      findings.error('H005', at(place, 'scope', 'type'), `no type is named "${type}"${nearest(type, Object.keys(setup.types))}`);
      policies.delete(source.name);
    }
    if (element !== undefined && setup.elements[element] === undefined && !element.includes('/')) {
      findings.error(
        'H005',
        at(place, 'scope', 'element'),
        `no element is named "${element}"${nearest(element, Object.keys(setup.elements))}`,
      );
    }
  }
  for (const source of sources) {
    if (typeof source.document.missing !== 'object') continue;
    const parts = [...policies.values()].filter((policy) => policy.source.file === source.file && partOf(policy.source, source));
    const failSafe = failSafeOf(source, parts, findings);
    const policy = failSafe && compilePolicy(failSafe, setup.mode, findings, calendars, language);
    if (policy === undefined) continue;
    const twin = policies.get(policy.name);
    if (twin === undefined) policies.set(policy.name, policy);
    else findings.error('H006', policy.source, `its name "${policy.name}" is used by ${twin.source.file}#${twin.source.pointer} too`);
  }
  return policies;
}

/** Whether policies are compiled to the same in both. */
const isSameGround = (one: Setup, other: Setup): boolean =>
  one.mode === other.mode && JSON.stringify(one.calendars ?? {}) === JSON.stringify(other.calendars ?? {});

/** What a policy was compiled to before, if that was the same policy in the same place. */
const unchanged = (source: PolicySource, policy: Policy | undefined): Policy | undefined =>
  policy?.source.version === source.version && policy.source.pointer === source.pointer && policy.source.file === source.file
    ? { ...policy, source }
    : undefined;

const partOf = ({ name, family }: PolicySource, source: PolicySource): boolean => (family?.name ?? name) === source.name;

/** The policies that the documents stand for, without those whose name another has. */
function families(sources: readonly PolicySource[], findings: Findings): readonly PolicySource[] {
  const twins = duplicates(sources, findings);
  for (const source of sources) checkLevels(source, findings);
  const members = sources.filter((source) => !twins.has(source)).flatMap(membersOf);
  const same = duplicates(members, findings);
  return members.filter((member) => !same.has(member));
}

function checkElements(setup: Setup, types: ReadonlyMap<string, ElementType>, place: Place, findings: Findings): void {
  for (const [id, document] of Object.entries(setup.elements)) {
    if (id === HOMEOSTAT)
      findings.error('H006', at(place, id), `"${HOMEOSTAT}" stands for Homeostat itself`, 'give the element another id');
    const type = types.get(document.type);
    if (type === undefined) {
      findings.error('H005', at(place, id, 'type'), `no type is named "${document.type}"${nearest(document.type, [...types.keys()])}`);
      continue;
    }
    for (const name of Object.keys(document.properties ?? {})) {
      const known = [...type.properties.values()].filter((p) => p.declared).map((p) => p.name);
      if (!known.includes(name))
        findings.error(
          'H005',
          at(place, id, 'properties', name),
          `type "${document.type}" has no property "${name}"${nearest(name, known)}`,
        );
    }
  }
}

/** Every action must name a command of what it acts on, and what is to be rolled back a property that it sets. */
function checkCommands(
  policy: Policy,
  policies: ReadonlyMap<string, Policy>,
  types: ReadonlyMap<string, ElementType>,
  setup: Setup,
  findings: Findings,
): void {
  const place = (pointer: string): Place => ({ file: policy.source.file, pointer });
  const commandsOf = ({ command, target }: Action): CommandType[] =>
    target === HOMEOSTAT ? [] : targetTypes(policy, target, types, setup).flatMap((type) => type.commands.get(command) ?? []);
  const expectations = [policy, ...(policy.means.remedies ?? [])].map(({ expect }) => expect);
  for (const action of [...policy.actions, ...new Set(expectations.flatMap((expect) => expect?.otherwise ?? []))]) {
    if (action.target === HOMEOSTAT) {
      checkOwn(policy, action, policies, setup, findings);
      continue;
    }
    if (
      action.params.by !== undefined &&
      action.params.to !== undefined &&
      commandsOf(action).some((command) => command.property !== undefined)
    )
      findings.error('H003', place(action.pointer), `"${action.command}" takes either "by" or "to"`, 'remove one of the two');
    if (EVERYWHERE.has(action.command) || commandsOf(action).length > 0) continue;
    const candidates = targetTypes(policy, action.target, types, setup);
    const known = [...new Set([...candidates.flatMap((type) => [...type.commands.keys()]), ...EVERYWHERE.keys()])];
    const whom = candidates.length === 1 ? `type "${candidates[0]!.name}"` : 'no type that it can act on';
    findings.error(
      'H005',
      place(action.pointer),
      `${whom} has ${candidates.length === 1 ? 'no' : 'a'} command "${action.command}"${nearest(action.command, known)}`,
    );
  }
  for (const { actions, expect } of policy.means.remedies ?? [policy]) {
    for (const action of expect?.rollBack === true ? actions : []) {
      // Words to people change nothing, unless they are all there is.
      if (EVERYWHERE.has(action.command) && actions.length > 1) continue;
      if (commandsOf(action).some((command) => command.property !== undefined)) continue;
      findings.error(
        'H003',
        place(action.pointer),
        `"${action.command}" cannot be rolled back: it names no property that it sets`,
        'name the property where the command is declared, or compensate by stated actions',
      );
    }
  }
}

function targetTypes(policy: Policy, target: string, types: ReadonlyMap<string, ElementType>, setup: Setup): ElementType[] {
  const named = target === 'self' ? policy.scope.type : target === 'parent' ? undefined : setup.elements[target]?.type;
  const type = named === undefined ? undefined : types.get(named);
  return type === undefined ? [...types.values()] : [type];
}

function elementDependents(types: ReadonlyMap<string, ElementType>): Blueprint['elementDependents'] {
  const dependents = new Map<string, { readonly type: string; readonly property: Property }[]>();
  for (const type of types.values()) {
    for (const property of type.properties.values()) {
      if (property.source.kind !== 'element') continue;
      const key = `${property.source.element}\t${property.source.of}`;
      dependents.set(key, [...(dependents.get(key) ?? []), { type: type.name, property }]);
    }
  }
  return dependents;
}

function restedOn(types: ReadonlyMap<string, ElementType>): Set<string> {
  const names = new Set<string>();
  for (const { ownDependents, parentDependents, childDependents, properties } of types.values()) {
    for (const dependents of [ownDependents, parentDependents, childDependents]) for (const name of dependents.keys()) names.add(name);
    for (const { source } of properties.values()) if (source.kind === 'element') names.add(source.of);
  }
  return names;
}
