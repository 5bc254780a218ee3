import fc from 'fast-check';
import type { Value } from '../../../src/messages.ts';
import { event, is, kind } from './events.ts';
import { feeder } from './harness.ts';

/** Small events with times that do not fall. */
const story = fc
  .array(fc.record({ gap: fc.nat(6), kind: fc.constantFrom('a', 'b', 'c'), id: fc.nat(2) }), { maxLength: 40 })
  .map((events) => {
    let at = 0;
    return events.map(({ gap, kind: what, id }) => {
      at += gap;
      return { at, kind: what, id };
    });
  });
const total = (document: object, events: readonly { at: number; kind: string; id: number }[], until?: number): Value | undefined => {
  const gauge = feeder({ kind: 'pattern', ...document });
  for (const { at, ...fields } of events) gauge.observe(at, event(fields));
  if (until !== undefined) gauge.sense(() => undefined, until);
  return gauge.read(until ?? 0).value;
};

describe('by the definition', () => {
  test('a sequence: from each event that could begin it, by the next that fit, with none in two matches', () => {
    const kinds = ['a', 'b', 'a', 'c'];
    fc.assert(
      fc.property(story, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 30 }), (events, length, within) => {
        const used = new Set<number>();
        const ends = new Set<number>();
        let count = 0;
        for (const [i, last] of events.entries()) {
          for (let start = 0; start < i && !ends.has(i); start++) {
            const chain: number[] = [];
            for (let j = start; j < i && chain.length < length - 1; j++) {
              const { at, kind: what } = events[j]!;
              // It begins with its own first event, and what ended a match is offered to no other.
              if (ends.has(j) || at - events[start]!.at >= within) continue;
              if (what === kinds[chain.length]) chain.push(j);
              else if (j === start) break;
            }
            if (chain[0] !== start || chain.length < length - 1 || last.kind !== kinds[length - 1]) continue;
            if (last.at - events[start]!.at >= within || chain.some((j) => used.has(j))) continue;
            for (const j of [...chain, i]) used.add(j);
            ends.add(i);
            count++;
          }
        }
        expect(total({ sequence: kinds.slice(0, length).map(kind), within: `${within}ms` }, events)).toBe(count);
      }),
    );
  });

  test('a join of two: the oldest that goes together and is still there', () => {
    const joined = {
      all: [{ as: 'one', where: is('$.kind', 'a') }, { where: { all: [is('$.kind', 'b'), is('$.id', { fact: 'one', path: '$.id' })] } }],
    };
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 30 }), (events, within) => {
        let left: typeof events = [];
        let count = 0;
        for (const one of events) {
          left = left.filter(({ at }) => one.at - at < within);
          const other = left.find(({ kind: what, id }) => id === one.id && [what, one.kind].sort().join('') === 'ab');
          if (other !== undefined) {
            left = left.filter((it) => it !== other);
            count++;
          } else if (one.kind !== 'c') left.push(one);
        }
        expect(total({ ...joined, within: `${within}ms` }, events)).toBe(count);
      }),
    );
  });

  test('an absence: the stretches between events of a group that are as long as the time', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 12 }), (events, within) => {
        const until = (events.at(-1)?.at ?? 0) + 20;
        const stretches = [0, 1, 2].flatMap((id) => {
          const times = events.filter((one) => one.id === id && one.kind === 'a').map(({ at }) => at);
          return times.map((at, i) => (times[i + 1] ?? until) - at);
        });
        expect(total({ absence: kind('a'), within: `${within}ms`, by: ['$.id'] }, events, until)).toBe(
          stretches.filter((ms) => ms >= within).length,
        );
      }),
    );
  });

  test('not all: one that begins when none is under way, and whose others do not come', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 20 }), (events, within) => {
        const until = (events.at(-1)?.at ?? 0) + 40;
        const rest = [...events];
        let count = 0;
        for (let one = rest.shift(); one !== undefined; one = rest.shift()) {
          const { at: begin, kind: first } = one;
          const end = rest.findIndex(({ at }) => at >= begin + within);
          const inTime = rest.slice(0, end < 0 ? rest.length : end);
          const second = inTime.findIndex((it) => it.kind !== first);
          const third = inTime.findIndex((it) => it.kind !== first && it.kind !== inTime[second]?.kind);
          if (third < 0) count++;
          rest.splice(0, third < 0 ? inTime.length : third + 1);
        }
        expect(total({ notAll: ['a', 'b', 'c'].map(kind), within: `${within}ms` }, events, until)).toBe(count);
      }),
    );
  });

  test('counts and throttles: windows that slide, and windows that their first match opens', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 20 }), (events, n, within) => {
        const times = events.filter((one) => one.kind === 'a').map(({ at }) => at);
        let [counted, sliding] = [0, [] as number[]];
        for (const at of times) {
          sliding = [...sliding.filter((t) => at - t < within), at];
          if (sliding.length < n) continue;
          counted++;
          sliding = [];
        }
        expect(total({ count: { ...kind('a'), atLeast: n }, within: `${within}ms` }, events)).toBe(counted);
        let [firsts, nths, from, held] = [0, 0, Number.NEGATIVE_INFINITY, 0];
        for (const at of times) {
          if (at - from < within) continue;
          from = at;
          firsts++;
        }
        from = Number.NEGATIVE_INFINITY;
        for (const at of times) {
          if (at - from >= within) [from, held] = [at, 0];
          if (++held === n) [from, nths] = [Number.NEGATIVE_INFINITY, nths + 1];
        }
        const throttle = (pass: 'first' | 'last' | number) =>
          total({ event: kind('a'), throttle: { pass, within: `${within}ms` } }, events, 10_000);
        expect([throttle('first'), throttle('last'), throttle(n)]).toEqual([firsts, firsts, nths]);
      }),
    );
  });
});
