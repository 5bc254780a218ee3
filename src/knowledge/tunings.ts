/** What policies have set of Homeostat's own parts, and what holds because of it: set-points, suites, modes, intervals. */
import { cautious, type Mode } from '../documents/policy.ts';
import type { Value } from '../messages.ts';
import type { Policy } from './blueprint.ts';
import type { Part } from './own.ts';
import type { State } from './state.ts';
import type { Row } from './table.ts';
import type { Turn } from './turn.ts';

/** One setting: by which policy, for which element of its scope. */
export interface Layer {
  value: Value;
  policy: string;
  element: string;
  since: number;
  /** It lasts as long as the symptom of that policy there is raised. */
  while: boolean;
}

/** A part that was set. Its last layer holds; the ones before come back as those above them end. */
export interface TuningRow extends Row {
  part: Part;
  names: string[];
  layers: Layer[];
}

/** What a part was set to; undefined: it is as the files say. */
export const tunedTo = (state: State, key: string): Value | undefined => state.tunings.get(key)?.layers.at(-1)?.value;

/** How facts name the set-points of their policy. */
const PREFIX = 'setPoint.';

export const isSetPoint = (fact: string): boolean => fact.startsWith(PREFIX);
export const setPointName = (fact: string): string => fact.slice(PREFIX.length);

/** A set-point of a policy as it is now; undefined: it has none of that name. */
export function setPointOf({ tunings }: Pick<State, 'tunings'>, policy: Policy, name: string): Value | undefined {
  const written = policy.means.setPoints?.get(name);
  if (written === undefined || tunings.size === 0) return written;
  const tuned = tunings.get(`setPoint\t${policy.name}\t${name}`)?.layers.at(-1)?.value;
  return typeof tuned === typeof written ? tuned : written;
}

/** The facts that a policy reads: those of the element and, of the policy itself, its set-points. */
export function withSetPoints<V>(
  state: State,
  policy: Policy,
  facts: (name: string) => V | undefined,
): (name: string) => V | Value | undefined {
  if (policy.means.setPoints === undefined) return facts;
  return (name) => (isSetPoint(name) ? setPointOf(state, policy, setPointName(name)) : facts(name));
}

/** What is known of a fact to a policy, on an element. */
export const lookupFor = (turn: Turn, policy: Policy, element: string): ((fact: string) => Value | undefined) =>
  withSetPoints(turn.state, policy, (fact) => turn.fact(element, fact));

/** The mode of a policy: as written or as set, and never bolder than the manager's. What one policy set for all is not for itself. */
export function modeOf({ state, blueprint }: Turn, policy: Policy): Mode {
  if (state.tunings.size === 0) return policy.mode;
  const own = (tunedTo(state, `mode\t${policy.name}`) as Mode | undefined) ?? policy.mode;
  const all = state.tunings.get('mode\t')?.layers.findLast((layer) => layer.policy !== policy.name)?.value as Mode | undefined;
  return cautious(cautious(blueprint.setup.mode, own), all ?? 'act');
}

/** The intervals that probes were given, by name, as they were written. */
export function intervalsOf(state: State): ReadonlyMap<string, string> {
  const set = new Map<string, string>();
  for (const { part, names, layers } of state.tunings.rows()) if (part === 'interval') set.set(names[0]!, String(layers.at(-1)!.value));
  return set;
}
