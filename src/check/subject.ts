/** What the analyses look at, and how they say what they found. */
import { at, type Place } from '../compile/report.ts';
import type { ManagerDocument } from '../documents/manager.ts';
import type { PolicyDocument } from '../documents/policy.ts';
import type { ErrorCode } from '../errors.ts';
import type { ElementType, Policy } from '../knowledge/blueprint.ts';
import type { ReadingChange } from '../messages.ts';

/** What was recorded: the elements of a type, and the readings of a property of one, oldest first; null where it became unknown. */
export interface Past {
  readonly elements: (type: string) => readonly string[];
  readonly readings: (element: string, property: string) => readonly ReadingChange['value'][];
}

export interface Subject {
  /** Policies without mistakes. */
  readonly policies: readonly Policy[];
  /** Empty without a manager file: then only what the conditions and the names of commands say is known. */
  readonly types: ReadonlyMap<string, ElementType>;
  readonly manager: { readonly file: string; readonly document: ManagerDocument } | undefined;
  readonly past: Past | undefined;
}

/** What one analysis found. Its code and severity are those of the table. */
export interface Found {
  readonly places: readonly [Place, ...Place[]];
  readonly message: string;
  readonly remedy: string;
}

/** One analysis: pure, with the code of what it finds. */
export interface Analysis {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  /** It looks at what was recorded, and finds nothing where that is not given. */
  readonly needsPast?: true;
  readonly find: (subject: Subject) => readonly Found[];
}

export const placeOf = (policy: Policy, ...parts: (string | number)[]): Place =>
  at({ file: policy.source.file, pointer: policy.source.pointer }, ...parts);

export const managerPlace = (subject: Subject, ...parts: (string | number)[]): Place =>
  at({ file: subject.manager?.file ?? '', pointer: '' }, ...parts);

/** Keys that change nothing in when a policy is raised, what holds it back or what it does, as far as the analyses look at these. */
const PLAIN: readonly string[] = [
  'name',
  'why',
  'concern',
  'scope',
  'priority',
  'conditions',
  'mode',
  'for',
  'deadZone',
  'cooldown',
  'breaker',
  'actions',
  'expect',
  'event',
  'silence',
  'allowEmpty',
  'advise',
];

/** Whether nothing is said of a policy but what the analyses understand (`also`: and these keys). What else there is may settle what they would find. */
export const isPlain = ({ source }: Policy, also: readonly (keyof PolicyDocument | string)[] = []): boolean =>
  // Levels of one policy make way for each other.
  source.family === undefined && Object.keys(source.document).every((key) => PLAIN.includes(key) || also.includes(key));

/** Whether an element can be in both scopes. */
export const overlap = (a: Policy, b: Policy): boolean =>
  agree(a.scope.type, b.scope.type) &&
  agree(a.scope.element, b.scope.element) &&
  Object.entries(a.scope.labels ?? {}).every(([name, value]) => agree(value, b.scope.labels?.[name]));

const agree = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;

/** Whether each element in the scope of `inner` is in that of `outer`. */
export const isWithinScope = (inner: Policy, outer: Policy): boolean =>
  (outer.scope.type === undefined || outer.scope.type === inner.scope.type) &&
  (outer.scope.element === undefined || outer.scope.element === inner.scope.element) &&
  Object.entries(outer.scope.labels ?? {}).every(([name, value]) => inner.scope.labels?.[name] === value);

/** The types whose elements may be in the scope of a policy. */
export const typesOf = (subject: Subject, policy: Policy): readonly ElementType[] =>
  [...subject.types.values()].filter(({ name }) => agree(policy.scope.type, name));

/** Every two of a list, once. */
export function* pairs<T>(list: readonly T[]): IterableIterator<readonly [T, T]> {
  for (const [i, a] of list.entries()) for (const b of list.slice(i + 1)) yield [a, b];
}

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
