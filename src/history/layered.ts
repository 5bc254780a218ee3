/** The past of a manager with both: its folder for as far back as that reaches, InfluxDB for what came before. */
import type { HistoryReader, Point } from './history.ts';

/** @param edge when the near history begins; undefined: it has nothing */
export function layered(near: HistoryReader, edge: () => number | undefined, far: HistoryReader): HistoryReader {
  const seam = (): number => edge() ?? Number.POSITIVE_INFINITY;
  return {
    history: async (element, property, from, to) => {
      const at = seam();
      const before = from < at ? await far.history(element, property, from, Math.min(to, at - 1)) : [];
      return [...before, ...(to >= at ? await near.history(element, property, Math.max(from, at), to) : [])];
    },
    since: async (element, from) => {
      const at = seam();
      if (from >= at) return near.since(element, from);
      const found = new Map<string, readonly Point[]>();
      for (const [property, points] of await far.since(element, from))
        found.set(
          property,
          points.filter(([time]) => time < at),
        );
      for (const [property, points] of at === Number.POSITIVE_INFINITY ? [] : await near.since(element, at))
        found.set(property, [...(found.get(property) ?? []), ...points]);
      return found;
    },
    entriesOf: async (element, before, limit) => {
      const newest = await near.entriesOf(element, before, limit);
      if (newest.length >= limit) return newest;
      const older = await far.entriesOf(element, newest[0]?.time ?? before, limit - newest.length);
      return [...older, ...newest];
    },
  };
}
