import { formatMs } from '../../duration.ts';
import type { Direction } from '../../knowledge/pace.ts';
import type { Turn } from '../../knowledge/turn.ts';
import type { PauseScope } from '../../messages.ts';
import type { Candidate, Gate, Hold } from './gate.ts';

/** A person has said: not now. Pauses of one direction are asked when it is known which way a proposal goes: see plan/limits. */
export const paused: Gate = {
  name: 'paused',
  holdsOtherwise: true,
  hold: (candidate, turn) => pauseOf(candidate, turn, undefined),
};

/** The pause that holds a candidate. `direction`: of those that name one; undefined: of those that do not. */
export function pauseOf({ policy, symptom, target }: Candidate, { state, now }: Turn, direction: Direction | undefined) {
  for (const pause of state.pauses.rows()) {
    if (pause.scope.direction !== direction) continue;
    const document = state.elements.get(target)?.document;
    const { name, concern } = policy;
    const what = {
      elements: [target, symptom.element],
      type: document?.type,
      policy: name,
      family: policy.raising.family?.name,
      concern,
      labels: document?.labels,
    };
    if (!covers(pause.scope, what)) continue;
    const left = pause.until === null ? 'until it is resumed' : `for ${formatMs(pause.until - now)} more`;
    const hold: Omit<Hold, 'gate'> = {
      reason: `by ${pause.author}, ${left}: ${pause.reason}`,
      pause: pause.key,
      ...(pause.until === null ? {} : { until: pause.until }),
    };
    return hold;
  }
  return undefined;
}

/** What may be paused or resumed. */
export interface Covered {
  readonly elements: readonly string[];
  readonly type: string | undefined;
  readonly policy: string;
  /** What the policy was written as a part of. */
  readonly family?: string | undefined;
  readonly concern?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Whether a pause is about this: an element's pause holds all below it. Its direction is asked apart. */
export function covers(scope: PauseScope, what: Covered): boolean {
  const { element } = scope;
  return (
    (element === undefined || what.elements.some((id) => id === element || id.startsWith(`${element}/`))) &&
    (scope.type === undefined || scope.type === what.type) &&
    (scope.policy === undefined || scope.policy === what.policy || scope.policy === what.family) &&
    (scope.concern === undefined || scope.concern === what.concern) &&
    Object.entries(scope.labels ?? {}).every(([name, value]) => what.labels?.[name] === value)
  );
}

const ORDER = ['element', 'type', 'policy', 'labels', 'concern', 'direction'] as const;

/** A scope as one text: two that say the same are the same, in whatever order they say it. */
export const scopeKey = (scope: PauseScope): string =>
  JSON.stringify(
    ORDER.flatMap((part) => {
      const value = scope[part];
      return value === undefined
        ? []
        : [[part, typeof value === 'string' ? value : Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))]];
    }),
  );

/** A scope in words. */
export const scopeText = (scope: PauseScope): string =>
  ORDER.flatMap((part): string[] => {
    const value = scope[part];
    if (value === undefined) return [];
    return typeof value === 'string' ? [`${part} ${value}`] : Object.entries(value).map(([name, text]) => `label ${name}=${text}`);
  }).join(', ') || 'everything';
