/** What the configuration says of arbitration: merges of commands, pools, all-or-nothing plans, and the order in which elements depend on each other. */
import type { PolicyDocument } from '../documents/policy.ts';
import type { Arbitration, ElementType, Policy, Pool, Setup } from '../knowledge/blueprint.ts';
import { cycleIn } from '../knowledge/dependencies.ts';
import { nearest } from '../suggest.ts';
import { compileParam, factsOfParam } from './params.ts';
import { at, type Findings, type Place } from './report.ts';

/** In a utility, how many units the element would have: no property. */
export const UNITS = 'units';

export function compileArbitration({ together = false, utility }: PolicyDocument, place: Place, findings: Findings): Arbitration {
  const source = utility === undefined ? undefined : compileParam(utility, at(place, 'utility'), findings);
  return source === undefined
    ? { together, facts: [] }
    : { together, utility: source, facts: factsOfParam(source).filter((f) => f !== UNITS) };
}

/** The pools, and which properties of which types say how much of them is held. */
export function compilePools(setup: Setup, types: ReadonlyMap<string, ElementType>): ReadonlyMap<string, Pool> {
  return new Map(
    Object.entries(setup.pools ?? {}).map(([name, { total, unit = 1 }]) => {
      const holders = new Map<string, readonly string[]>();
      for (const type of types.values()) {
        const held = [...type.commands.values()].flatMap((c) => (c.pool === name && c.property !== undefined ? [c.property] : []));
        if (held.length > 0) holders.set(type.name, [...new Set(held)].sort());
      }
      return [name, { name, total, unit, holders }];
    }),
  );
}

/** What is wrong with merges and pools in the manager file. */
export function checkMerges(setup: Setup, place: Place, findings: Findings): void {
  const pools = Object.keys(setup.pools ?? {});
  for (const [type, { commands = {} }] of Object.entries(setup.types)) {
    const first = new Map<string, string>();
    for (const [name, command] of Object.entries(commands)) {
      const here = at(place, 'types', type, 'commands', name);
      const { merge, pool, property } = command;
      if (pool !== undefined && !pools.includes(pool)) {
        findings.error('H005', at(here, 'pool'), `no pool is named "${pool}"${nearest(pool, pools)}`, 'declare it under "pools"');
      }
      if ((merge === 'utility') !== (pool !== undefined)) {
        findings.error('H003', here, '"merge": "utility" divides a pool, and a pool is divided by utility', 'give both or neither');
      }
      if (merge === undefined) continue;
      if (property === undefined) {
        findings.error('H003', at(here, 'merge'), 'only numbers merge, and this command sets no property', 'name its "property"');
      }
      const resource = command.resource ?? property ?? name;
      const how = JSON.stringify([merge, pool ?? null, property ?? null]);
      const before = first.get(resource) ?? how;
      first.set(resource, before);
      if (before !== how) {
        findings.error('H003', at(here, 'merge'), `another command that sets "${resource}" merges in another way`, 'let all merge alike');
      }
    }
  }
  for (const [name, { total }] of Object.entries(setup.pools ?? {})) {
    if (typeof total === 'object') checkTotal(setup, total, at(place, 'pools', name, 'total'), findings);
  }
}

function checkTotal(setup: Setup, total: { readonly element: string; readonly property: string }, place: Place, findings: Findings): void {
  const element = setup.elements[total.element];
  if (element === undefined) {
    if (!total.element.includes('/'))
      findings.error(
        'H005',
        at(place, 'element'),
        `no element is named "${total.element}"${nearest(total.element, Object.keys(setup.elements))}`,
      );
    return;
  }
  const known = Object.keys(setup.types[element.type]?.properties ?? {});
  if (!known.includes(total.property))
    findings.error(
      'H005',
      at(place, 'property'),
      `type "${element.type}" has no property "${total.property}"${nearest(total.property, known)}`,
    );
}

/** A policy whose commands draw on a pool must say what a unit is worth to it; `targets`: the types that an action may act on. */
export function checkUtility(policy: Policy, targets: (target: string) => readonly ElementType[], setup: Setup, findings: Findings): void {
  const place: Place = { file: policy.source.file, pointer: policy.source.pointer };
  const { utility, together } = policy.arbitration;
  const pooled = [...policy.actions, ...(policy.expect?.otherwise ?? [])].find(({ target, command }) =>
    targets(target).some((type) => type.commands.get(command)?.pool !== undefined),
  );
  if (pooled !== undefined && utility === undefined) {
    findings.error(
      'H003',
      place,
      `"${pooled.command}" draws on a pool that is divided by utility, and the policy states none`,
      'add "utility"',
    );
  }
  if (pooled !== undefined && together) {
    findings.error('H003', at(place, 'together'), `a pool may grant a part of what "${pooled.command}" asks: it cannot be all or nothing`);
  }
  if (pooled === undefined && utility !== undefined) {
    findings.error('H003', at(place, 'utility'), 'none of its commands draws on a pool, so nothing asks for its utility', 'remove it');
  }
  const type = policy.scope.type === undefined ? undefined : setup.types[policy.scope.type];
  if (utility !== undefined && factsOfParam(utility).includes(UNITS) && type?.properties?.[UNITS] !== undefined) {
    findings.error(
      'H006',
      at(place, 'utility'),
      `"${UNITS}" is how many it would have, and a property of its type too`,
      'rename the property',
    );
  }
}

/** Elements must not depend on each other in a circle, for then none could come first. */
export function checkDependencies(setup: Setup, place: Place, findings: Findings): void {
  const of = (id: string) => setup.elements[id]?.relations?.dependsOn ?? [];
  for (const id of Object.keys(setup.elements)) {
    for (const [i, below] of of(id).entries()) {
      if (setup.elements[below] === undefined && !below.includes('/'))
        findings.error(
          'H005',
          at(place, id, 'relations', 'dependsOn', i),
          `no element is named "${below}"${nearest(below, Object.keys(setup.elements))}`,
        );
    }
  }
  const cycle = cycleIn(Object.keys(setup.elements), of);
  if (cycle !== undefined)
    findings.error(
      'H109',
      at(place, cycle[0]!, 'relations', 'dependsOn'),
      `these elements depend on each other: ${cycle.join(' → ')}`,
      'take one of them out of the circle',
    );
}
