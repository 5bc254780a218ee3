/**
 * Changes of a resource, each once by the id of its command. The id is an annotation that is written in the same request as the change, which the API
 * server takes only of the version that was read: so it was done if and only if the annotation is there, and nothing of another is overwritten.
 */
import type { Order } from './actuator.ts';
import { type Json, merged } from './json-merge.ts';
import { type ApiObject, ApiRefusal, type Cluster } from './kubernetes-client.ts';

/** How often a change is tried anew when somebody else was quicker; controllers write the status of what they look after all the time. */
const CONFLICTS = 5;

export const PATCH_TYPES = {
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
} as const;
export type PatchType = keyof typeof PATCH_TYPES;

export interface Place {
  readonly cluster: Cluster;
  readonly path: string;
  readonly fieldManager: string;
  readonly signal: AbortSignal;
}

/** Where the id of the last command of this operation is noted. */
export const noteOf = ({ operation }: Order): string => `homeostat/${operation}`;
export const isNoted = ({ metadata }: ApiObject, order: Order): boolean => metadata.annotations?.[noteOf(order)] === order.command.id;

export const read = ({ cluster, path, signal }: Place, part = ''): Promise<ApiObject> =>
  cluster.call({ method: 'GET', path: path + part, signal });

const patch = ({ cluster, path, fieldManager, signal }: Place, part: string, type: PatchType, body: unknown): Promise<ApiObject> =>
  cluster.call({ method: 'PATCH', path: path + part, query: { fieldManager }, contentType: PATCH_TYPES[type], body, signal });

/** What `attempt` gives; if somebody else was quicker once more, from the beginning. @throws ApiRefusal when they always are. */
async function unlessConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status !== 409 || tries >= CONFLICTS) throw error;
    }
  }
}

/** The patch with the note of its command and the version that it is for. */
function noted(type: PatchType, body: unknown, seen: ApiObject, order: Order): unknown {
  const { resourceVersion, annotations } = seen.metadata;
  const note = noteOf(order);
  if (type !== 'json') return merged(body as Json, { metadata: { resourceVersion, annotations: { [note]: order.command.id } } });
  const key = note.replaceAll('~', '~0').replaceAll('/', '~1');
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(annotations ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} }]),
    { op: 'add', path: `/metadata/annotations/${key}`, value: order.command.id },
    ...(body as readonly unknown[]),
  ];
}

/** Applies a patch once by the id of the command. `done`: it was applied before. */
export function change(
  place: Place,
  order: Order,
  type: PatchType,
  body: unknown,
): Promise<{ readonly object: ApiObject; readonly done: boolean }> {
  return unlessConflict(async () => {
    const seen = await read(place);
    if (isNoted(seen, order)) return { object: seen, done: true };
    return { object: await patch(place, '', type, noted(type, body, seen, order)), done: false };
  });
}

export type Scaled =
  | { readonly kind: 'scaled'; readonly from: number; readonly now: number }
  | { readonly kind: 'changed'; readonly from: number; readonly now: number };

export const replicasIn = ({ spec }: ApiObject): number => Number(spec?.replicas ?? 0);

/**
 * Sets the replicas by the subresource `scale`, which has no annotations: the command is noted first, and the number set of the version that this gave.
 * `changed`: somebody else has set another number meanwhile, which is left.
 */
export async function setReplicas(place: Place, order: Order, to: number): Promise<Scaled> {
  const from = replicasIn(await read(place, '/scale'));
  return unlessConflict(async () => {
    const seen = await read(place);
    const now = replicasIn(await read(place, '/scale'));
    if (now === to) return { kind: 'scaled', from, now };
    if (now !== from) return { kind: 'changed', from, now };
    const { resourceVersion } = (isNoted(seen, order) ? seen : await patch(place, '', 'merge', noted('merge', {}, seen, order))).metadata;
    const after = await patch(place, '/scale', 'merge', { metadata: { resourceVersion }, spec: { replicas: to } });
    return { kind: 'scaled', from, now: replicasIn(after) };
  });
}
