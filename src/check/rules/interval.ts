/** H220: a `for` shorter than the interval of the probe: it passes on a single reading, which is what it is there to prevent. */
import { formatMs } from '../../duration.ts';
import { feedsOf, seriesOf } from '../feeds.ts';
import { type Analysis, isPlain, placeOf, typesOf } from '../subject.ts';

export const interval: Analysis = {
  code: 'H220',
  severity: 'warning',
  find: (subject) => {
    const document = subject.manager?.document;
    if (document === undefined) return [];
    return subject.policies.flatMap((policy) => {
      if (policy.forMs === 0 || !isPlain(policy, ['keepFor', 'reset', 'rate', 'stabilise', 'budget'])) return [];
      const series = typesOf(subject, policy).flatMap((type) => policy.facts.flatMap((fact) => seriesOf(subject.types, type, fact)));
      const feeds = series.flatMap(([type, name]) => feedsOf(document, type, name));
      // One source of which the interval is not known, or is short, may end the wait.
      const intervals = feeds.map(({ everyMs }) => everyMs ?? 0);
      const shortest = Math.min(...intervals);
      if (intervals.length === 0 || shortest <= policy.forMs) return [];
      const slowest = feeds.find(({ everyMs }) => everyMs === shortest)!;
      return [
        {
          places: [placeOf(policy, 'for')],
          message: `waits for ${formatMs(policy.forMs)}, and the probe "${slowest.name}" reads every ${formatMs(shortest)}: a single reading lets it pass`,
          remedy: `make it at least ${formatMs(shortest)}, or the probe faster`,
        },
      ];
    });
  },
};
