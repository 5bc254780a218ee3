/** Types, from their documents to what the step reads: properties with gauges and ranks, commands, and who rests on whom. */
import { parseQuestion, type Question } from '../analyze/temporal.ts';
import type { PropertyDocument, TypeDocument } from '../documents/manager.ts';
import { durationMs } from '../duration.ts';
import type { CommandType, ElementType, Policy, Property, PropertySource, SeriesPlan, Setup } from '../knowledge/blueprint.ts';
import { parseFact } from '../knowledge/facts.ts';
import { countChildren, createGauge, foldChildren } from '../monitor/gauges/create.ts';
import { type Gauge, readsSeries } from '../monitor/gauges/gauge.ts';
import { nearest } from '../suggest.ts';
import { rank } from './ranks.ts';
import { at, type Findings, type Place } from './report.ts';
import { checkZones } from './zones.ts';

/** How long a command may take if its type does not say. */
const DEFAULT_DEADLINE = '30s';
const DEFAULT_BACKOFF = '500ms';

/** A type on its way: properties are added as policies name facts. */
interface Draft {
  readonly name: string;
  readonly document: TypeDocument;
  readonly place: Place;
  readonly properties: Map<string, Omit<Property, 'rank'>>;
  readonly policies: Policy[];
}

const DECLARE = 'take the suggested name, or declare the property under its type';

const LAST: Gauge = createGauge({ kind: 'last' });

export function compileTypes(setup: Setup, policies: readonly Policy[], file: string, findings: Findings): Map<string, ElementType> {
  const place: Place = { file, pointer: '/types' };
  const drafts = Object.entries(setup.types).map(([name, document]): Draft => {
    const here = at(place, name);
    return {
      name,
      document,
      place: here,
      properties: declared(document, here, findings),
      policies: policies.filter((p) => p.scope.type === undefined || p.scope.type === name),
    };
  });
  for (const draft of drafts) implied(draft, drafts, setup, findings);
  for (const policy of policies) strangers(policy, drafts, setup, findings);
  const ranks = rankAll(drafts, place, findings);
  return new Map(drafts.map((draft) => [draft.name, finish(draft, (property) => ranks.get(`${draft.name}\t${property}`) ?? 0)]));
}

function declared(document: TypeDocument, place: Place, findings: Findings): Draft['properties'] {
  const properties: Draft['properties'] = new Map();
  for (const [name, property] of Object.entries(document.properties ?? {})) {
    const here = at(place, 'properties', name);
    const gauge = property.gauge === undefined ? LAST : findings.attempt(at(here, 'gauge'), () => createGauge(property.gauge!));
    if (property.deadZone !== undefined && property.deadZone.low > property.deadZone.high) {
      findings.error('H003', at(here, 'deadZone'), `low ${property.deadZone.low} is above high ${property.deadZone.high}`);
    }
    checkZones(property.zones, at(here, 'zones'), findings);
    if (gauge !== undefined)
      properties.set(name, {
        name,
        unit: property.unit,
        source: { kind: 'gauge', gauge },
        staleMs: staleOf(property),
        deadZone: property.deadZone,
        zones: property.zones,
        initial: property.initial,
        declared: true,
      });
  }
  return properties;
}

const staleOf = (property: PropertyDocument): number | null | undefined =>
  property.stale === undefined ? undefined : property.stale === 'never' ? null : durationMs(property.stale);

