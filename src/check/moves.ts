/** What the actions of a policy do: which resource they set, which way, and what that pulls along. */
import type { Place } from '../compile/report.ts';
import type { Action, CommandType, ElementType, ParamSource, Policy } from '../knowledge/blueprint.ts';
import type { Value } from '../messages.ts';
import { type Subject, typesOf } from './subject.ts';

/** Which way something goes: up, down, or (0) it cannot be told. */
export type Way = 1 | -1 | 0;

export interface Move {
  readonly policy: Policy;
  readonly action: Action;
  readonly place: Place;
  /** The type that it acts on, where that is the one in scope. */
  readonly type: ElementType | undefined;
  readonly command: CommandType | undefined;
  readonly resource: string;
  /** The way of its number; undefined: it has none. */
  readonly way: Way | undefined;
  /** The value that it sets, where that is written out. */
  readonly to: Value | undefined;
  /** Properties of what it acts on, and the way they are pulled. */
  readonly pulls: Readonly<Record<string, Way>>;
}

/** Commands that say something to people and change nothing. */
const TELLING = ['notify'];

export const movesOf = (subject: Subject, policy: Policy): readonly Move[] =>
  policy.actions.flatMap((action) => moveOf(subject, policy, action));

/** What a policy does when its command did not help; `plain`: without what escalates, and what compensates on purpose. */
export const otherwiseOf = (subject: Subject, policy: Policy, { plain = false } = {}): readonly Move[] =>
  (policy.expect?.otherwise ?? [])
    .filter(({ pointer }) => !plain || /\/expect\/otherwise\/[0-9]+\/command$/.test(pointer))
    .flatMap((action) => moveOf(subject, policy, action));

function moveOf(subject: Subject, policy: Policy, action: Action): Move[] {
  if (TELLING.includes(action.command)) return [];
  const type = action.target === 'self' ? typesOf(subject, policy).find(({ commands }) => commands.has(action.command)) : undefined;
  const command = type?.commands.get(action.command) ?? byName(subject, action.command);
  // What acts on parts of Homeostat itself is of no type, and not understood here.
  if (command === undefined && subject.types.size > 0) return [];
  const way = wayOf(action.params, command);
  // As the plan has it: without a property there is no direction, and the effects are those of carrying it out.
  const direction: Way = subject.types.size > 0 && command?.property === undefined ? 1 : (way ?? 1);
  const pulls = Object.entries(command?.effects ?? {}).map(
    ([property, effect]) => [property, (effect === 'rises' ? direction : -direction) as Way] as const,
  );
  const to = action.params.to;
  return [
    {
      policy,
      action,
      place: { file: policy.source.file, pointer: action.pointer.replace(/\/(command|type)$/, '') },
      type,
      command,
      resource: command?.resource ?? action.command,
      way,
      to: to !== undefined && 'literal' in to ? to.literal : undefined,
      pulls: Object.fromEntries(pulls),
    },
  ];
}

/** The command of that name, where only one type has one. */
function byName(subject: Subject, name: string): CommandType | undefined {
  const all = [...subject.types.values()].flatMap(({ commands }) => commands.get(name) ?? []);
  return all.length === 1 ? all[0] : undefined;
}

function wayOf(params: Readonly<Record<string, ParamSource>>, command: CommandType | undefined): Way | undefined {
  const { by, to } = params;
  if (by === undefined && to === undefined) return command?.property === undefined ? undefined : 0;
  if (by === undefined || !('literal' in by) || typeof by.literal !== 'number') return 0;
  return Math.sign(by.literal) as Way;
}

/** How two moves of one target pull it apart; undefined: they do not, or it cannot be told. */
export interface Apart {
  readonly what: string;
  readonly how: 'number' | 'value' | 'effect' | 'opposed' | 'resource';
}

export function apart(a: Move, b: Move): Apart | undefined {
  if (a.action.target !== b.action.target || a.action.target === 'parent') return undefined;
  if (a.resource === b.resource && !isMerged(a) && !isMerged(b)) {
    const what = a.command?.property ?? a.resource;
    if (a.way !== undefined && b.way !== undefined && a.way * b.way === -1) return { what, how: 'number' };
    if (a.to !== undefined && b.to !== undefined && a.to !== b.to && a.way !== undefined) return { what, how: 'value' };
    if (a.way === undefined && b.way === undefined && a.command !== undefined && a.command.operation !== b.command?.operation)
      return { what, how: 'resource' };
  }
  const pulled = Object.keys(a.pulls).find((property) => a.pulls[property]! * (b.pulls[property] ?? 0) === -1);
  if (pulled !== undefined && !(a.resource === b.resource && (isMerged(a) || isMerged(b)))) return { what: pulled, how: 'effect' };
  const opposed = (x: Move, y: Move) => x.command?.opposes?.includes(y.action.command) === true;
  return opposed(a, b) || opposed(b, a) ? { what: a.resource, how: 'opposed' } : undefined;
}

/** Proposals of one resource may be merged, or share a pool: then they are reconciled, and not apart. */
const isMerged = ({ command }: Move): boolean => command !== undefined && ('merge' in command || 'pool' in command);

/** The first two moves of two policies that pull something apart. */
export function firstApart(a: readonly Move[], b: readonly Move[]): (Apart & { readonly a: Move; readonly b: Move }) | undefined {
  for (const x of a) {
    for (const y of b) {
      const found = apart(x, y);
      if (found !== undefined) return { ...found, a: x, b: y };
    }
  }
  return undefined;
}
