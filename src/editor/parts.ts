/** The parts that specialised schemas are made of: closed lists of names, open ones, and definitions that refer to each other. */
import { ID_PATTERN } from '../messages.ts';
import type { Named, Names, TypeNames } from './names.ts';

export type Json = { [key: string]: unknown };

/** Ways to roll the children of an element up. */
const FOLDS = ['sum', 'mean', 'min', 'max', 'count', 'p50', 'p90', 'p95', 'p99', 'p999'];
/** Elements whose facts are listed one by one; more are accepted, and not listed. */
const ELEMENTS_LISTED = 200;

/** One of these and nothing else. `what`: what is said of another one. */
export const oneOf = (named: readonly Named[], what: string): Json => ({
  type: 'string',
  enum: named.map(({ name }) => name),
  ...(named.some(({ says }) => says !== '') ? { enumDescriptions: named.map(({ says }) => says) } : {}),
  errorMessage: what,
});

/** These are offered, and any other text is accepted. */
export const offered = (names: readonly string[]): Json => ({ anyOf: [{ type: 'string', enum: names }, { type: 'string' }] });

/** These, or what fits a pattern. */
const oneOfOr = (named: readonly Named[], pattern: string, what: string): Json => ({
  anyOf: [oneOf(named, what), { type: 'string', pattern, patternErrorMessage: what }],
});

export const plainly = (names: readonly string[]): Named[] => names.map((name) => ({ name, says: '' }));

/** The name of one of several things, as a pattern. */
export const among = (names: readonly string[]): string =>
  names.length === 0 ? '(?!)' : `(?:${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`;

export const ids = ({ types }: Names): string[] => types.flatMap(({ elements }) => elements);
export const allProperties = ({ types }: Names): string[] => [...new Set(types.flatMap((type) => type.properties.map(({ name }) => name)))];

/** A policy by its name, or by its file and place where some have none. */
export function policy(names: Names): Json {
  const what = 'the manager file names no such policy';
  return names.nameless ? oneOfOr(plainly(names.policies), '#/', what) : oneOf(plainly(names.policies), what);
}

/** An element by its id: one that is declared, or one below another, which may come at run time. */
export const element = (names: Names): Json => oneOfOr(plainly(ids(names)), '/', 'the manager file declares no such element');

/**
 * A fact as an element of these types sees it: its own properties, those of its parent, of its children rolled up, and of other elements by
 * their ids.
 */
export function fact(names: Names, types: readonly TypeNames[], type?: string): Json {
  const everything = allProperties(names);
  const own = new Map(types.flatMap((type) => type.properties.map((property) => [property.name, property] as const)));
  const known = ids(names);
  const listed = known.length > ELEMENTS_LISTED ? [] : names.types;
  const facts: Named[] = [
    ...own.values(),
    ...everything.map((name) => ({ name: `parent.${name}`, says: `${name} of its parent` })),
    { name: 'children.count', says: 'how many children it has' },
    ...names.setPoints.map((name) => ({ name: `setPoint.${name}`, says: `a set-point of the policy` })),
    ...everything.flatMap((name) => FOLDS.map((fold) => ({ name: `children.${name}.${fold}`, says: `${name} of its children` }))),
    ...listed.flatMap((type) =>
      type.elements.flatMap((id) => type.properties.map(({ name }) => ({ name: `${id}.${name}`, says: `${name} of ${id}` }))),
    ),
  ];
  // Elements that are not declared may come at run time; their ids have several parts.
  // A set-point is stated by the policy itself, which may just be written.
  const others = `^(?:setPoint\\..+|${listed.length === 0 ? '.+' : '[^/]+/.+'}\\.${among(everything)})$`;
  return oneOfOr(facts, others, type === undefined ? 'no type has such a property' : `a ${type} has no such property`);
}

export const ELEMENT_PATTERN = ID_PATTERN.replace(/^\^|\$$/g, '');

/** The same for all that a map from names to schemas holds. */
export const mapValues = (json: Json, change: (name: string, value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, change(name, value)]));

export const isJson = (node: unknown): node is Json => typeof node === 'object' && node !== null && !Array.isArray(node);
