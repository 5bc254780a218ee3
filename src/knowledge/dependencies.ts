/** Which elements depend on which, by their relation `dependsOn`. Read from their documents, and kept nowhere else. */
import type { ElementDocument } from '../messages.ts';
import type { State } from './state.ts';

const NONE: readonly string[] = [];
const NOTHING: ReadonlySet<string> = new Set();

export const dependsOn = (document: ElementDocument | undefined): readonly string[] => document?.relations?.dependsOn ?? NONE;

/** All that an element depends on, over any number of others, nearest first. */
export function dependenciesOf(state: State, id: string): ReadonlySet<string> {
  const own = dependsOn(state.elements.get(id)?.document);
  if (own.length === 0) return NOTHING;
  const found = new Set(own);
  for (const below of found) for (const next of dependsOn(state.elements.get(below)?.document)) found.add(next);
  found.delete(id);
  return found;
}

/** A circle among what is reached from some ids, as a path that ends where it begins; undefined: there is none. No recursion: a chain may be long. */
export function cycleIn(ids: Iterable<string>, of: (id: string) => readonly string[]): string[] | undefined {
  const done = new Set<string>();
  for (const start of ids) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const open: { readonly id: string; readonly below: readonly string[]; next: number }[] = [];
    const enter = (id: string): void => {
      path.push(id);
      onPath.add(id);
      open.push({ id, below: of(id), next: 0 });
    };
    if (!done.has(start)) enter(start);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const below = top.below[top.next++];
      if (below === undefined) {
        open.pop();
        path.pop();
        onPath.delete(top.id);
        done.add(top.id);
      } else if (onPath.has(below)) return [...path.slice(path.indexOf(below)), below];
      else if (!done.has(below)) enter(below);
    }
  }
  return undefined;
}
