import fc from 'fast-check';
import { Heap } from '../../src/plan/heap.ts';
import { farm, raise, wants } from '../step/arbitration.ts';
import { World } from '../step/world.ts';

interface Shop {
  readonly servers: number;
  readonly worth: number;
  readonly more: number;
}

/** The most that a division can be worth, by trying all. */
function best(shops: readonly Shop[], free: number): number {
  const [first, ...rest] = shops;
  if (first === undefined) return 0;
  let [most, sum] = [0, 0];
  for (let granted = 0; granted <= Math.min(first.more, free); granted++) {
    if (granted > 0) sum += first.worth / (first.servers + granted);
    most = Math.max(most, sum + best(rest, free - granted));
  }
  return most;
}

test('where a unit is worth less the more there are, no division of a pool is worth more, and never more is granted than there is', () => {
  const shop = fc.record({ servers: fc.nat(3), worth: fc.nat(9), more: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(fc.array(shop, { minLength: 1, maxLength: 4 }), fc.nat(14), (shops, total) => {
      const policies = shops.map(({ more }, i) =>
        wants(`p${i}`, 'scale', { by: more }, { scope: { element: `s${i}` }, utility: { expression: 'worth / units' } }),
      );
      const world = new World(
        farm({ scale: { property: 'servers', merge: 'utility', pool: 'all' } }, policies, {
          pools: { all: { total } },
          elements: Object.fromEntries(shops.map(({ servers, worth }, i) => [`s${i}`, { type: 'farm', properties: { servers, worth } }])),
        }),
      );
      const { commands } = world.at(1, ...shops.flatMap((_, i) => raise(1, [`p${i}`], `s${i}`)));
      const granted = new Map(commands.map(({ element, params }) => [element, params.to as number]));
      const free = total - shops.reduce((sum, { servers }) => sum + servers, 0);
      let [sum, worth] = [0, 0];
      for (const [i, one] of shops.entries()) {
        const to = granted.get(`s${i}`) ?? one.servers;
        sum += to - one.servers;
        for (let level = one.servers + 1; level <= to; level++) worth += one.worth / level;
      }
      expect(sum).toBeLessThanOrEqual(Math.max(0, free));
      expect(worth).toBeCloseTo(best(shops, Math.max(0, free)), 9);
      // Who did not get all is recorded.
      const short = shops.filter((one, i) => (granted.get(`s${i}`) ?? one.servers) < one.servers + one.more).length;
      expect(world.kinds('lost').filter(({ data }) => data.rule === 'pool')).toHaveLength(short);
    }),
    { numRuns: 100, seed: 4 },
  );
});

test('a heap gives back in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      expect(numbers.map(() => heap.pop())).toEqual([...numbers].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
    { seed: 4 },
  );
});
