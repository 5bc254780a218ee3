/** Where feeds put what they have read: what they must know of the model, and of the room that there is. */
import type { ObservationEvent, RejectedEvent } from '../../messages.ts';
import { LEAD_LIMIT_MS } from '../../monitor/intake.ts';
import { isElementId, isName } from '../../services/intake-format.ts';
import { nearest } from '../../suggest.ts';
import type { ApiContext } from '../server.ts';

export interface FeedSink {
  now(): number;
  /** Whether there is such an element, and whether its type observes the property. */
  find(element: string, property: string): 'observed' | 'unobserved' | 'unknown';
  /** For a message: which element may have been meant. */
  suggest(element: string): string;
  /** Why so much cannot be taken now; undefined: it can. */
  full(observations: number, rejections: number): string | undefined;
  take(observations: readonly ObservationEvent[], rejections: readonly RejectedEvent[]): void;
}

/** Elements beyond which no likely name is looked for. */
const SUGGESTED_AMONG = 1_000;

/** The bus of an embedded manager. */
export function busSink({ assembly, started }: ApiContext): FeedSink {
  const { bus, clock, manager } = assembly;
  const { queue, signals } = started.setup.limits;
  return {
    now: () => clock.now(),
    find(element, property) {
      const row = manager.state.elements.get(element);
      if (row === undefined) return 'unknown';
      return manager.derived.blueprint.types.get(row.document.type)?.series.has(property) === true ? 'observed' : 'unobserved';
    },
    suggest: (element) => nearest(element, manager.state.elements.size > SUGGESTED_AMONG ? [] : manager.state.elements.keys()),
    full(observations, rejections) {
      if (bus.waiting.telemetry + observations > queue)
        return `${bus.waiting.telemetry} observations wait already, and ${queue} may (limits.queue)`;
      if (bus.waiting.signals + rejections > signals) return `the queue of signals is at its limit (limits.signals: ${signals})`;
      return undefined;
    },
    take(observations, rejections) {
      for (const event of rejections) bus.signal(event);
      for (const event of observations) bus.observe(event);
    },
  };
}

/** What keeps an observation from being taken; `unobserved`: its type does not want it. */
export function complaintAbout(
  { element, property, time }: ObservationEvent,
  sink: FeedSink,
  now: number,
): string | 'unobserved' | undefined {
  if (!isElementId(element)) return `"${element}" is not the id of an element, such as shop/server-3`;
  if (!isName(property)) return `"${property}" is not the name of a property: at most 100 letters, digits, _ : and -`;
  if (!(time >= 0)) return `its time is before 1970`;
  if (time - now > LEAD_LIMIT_MS)
    return `its time is ${Math.round(time - now)} ms ahead of the manager's now, and at most ${LEAD_LIMIT_MS} ms are allowed`;
  const found = sink.find(element, property);
  if (found === 'unknown') return `no element is named "${element}"${sink.suggest(element)}`;
  return found === 'unobserved' ? 'unobserved' : undefined;
}

/** Things of one request that are told one by one; all are counted. */
export const REFUSALS_TOLD = 20;
const EXCERPT = 500;

/** Dead letters of one request: the first of what was refused, and how many more. */
export function rejectionsOf(
  source: string,
  refused: readonly { readonly reason: string; readonly excerpt: string }[],
  count: number,
): readonly RejectedEvent[] {
  const told = refused
    .slice(0, REFUSALS_TOLD)
    .map(({ reason, excerpt }): RejectedEvent => ({ kind: 'rejected', source, reason, excerpt: excerpt.slice(0, EXCERPT) }));
  if (count <= told.length) return told;
  return [...told, { kind: 'rejected', source, reason: `${count - told.length} more of one request were refused`, excerpt: '' }];
}
