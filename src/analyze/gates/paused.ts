import { formatMs } from '../../duration.ts';
import type { PauseScope } from '../../messages.ts';
import type { Gate } from './gate.ts';

/** A person has said: not now. */
export const paused: Gate = {
  name: 'paused',
  holdsOtherwise: true,
  hold: ({ policy, symptom, target }, { state, now }) => {
    for (const pause of state.pauses.rows()) {
      const type = state.elements.get(target)?.document.type;
      if (!covers(pause.scope, { elements: [target, symptom.element], type, policy: policy.name })) continue;
      const left = pause.until === null ? 'until it is resumed' : `for ${formatMs(pause.until - now)} more`;
      return { reason: `by ${pause.author}, ${left}: ${pause.reason}`, ...(pause.until === null ? {} : { until: pause.until }) };
    }
    return undefined;
  },
};

/** Whether a pause is about this: an element's pause holds all below it. */
export function covers(
  scope: PauseScope,
  what: { readonly elements: readonly string[]; readonly type: string | undefined; readonly policy: string },
): boolean {
  const { element } = scope;
  return (
    (element === undefined || what.elements.some((id) => id === element || id.startsWith(`${element}/`))) &&
    (scope.type === undefined || scope.type === what.type) &&
    (scope.policy === undefined || scope.policy === what.policy)
  );
}
