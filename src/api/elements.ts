/** POST /elements and DELETE /elements/ID: elements that come and go while the manager runs. */

import { Type } from '../documents/schema.ts';
import type { Finding } from '../errors.ts';
import { ElementDocument, ElementId, type Signal } from '../messages.ts';
import { nearest } from '../suggest.ts';
import { Refusal } from './answers.ts';
import { auditOf } from './audit.ts';
import { type Item, itemsOf, Refused } from './intake.ts';
import type { Answer, ApiContext, Call } from './server.ts';

/** An element as it is sent: its id beside its document. */
export const SentElement = Type.Object({ id: ElementId, ...ElementDocument.properties }, { additionalProperties: false });
type Sent = ElementDocument & { readonly id: string };

const SOURCE = 'api';
/** How long an answer waits for the step that takes the elements in. */
const TAKEN_IN_MS = 10_000;

export async function addElements({ body, caller }: Call, context: ApiContext): Promise<Answer> {
  const { assembly, steps } = context;
  const refused = new Refused(SOURCE);
  const right = itemsOf(body).flatMap((item) => {
    if (!refused.fits(SentElement, item)) return [];
    const sent = item.value as Sent;
    const wrong = complaintsAbout(sent, item, context);
    if (wrong.length > 0) refused.add(item, wrong);
    return wrong.length > 0 ? [] : [sent];
  });
  const added = new Set(right.map(({ id }) => id).filter((id) => !assembly.manager.state.elements.get(id)));
  const { elements } = context.started.setup.limits;
  const size = assembly.manager.state.elements.size + added.size;
  if (size > elements)
    throw new Refusal(409, 'H202', `that would make ${size} elements, and ${elements} are allowed (limits.elements); nothing was taken`);
  put(context, [
    ...refused.events,
    ...right.map(({ id, ...document }): Signal => ({ kind: 'appeared', element: id, document, source: SOURCE })),
    ...(right.length === 0 ? [] : [auditOf(caller, 'add', right.map(({ id }) => id).join(', '), caller.name, '')]),
  ]);
  const counts = { accepted: right.length, refused: refused.count, findings: refused.findings };
  const last = right.at(-1);
  if (last === undefined)
    return refused.count === 0
      ? { status: 200, body: counts }
      : { status: 400, body: { code: 'H003', message: 'every element was refused', ...counts } };
  const { id, ...document } = last;
  const text = JSON.stringify(document);
  const taken = await steps.until(
    assembly.clock,
    TAKEN_IN_MS,
    () => JSON.stringify(assembly.manager.state.elements.get(id)?.document) === text,
  );
  return { status: taken ? 201 : 202, body: counts };
}

function complaintsAbout({ id, type, properties = {} }: Sent, { place }: Item, { assembly }: ApiContext): Finding[] {
  const { state, derived } = assembly.manager;
  const finding = (pointer: string, message: string): Finding => ({
    code: 'H005',
    severity: 'error',
    file: place.file,
    pointer: `${place.pointer}${pointer}`,
    message,
  });
  const known = derived.blueprint.types.get(type);
  if (known === undefined) return [finding('/type', `no type is named "${type}"${nearest(type, [...derived.blueprint.types.keys()])}`)];
  const before = state.elements.get(id)?.document.type;
  if (before !== undefined && before !== type)
    return [finding('/type', `"${id}" is a ${before}, and cannot become a ${type}; delete it first`)];
  const names = [...known.properties.values()].filter((property) => property.declared).map((property) => property.name);
  return Object.keys(properties)
    .filter((name) => !names.includes(name))
    .map((name) => finding(`/properties/${name}`, `type "${type}" has no property "${name}"${nearest(name, names)}`));
}

export async function deleteElement({ params, caller }: Call, context: ApiContext): Promise<Answer> {
  const { assembly, steps } = context;
  const { elements } = assembly.manager.state;
  const id = params['*'] ?? '';
  const row = elements.get(id);
  if (row === undefined)
    throw new Refusal(404, 'H005', `no element is named "${id}"${nearest(id, elements.size > 1_000 ? [] : elements.keys())}`);
  if (row.source === 'configuration') throw new Refusal(409, 'H502', `"${id}" is in the manager file; take it out there, and reload`);
  put(context, [{ kind: 'vanished', element: id, source: SOURCE }, auditOf(caller, 'delete', id, caller.name, '')]);
  const gone = await steps.until(assembly.clock, TAKEN_IN_MS, () => assembly.manager.state.elements.get(id) === undefined);
  return { status: gone ? 200 : 202, body: { accepted: 1 } };
}

/** Puts signals in the queue: all of them, or none. */
export function put({ assembly: { bus }, started }: ApiContext, list: readonly Signal[]): void {
  const { signals } = started.setup.limits;
  if (bus.waiting.signals + list.length > signals) {
    throw new Refusal(
      list.length > signals ? 413 : 503,
      'H202',
      `${bus.waiting.signals} signals wait and ${list.length} came, and ${signals} may wait (limits.signals); nothing was taken, send less or later`,
    );
  }
  for (const signal of list) bus.signal(signal);
}
