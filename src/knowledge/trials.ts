/** Which of two versions of a policy decides about an element, while a new one is tried on a share of them. */
import type { Blueprint, Policy, PolicySet, Trial } from './blueprint.ts';
import { inScope } from './blueprint.ts';
import { digestOf } from './fingerprint.ts';
import type { AsideRow, ElementRow, State } from './state.ts';
import type { Row } from './table.ts';

/** What became of a canary so far. Kept under the name of its file, until the manager file no longer has it, or the file says something else. */
export interface TrialRow extends Row {
  version: string;
  /** `waiting`: for the first element to draw. */
  phase: 'waiting' | 'running' | 'promoted' | 'withdrawn';
  /** Since when it is in this phase. */
  since: number;
  /** Drawn although its hash is too high: it was the lowest when none was low enough. */
  lowest: string | null;
  /** How long it must do without harm. */
  forMs: number;
  /** While it runs: when it is promoted, if nothing speaks against it. */
  until: number | null;
  /** When it must be looked at although nothing happens. */
  dueAt: number | null;
  /** Why it was withdrawn, or why its promotion waits. */
  reason: string | null;
}

/** What must be known to say who decides: rows of trials by file, and elements. */
export interface Standing {
  readonly trials: { get(key: string): Readonly<TrialRow> | undefined };
  readonly elements: { get(key: string): ElementRow | undefined };
}

/** As it stands now, whatever becomes of the rows. */
export const standingNow = ({ trials, elements }: State): Standing => ({
  trials: new Map([...trials.rows()].map((row) => [row.key, { ...row }])),
  elements,
});

/** The row of a canary, if it is about this version. */
export function rowOf({ trials }: Pick<Standing, 'trials'>, { set }: Trial): Readonly<TrialRow> | undefined {
  const row = trials.get(set.called);
  return row?.version === set.version ? row : undefined;
}

/** Whether the new version decides about an element. */
export function isNewOn(standing: Standing, trial: Trial, id: string): boolean {
  const row = rowOf(standing, trial);
  return row?.phase === 'promoted' || (row?.phase === 'running' && isDrawn(standing, trial, row.lowest, id));
}

/** The topmost of an element and those above it that either version is about; undefined: none is. */
export function unitOf({ elements }: Pick<Standing, 'elements'>, { scopes }: Trial, id: string): ElementRow | undefined {
  for (let end = id.indexOf('/'); ; end = id.indexOf('/', end + 1)) {
    const row = elements.get(end < 0 ? id : id.slice(0, end));
    if (row !== undefined && scopes.some((scope) => inScope(scope, row.key, row.document))) return row;
    if (end < 0) return undefined;
  }
}

/** Whether an element is drawn: with all that is below it. */
export function isDrawn(standing: Pick<Standing, 'elements'>, trial: Trial, lowest: string | null, id: string): boolean {
  const unit = unitOf(standing, trial, id);
  if (unit === undefined) return false;
  const { elements, labels, share = 0 } = trial.canary;
  if (labels !== undefined) return inScope({ labels }, unit.key, unit.document);
  if (elements !== undefined) return elements.some((one) => unit.key === one || unit.key.startsWith(`${one}/`));
  return unit.key === lowest || hashOf(trial.set, unit.key) < share;
}

/** From 0 up to, without, 1: each version draws others. */
export const hashOf = ({ version }: PolicySet, id: string): number => (digestOf(`${version}\t${id}`).keyA >>> 0) / 2 ** 32;

/** Whether a policy decides about an element, as far as versions say so. */
export function isInForce(standing: Standing, { trials }: Blueprint, { name, source: { file } }: Policy, id: string): boolean {
  for (const trial of trials) {
    // When it is over there is nothing to watch any more.
    if (trial.guard === name && rowOf(standing, trial)?.phase !== 'running') return false;
    if (trial.set.file === file) return isNewOn(standing, trial, id);
    if (trial.predecessor === file) return !isNewOn(standing, trial, id);
  }
  return true;
}

/** The policy of a name that decides about an element; undefined: none does. */
export function policyOn(standing: Standing, blueprint: Blueprint, name: string, id: string): Policy | undefined {
  const policy = blueprint.policies.get(name);
  if (blueprint.trials.length === 0) return policy;
  return [blueprint.challengers.get(name), policy].find((one) => one !== undefined && isInForce(standing, blueprint, one, id));
}

/** All that decide about an element, by name. */
export function policiesOn(standing: Standing, blueprint: Blueprint, id: string): ReadonlyMap<string, Policy> {
  if (blueprint.trials.length === 0) return blueprint.policies;
  const all = [...blueprint.policies.values(), ...blueprint.challengers.values()];
  return new Map(all.filter((policy) => isInForce(standing, blueprint, policy, id)).map((policy) => [policy.name, policy]));
}

/** A policy of a name, wherever it decides. */
export const policyNamed = ({ policies, challengers }: Blueprint, name: string): Policy | undefined =>
  policies.get(name) ?? challengers.get(name);

/** Under which key it is remembered that a policy was set aside: another version of it may be, or not be. */
const asideKey = ({ challengers }: Blueprint, { name, source }: Policy): string =>
  challengers.has(name) ? `${name}\t${source.version}` : name;

/** The row of a policy that was set aside, if it was this version of it. */
export const asideOf = ({ aside }: State, { name, source: { version } }: Policy): AsideRow | undefined =>
  [aside.get(name), aside.get(`${name}\t${version}`)].find((row) => row?.version === version);

export const setAside = ({ aside }: State, blueprint: Blueprint, policy: Policy, reason: string, since: number): AsideRow =>
  aside.put({ key: asideKey(blueprint, policy), version: policy.source.version, reason, since });
