/** Where the observations of a type come from, as far as the manager file says. What cannot be told counts as fed. */
import type { ManagerDocument, ProbeDocument } from '../documents/manager.ts';
import { durationMs } from '../duration.ts';
import { isObject } from '../json.ts';
import type { ElementType, Property } from '../knowledge/blueprint.ts';
import { parseFact } from '../knowledge/facts.ts';
import { readsSeries } from '../monitor/gauges/gauge.ts';
import { DEFAULT_EVERY_MS } from '../monitor/schedule.ts';

/** A source of one observed series. `everyMs`: its interval; undefined: it comes when it comes. */
interface Feed {
  readonly name: string;
  readonly everyMs: number | undefined;
}

type Types = ReadonlyMap<string, ElementType>;

/** The names that a probe observes; undefined: any. */
function namesOf(probe: ProbeDocument): readonly string[] | undefined {
  const read = isObject(probe.read) ? Object.keys(probe.read) : undefined;
  switch (probe.kind) {
    case 'exec':
      return probe.output === 'number' ? (typeof probe.property === 'string' ? [probe.property] : []) : read;
    case 'file':
    case 'kafka':
      return read;
    case 'host':
      return [
        ...['cpu', 'memoryUsedShare', 'memoryUsedBytes', 'memoryAvailableBytes', 'load1', 'load5', 'load15'],
        ...(isObject(probe.disks) ? Object.keys(probe.disks) : []).flatMap((disk) => [`${disk}UsedShare`, `${disk}AvailableBytes`]),
      ];
    case 'http':
      return ['status', 'latencyMs', ...(read ?? [])];
    case 'mqtt': {
      if (Array.isArray(probe.wildcards) && probe.wildcards.includes('property')) return undefined;
      const online = isObject(probe.online) ? [typeof probe.online.property === 'string' ? probe.online.property : 'online'] : [];
      return [...(read ?? []), ...(typeof probe.property === 'string' ? [probe.property] : []), ...online];
    }
    case 'process':
      return ['cpu', 'memoryBytes', 'pid', 'state', 'threads'];
    default:
      return undefined;
  }
}

