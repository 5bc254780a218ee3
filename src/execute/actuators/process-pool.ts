/** The members of a pool: their names, and the elements they appear as. Nothing here touches a process. */
import { HomeostatError } from '../../errors.ts';
import type { ElementDocument, Value } from '../../messages.ts';
import type { Target } from './actuator.ts';
import { fill, nameOf } from './placeholders.ts';
import type { PoolOptions } from './process-options.ts';

/** The id of member n. */
export const memberId = (pool: PoolOptions, parent: string, n: number): string => `${parent}/${pool.name.replace('{n}', String(n))}`;

/** Which member of its pool an element is by its name; undefined: none. */
export function memberNumber(pool: PoolOptions, element: string): number | undefined {
  const [before, after] = pool.name.split('{n}') as [string, string];
  const name = nameOf(element);
  if (!element.includes('/') || !name.startsWith(before) || !name.endsWith(after)) return undefined;
  const digits = name.slice(before.length, name.length - after.length);
  return /^[1-9][0-9]{0,8}$/.test(digits) ? Number(digits) : undefined;
}

/** The pool that an element is a member of by its id. */
export const poolOf = (element: string): string => element.slice(0, Math.max(0, element.lastIndexOf('/')));

function numbered(rule: { readonly base: number | string; readonly step?: number }, n: number, parent: Target): number {
  const base = typeof rule.base === 'number' ? rule.base : parent.properties[rule.base];
  if (typeof base !== 'number')
    throw new HomeostatError('H005', `${parent.id} has no number ${rule.base}, which its members are numbered from`);
  return base + n * (rule.step ?? 1);
}

/** Member n as it appears in the model. Numbers come first, so that texts may refer to them. @throws HomeostatError H005. */
export function memberDocument(pool: PoolOptions, parent: Target, n: number): ElementDocument {
  const properties: Record<string, Value> = {};
  const rules = Object.entries(pool.properties ?? {});
  for (const [name, rule] of rules) {
    if (typeof rule === 'object') properties[name] = numbered(rule, n, parent);
    else if (typeof rule !== 'string') properties[name] = rule;
  }
  const id = memberId(pool, parent.id, n);
  const known = { ...properties, id, name: nameOf(id), type: pool.type, n };
  for (const [name, rule] of rules) if (typeof rule === 'string') properties[name] = fill(rule, known);
  const { type, relations, labels, serviceClass } = pool;
  return { type, properties, ...(relations && { relations }), ...(labels && { labels }), ...(serviceClass && { serviceClass }) };
}