/** Adds the copies and roll-ups that facts such as `parent.capacity` ask for, and finds facts that refer to nothing. */
function implied(draft: Draft, drafts: readonly Draft[], setup: Setup, findings: Findings): void {
  const own = [...draft.properties.values()];
  for (const property of own) {
    const gauge = property.source.kind === 'gauge' ? property.source.gauge : undefined;
    const facts = gauge?.over === 'readings' ? gauge.facts : gauge?.over === 'series' ? (gauge.facts ?? []) : [];
    for (const fact of facts) need(fact, at(draft.place, 'properties', property.name, 'gauge'));
    if (gauge?.over === 'children' && gauge.of !== '' && !has(drafts, gauge.of, gauge.type)) {
      findings.error('H103', at(draft.place, 'properties', property.name, 'gauge'), `no type has a property "${gauge.of}" to roll up`);
    }
  }
  for (const policy of draft.policies) {
    for (const fact of [...policy.needs, ...(policy.deadZone === undefined ? [] : [policy.deadZone.fact])]) {
      if (policy.scope.type === undefined && !knows(fact)) continue;
      for (const pointer of policy.mentions.get(fact) ?? [policy.source.pointer]) need(fact, { file: policy.source.file, pointer });
    }
  }

  function knows(fact: string): boolean {
    const name = parseQuestion(fact)?.of ?? fact;
    return draft.properties.has(name) || name.includes('.');
  }

  function need(fact: string, place: Place): void {
    if (draft.properties.has(fact)) return;
    const question = parseQuestion(fact);
    if (question !== undefined) need(question.of, place);
    const source = question === undefined ? sourceOf(fact) : questionOf(question);
    if (typeof source === 'string') findings.error('H103', place, source, DECLARE);
    else if (source !== undefined)
      draft.properties.set(fact, {
        name: fact,
        unit: undefined,
        source,
        staleMs: null,
        deadZone: undefined,
        initial: undefined,
        declared: false,
      });
  }

  /** Undefined: what it asks about is not known, which was said. */
  function questionOf({ of, asks, withinMs }: Question): PropertySource | undefined {
    return draft.properties.has(of) ? { kind: 'question', of, asks, withinMs } : undefined;
  }

  /** Where the value of a fact comes from, or what is wrong with its name. */
  function sourceOf(fact: string): PropertySource | string {
    const name = parseFact(fact);
    switch (name?.of) {
      case 'parent':
        return has(drafts, name.property)
          ? { kind: 'parent', of: name.property }
          : `no type has a property "${name.property}", which "${fact}" names${nearest(name.property, all(drafts))}`;
      case 'count':
        return { kind: 'gauge', gauge: countChildren() };
      case 'children': {
        if (!has(drafts, name.property))
          return `no type has a property "${name.property}", which "${fact}" names${nearest(name.property, all(drafts))}`;
        const gauge = foldChildren(name.property, name.fold);
        return gauge === undefined
          ? `"${name.fold}" in "${fact}" is no way to roll children up; known: sum, mean, min, max, count, p50, p90, p95, p99, p999`
          : { kind: 'gauge', gauge };
      }
      case 'element': {
        const type = setup.elements[name.element]?.type;
        if (type === undefined && !name.element.includes('/'))
          return `"${fact}" names no element of this file${nearest(name.element, Object.keys(setup.elements))}`;
        return has(drafts, name.property, type)
          ? { kind: 'element', element: name.element, of: name.property }
          : `"${fact}" names no property of "${name.element}"`;
      }
      default:
        return `type "${draft.name}" has no property "${fact}"${nearest(fact, [...draft.properties.keys()])}`;
    }
  }
}

/** A policy that names no type is about every element that has its facts; a fact that none of them has is a mistake. */
function strangers(policy: Policy, drafts: readonly Draft[], setup: Setup, findings: Findings): void {
  const { type, element } = policy.scope;
  if (type !== undefined) return;
  const only = element === undefined ? undefined : setup.elements[element]?.type;
  const about = drafts.filter((draft) => only === undefined || draft.name === only);
  for (const fact of policy.needs) {
    const name = parseQuestion(fact)?.of ?? fact;
    if (name.includes('.') || about.length === 0 || has(about, name)) continue;
    const whose = only === undefined ? 'no type has a' : `type "${only}" has no`;
    for (const pointer of policy.mentions.get(fact) ?? [policy.source.pointer])
      findings.error('H103', { file: policy.source.file, pointer }, `${whose} property "${name}"${nearest(name, all(about))}`, DECLARE);
  }
}

