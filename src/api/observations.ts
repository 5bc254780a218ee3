/** POST /observations and POST /push/PROBE: values that come from outside. */

import type { ProbeDocument } from '../documents/manager.ts';
import { Type } from '../documents/schema.ts';
import type { Finding } from '../errors.ts';
import { inScope } from '../knowledge/blueprint.ts';
import { Observation, type ObservationEvent } from '../messages.ts';
import { LEAD_LIMIT_MS } from '../monitor/intake.ts';
import { probeTiming } from '../monitor/schedule.ts';
import { nearest } from '../suggest.ts';
import { Refusal } from './answers.ts';
import { type Item, itemsOf, Refused } from './intake.ts';
import type { Answer, ApiContext, Call } from './server.ts';

const { element, property, value, time, source, everyMs, coalesced } = Observation.properties;

/** An observation as it is sent: `time` and `source` may be left out, and to a probe of one element the element too. */
export const SentObservation = Type.Object(
  { element: Type.Optional(element), property, value, time: Type.Optional(time), source: Type.Optional(source), everyMs, coalesced },
  { additionalProperties: false },
);
interface Sent extends Partial<Observation> {
  readonly property: string;
  readonly value: Observation['value'];
}

const SOURCE = 'api';

/** Values in nobody's name, or in that of the probe that their `source` names as `push:NAME`. */
export function answerObservations({ body }: Call, context: ApiContext): Answer {
  return take(itemsOf(body), undefined, context);
}

/** Values in the name of a push probe, which says of which element they are and how often they come. */
export function answerPush({ params, body }: Call, context: ApiContext): Answer {
  const probes = pushProbes(context);
  const probe = probes.find(({ name }) => name === params.probe);
  if (probe === undefined) {
    const hint =
      probes.length === 0
        ? '; the manager file has no probe of kind push'
        : nearest(
            params.probe ?? '',
            probes.map(({ name }) => name),
          );
    throw new Refusal(404, 'H005', `no push probe is named "${params.probe}"${hint}`);
  }
  return take(itemsOf(body), probe, context);
}

const pushProbes = ({ started }: ApiContext): readonly ProbeDocument[] =>
  (started.manager.probes ?? []).filter(({ kind }) => kind === 'push');

function take(items: readonly Item[], probe: ProbeDocument | undefined, context: ApiContext): Answer {
  const { bus } = context.assembly;
  const { queue, signals } = context.started.setup.limits;
  if (items.length > queue)
    throw new Refusal(413, 'H202', `${items.length} observations are more than can wait (limits.queue: ${queue}); send less at a time`);
  if (bus.waiting.telemetry + items.length > queue)
    throw new Refusal(
      429,
      'H202',
      `${bus.waiting.telemetry} observations wait already, and ${queue} may (limits.queue); nothing was taken, send them again later`,
    );
  const refused = new Refused(probe === undefined ? SOURCE : `push:${probe.name}`);
  const now = context.assembly.clock.now();
  const right = items.flatMap((item) => eventOf(item, probe, refused, context, now) ?? []);
  if (bus.waiting.signals + refused.count > signals)
    throw new Refusal(
      503,
      'H202',
      `the queue of signals is at its limit (limits.signals: ${signals}); nothing was taken, send them again later`,
    );
  for (const event of refused.events) bus.signal(event);
  for (const event of right) bus.observe(event);
  const counts = { accepted: right.length, refused: refused.count, findings: refused.findings };
  if (right.length > 0 || items.length === 0) return { status: 202, body: counts };
  return { status: 400, body: { code: 'H201', message: 'every observation was refused', ...counts } };
}

function eventOf(
  item: Item,
  probe: ProbeDocument | undefined,
  refused: Refused,
  context: ApiContext,
  now: number,
): ObservationEvent | undefined {
  if (!refused.fits(SentObservation, item)) return undefined;
  const sent = item.value as Sent;
  const named = probe ?? pushProbes(context).find(({ name }) => sent.source === `push:${name}`);
  const id = sent.element ?? named?.element;
  const wrong = complaintAbout(sent, id, named, context, now);
  if (wrong !== undefined) {
    refused.add(item, [{ severity: 'error', file: item.place.file, ...wrong, pointer: `${item.place.pointer}${wrong.pointer}` }]);
    return undefined;
  }
  return {
    kind: 'observation',
    ...(named === undefined ? {} : { everyMs: probeTiming(named).everyMs }),
    ...sent,
    element: id!,
    time: sent.time ?? now,
    source: named === undefined ? (sent.source ?? SOURCE) : `push:${named.name}`,
  };
}

/** What is wrong with an observation that fits the schema, as far as it can be told before the step that takes it. */
function complaintAbout(
  sent: Sent,
  id: string | undefined,
  probe: ProbeDocument | undefined,
  { assembly, isElsewhere }: ApiContext,
  now: number,
): Pick<Finding, 'code' | 'pointer' | 'message' | 'remedy'> | undefined {
  if (id !== undefined && isElsewhere?.(id) === true) return undefined;
  const { state, derived } = assembly.manager;
  if (id === undefined) return { code: 'H003', pointer: '', message: '"element" is missing (a path of names, such as shop/server-3)' };
  const row = state.elements.get(id);
  if (row === undefined)
    return {
      code: 'H005',
      pointer: '/element',
      message: `no element is named "${id}"${nearest(id, state.elements.size > 1_000 ? [] : state.elements.keys())}`,
      remedy: 'declare it in the manager file, or POST it to /elements first',
    };
  if (probe !== undefined && !(probe.element === undefined ? inScope(probe.scope ?? {}, id, row.document) : probe.element === id)) {
    return {
      code: 'H201',
      pointer: '/element',
      message: `probe "${probe.name}" does not measure "${id}"`,
      remedy: probe.element === undefined ? 'widen the scope of the probe' : `leave the element out, or send "${probe.element}"`,
    };
  }
  const series = derived.blueprint.types.get(row.document.type)?.series;
  if (series?.has(sent.property) !== true)
    return {
      code: 'H005',
      pointer: '/property',
      message: `type "${row.document.type}" observes no property "${sent.property}"${nearest(sent.property, [...(series?.keys() ?? [])])}`,
    };
  const leadMs = (sent.time ?? now) - now;
  if (leadMs > LEAD_LIMIT_MS)
    return {
      code: 'H201',
      pointer: '/time',
      message: `${leadMs} ms ahead of the manager's now, and at most ${LEAD_LIMIT_MS} ms are allowed`,
      remedy: 'set the clock of the sender, or leave the time out',
    };
  return undefined;
}
