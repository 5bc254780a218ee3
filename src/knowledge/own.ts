/** Homeostat's own parts as what commands act on, so that loops can manage loops: which parts there are, and what each command sets. */
import type { Value } from '../messages.ts';
import type { Policy } from './blueprint.ts';

/** The reserved name that stands for Homeostat itself. No element has it. */
export const HOMEOSTAT = 'homeostat';

/** What can be set of Homeostat itself. */
export type Part = 'setPoint' | 'suite' | 'mode' | 'interval';

/** A command on a part: the parameters that name it, and the one that has its value. */
export interface OwnCommand {
  readonly part: Part;
  readonly names: readonly string[];
  /** Whether the names may be left out: then it is about all. */
  readonly all: boolean;
  readonly value: string;
}

export const OWN_COMMANDS: ReadonlyMap<string, OwnCommand> = new Map([
  ['setInterval', { part: 'interval', names: ['probe'], all: false, value: 'every' }],
  ['setMode', { part: 'mode', names: ['policy'], all: true, value: 'mode' }],
  ['setPoint', { part: 'setPoint', names: ['policy', 'name'], all: false, value: 'to' }],
  ['switchSuite', { part: 'suite', names: ['suite'], all: false, value: 'on' }],
]);

/** One thing that is set: what two policies that set it conflict over. */
export interface Subject {
  readonly part: Part;
  readonly names: readonly string[];
  /** Its key among what has been set. */
  readonly key: string;
}

export const subjectOf = ({ part, names }: OwnCommand, params: Readonly<Record<string, Value>>): Subject => {
  const given = names.map((name) => String(params[name] ?? ''));
  return { part, names: given, key: [part, ...given].join('\t') };
};

/** A subject in words. */
export function subjectText({ part, names }: Pick<Subject, 'part' | 'names'>): string {
  const [first = '', second = ''] = names;
  if (part === 'setPoint') return `the set-point ${second} of ${first}`;
  if (part === 'suite') return `the suite ${first}`;
  if (part === 'interval') return `the interval of ${first}`;
  return first === '' ? 'the mode of all policies' : `the mode of ${first}`;
}

/** Whether a command is carried out by the step itself, and sent to nobody. The interval of a probe is set where the probes run. */
export const isOwn = ({ element, command }: { readonly element: string; readonly command: string }): boolean =>
  element === HOMEOSTAT && command !== 'setInterval';

/** Whether two policies are one, or levels of one. */
export const isSamePolicy = (a: Policy, b: Policy): boolean => (a.source.family?.name ?? a.name) === (b.source.family?.name ?? b.name);