const has = (drafts: readonly Draft[], property: string, type?: string): boolean =>
  drafts.some((draft) => (type === undefined || draft.name === type) && draft.document.properties?.[property] !== undefined);

const all = (drafts: readonly Draft[]): string[] => [...new Set(drafts.flatMap((draft) => Object.keys(draft.document.properties ?? {})))];

/** The properties, by the names of their types, that a property rests on. */
function restsOn(type: string, source: PropertySource, drafts: readonly Draft[]): string[] {
  const everywhere = (property: string, only?: string): string[] =>
    drafts.filter((d) => (only === undefined || d.name === only) && d.properties.has(property)).map((d) => `${d.name}\t${property}`);
  if (source.kind === 'question') return [`${type}\t${source.of}`];
  if (source.kind !== 'gauge') return everywhere(source.of);
  if (source.gauge.over === 'children') return everywhere(source.gauge.of, source.gauge.type);
  return (source.gauge.facts ?? []).map((fact) => `${type}\t${fact}`);
}

function rankAll(drafts: readonly Draft[], place: Place, findings: Findings): ReadonlyMap<string, number> {
  const nodes = drafts.flatMap((draft) =>
    [...draft.properties.values()].map((p) => ({ id: `${draft.name}\t${p.name}`, restsOn: restsOn(draft.name, p.source, drafts) })),
  );
  const ranked = rank(nodes);
  if ('ranks' in ranked) return ranked.ranks;
  findings.error('H108', place, `these properties rest on each other: ${ranked.cycle.map((id) => id.replace('\t', '.')).join(' → ')}`);
  return new Map();
}

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

function finish(draft: Draft, rankOf: (property: string) => number): ElementType {
  const properties = new Map<string, Property>();
  const [own, parent, child] = [new Map<string, Property[]>(), new Map<string, Property[]>(), new Map<string, Property[]>()];
  const rollups: Property[] = [];
  const series = new Map<string, Property[]>();
  for (const drafted of draft.properties.values()) {
    const property: Property = { ...drafted, rank: rankOf(drafted.name) };
    properties.set(property.name, property);
    const { source } = property;
    if (source.kind === 'parent') push(parent, source.of, property);
    if (source.kind === 'question') push(own, source.of, property);
    if (source.kind !== 'gauge') continue;
    if (source.gauge.over === 'children') {
      rollups.push(property);
      push(child, source.gauge.of, property);
    } else {
      for (const fact of source.gauge.facts ?? []) push(own, fact, property);
      if (source.gauge.over === 'series' && readsSeries(source.gauge)) push(series, source.gauge.of ?? property.name, property);
    }
  }
  return {
    name: draft.name,
    properties,
    commands: new Map(Object.entries(draft.document.commands ?? {}).map(([name, document]) => [name, commandType(name, document)])),
    series: new Map([...series].map(([name, gauges]) => [name, seriesPlan(gauges)])),
    ownDependents: own,
    parentDependents: parent,
    childDependents: child,
    rollups,
    policies: draft.policies,
  };
}

export const commandType = (name: string, document: NonNullable<TypeDocument['commands']>[string]): CommandType => ({
  ...document,
  name,
  resource: document.resource ?? document.property ?? name,
  operation: document.operation ?? name,
  actuator: document.actuator ?? 'log',
  deadlineMs: durationMs(document.deadline ?? DEFAULT_DEADLINE),
  backoffMs: durationMs(document.backoff ?? DEFAULT_BACKOFF),
});

function seriesPlan(gauges: readonly Property[]): SeriesPlan {
  let [windowMs, windowCount] = [0, 0];
  for (const { source } of gauges) {
    const window = source.kind === 'gauge' && source.gauge.over === 'series' ? source.gauge.window : undefined;
    if (window !== undefined && 'ms' in window) windowMs = Math.max(windowMs, window.ms);
    if (window !== undefined && 'count' in window) windowCount = Math.max(windowCount, window.count);
  }
  return { gauges, windowMs, windowCount };
}
