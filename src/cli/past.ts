/** The recorded readings of a manager, as the analyses ask for them. */
import type { Past } from '../check/subject.ts';
import type { LmdbStore } from '../knowledge/lmdb.ts';
import { stateIn } from './place.ts';

/** @throws HomeostatError H305 if no manager has made a step on the folder */
export function pastIn(store: LmdbStore, folder: string): Past {
  const state = stateIn(store, folder);
  const kept = new Map<string, ReturnType<Past['readings']>>();
  return {
    elements: (type) => [...state.elements.rows()].filter(({ document }) => document.type === type).map(({ key }) => key),
    readings: (element, property) => {
      const key = `${element}\t${property}`;
      let readings = kept.get(key);
      if (readings === undefined) {
        readings = store.history(element, property, 0, state.position.now).map(([, value]) => value);
        kept.set(key, readings);
      }
      return readings;
    },
  };
}