/** Whether a probe may speak of elements of a type. */
function speaksOf(probe: ProbeDocument, type: string, manager: ManagerDocument): boolean {
  if (Array.isArray(probe.series) && probe.series.some((one) => isObject(one) && one.element !== undefined)) return true;
  if (probe.kind === 'mqtt' && typeof probe.topic === 'string' && /[+#]/.test(probe.topic)) return true;
  if (probe.elementFrom !== undefined || probe.actuator !== undefined || probe.kind === 'push') return true;
  if (probe.scope !== undefined) return probe.scope.type === undefined || probe.scope.type === type;
  const own = probe.element === undefined ? undefined : manager.elements?.[probe.element]?.type;
  return own === undefined || own === type;
}

/** The sources of a series that elements of a type observe. */
export function feedsOf(manager: ManagerDocument, type: string, series: string): readonly Feed[] {
  const probes = (manager.probes ?? []).flatMap((probe): Feed[] => {
    const names = namesOf(probe);
    if (!speaksOf(probe, type, manager) || (names !== undefined && !names.includes(series))) return [];
    // A file is written by others, and what is pushed or published comes when they do.
    const paced = !['push', 'file', 'kafka', 'mqtt'].includes(probe.kind);
    return [{ name: probe.name, everyMs: paced ? (probe.every === undefined ? DEFAULT_EVERY_MS : durationMs(probe.every)) : undefined }];
  });
  const actuators = Object.entries(manager.actuators ?? {}).flatMap(([name, actuator]): Feed[] => {
    const told = Array.isArray(actuator.publishes) && actuator.publishes.includes(series);
    const known =
      actuator.kind === 'process' ||
      actuator.kind === 'exec' ||
      actuator.kind === 'http' ||
      actuator.kind === 'log' ||
      actuator.kind === 'mqtt' ||
      actuator.kind === 'set';
    return told || !known ? [{ name, everyMs: undefined }] : [];
  });
  // Whoever writes to the intake may speak of anything.
  const intake: readonly Feed[] = manager.intake?.http === undefined ? [] : [{ name: 'intake', everyMs: undefined }];
  return [...probes, ...actuators, ...intake];
}

/** Whether a property of a type can ever have a value. */
export function isFed(
  manager: ManagerDocument,
  types: Types,
  type: ElementType,
  property: Property,
  within: readonly string[] = [],
): boolean {
  const key = `${type.name}\t${property.name}`;
  if (within.includes(key) || property.initial !== undefined || isSet(manager, type, property.name)) return true;
  const { source } = property;
  const deeper = [...within, key];
  if (source.kind === 'parent') return anywhere(manager, types, source.of, deeper);
  if (source.kind === 'element') {
    const owner = types.get(manager.elements?.[source.element]?.type ?? '');
    const own = owner?.properties.get(source.of);
    return owner === undefined || own === undefined || isFed(manager, types, owner, own, deeper);
  }
  // Whether it changed, or is known, is told of any property.
  if (source.kind === 'question') return true;
  const { gauge } = source;
  if (gauge.over === 'children') return gauge.of === '' || anywhere(manager, types, gauge.of, deeper);
  // What tells of silence has a value also where nothing is heard, but only a source can break it.
  if (gauge.over === 'series' && readsSeries(gauge)) return feedsOf(manager, type.name, gauge.of ?? property.name).length > 0;
  // A machine is always in a state; whether it can ever leave it is another question.
  if (gauge.over === 'series') return true;
  // One unknown fact need not make an expression unknown; where none is known, nothing is.
  const facts = gauge.facts.flatMap((fact) => type.properties.get(fact) ?? []);
  return facts.length === 0 || facts.some((fact) => isFed(manager, types, type, fact, deeper));
}

const anywhere = (manager: ManagerDocument, types: Types, property: string, within: readonly string[]): boolean =>
  [...types.values()].some((type) => {
    const own = type.properties.get(property);
    return own?.declared === true && isFed(manager, types, type, own, within);
  });

/** Set by the configuration, by a command, or by whoever announces elements of a type of which the file has none. */
function isSet(manager: ManagerDocument, type: ElementType, property: string): boolean {
  const elements = Object.values(manager.elements ?? {}).filter((element) => element.type === type.name);
  if (elements.some((element) => Object.hasOwn(element.properties ?? {}, property))) return true;
  if ([...type.commands.values()].some((command) => command.property === property)) return true;
  return elements.length === 0 && !isMeasuredOnly(manager, type.name, property);
}

/** A member of a pool has the properties that the pool gives it, and no others. */
function isMeasuredOnly(manager: ManagerDocument, type: string, property: string): boolean {
  const pools = Object.values(manager.actuators ?? {}).flatMap(({ pool }) => (isObject(pool) && pool.type === type ? [pool] : []));
  return pools.length > 0 && !pools.some(({ properties }) => isObject(properties) && Object.hasOwn(properties, property));
}

/** The observed series that a fact of a type rests on, as `type\tseries`, derived facts included. */
export function seriesOf(
  types: Types,
  type: ElementType,
  fact: string,
  within: readonly string[] = [],
): readonly (readonly [type: string, series: string])[] {
  const property = type.properties.get(fact);
  const key = `${type.name}\t${fact}`;
  if (property === undefined || within.includes(key) || parseFact(fact)?.of !== 'self' || property.source.kind !== 'gauge') return [];
  const { gauge } = property.source;
  if (gauge.over === 'children') return [];
  if (gauge.over === 'readings') return gauge.facts.flatMap((below) => seriesOf(types, type, below, [...within, key]));
  if (!readsSeries(gauge)) return (gauge.facts ?? []).flatMap((below) => seriesOf(types, type, below, [...within, key]));
  return [[type.name, gauge.of ?? fact]];
}
