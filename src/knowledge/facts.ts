/** The names of facts: what they refer to, seen from the element in hand. */

export type FactName =
  | { readonly of: 'self'; readonly property: string }
  | { readonly of: 'parent'; readonly property: string }
  | { readonly of: 'children'; readonly property: string; readonly fold: string }
  | { readonly of: 'count' }
  | { readonly of: 'element'; readonly element: string; readonly property: string };

/** Reads a fact's name; undefined: it is none. */
export function parseFact(name: string): FactName | undefined {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return { of: 'self', property: name };
  const [head, tail] = [name.slice(0, dot), name.slice(dot + 1)];
  if (head === '' || tail === '') return undefined;
  if (head === 'children') return tail === 'count' ? { of: 'count' } : undefined;
  if (head.startsWith('children.')) return { of: 'children', property: head.slice('children.'.length), fold: tail };
  if (head === 'parent') return { of: 'parent', property: tail };
  return { of: 'element', element: head, property: tail };
}

/** The id of an element's parent; undefined: it has none. */
export function parentOf(id: string): string | undefined {
  const slash = id.lastIndexOf('/');
  return slash < 0 ? undefined : id.slice(0, slash);
}
