import fc from 'fast-check';
import { assign, type Claim } from '../../../src/log/kafka/assign.ts';
import { decodeClaim, decodeShare, encodeClaim, encodeShare } from '../../../src/log/kafka/protocol.ts';

const claim = (member: string, owned: readonly number[] = [], generation = 1): Claim => ({ member, owned, generation });
const shares = (claims: readonly Claim[], partitions: number, spread: 'share' | 'single' = 'share') =>
  Object.fromEntries(assign(claims, partitions, spread));

test('the first member gets all, the next takes half, and who had them keeps the rest', () => {
  expect(shares([claim('b')], 4)).toEqual({ b: [0, 1, 2, 3] });
  expect(shares([claim('b', [0, 1, 2, 3]), claim('a', [], -1)], 4)).toEqual({ a: [2, 3], b: [0, 1] });
  expect(shares([claim('b', [0, 1]), claim('a', [2, 3]), claim('c', [], -1)], 4)).toEqual({ a: [2, 3], b: [0], c: [1] });
});

test('the partitions of one who is gone go to the others, and none of theirs moves', () => {
  expect(shares([claim('a', [0, 3]), claim('c', [1, 4])], 6)).toEqual({ a: [0, 2, 3], c: [1, 4, 5] });
});

test('of two who claim a partition the one with the newer generation keeps it: the other was asleep', () => {
  expect(shares([claim('a', [0, 1], 3), claim('b', [0, 1, 2, 3], 4)], 4)).toEqual({ a: [2, 3], b: [0, 1] });
});

test('a single owner keeps all while it is there; then the next has all', () => {
  expect(shares([claim('b', [0, 1, 2]), claim('a')], 3, 'single')).toEqual({ a: [], b: [0, 1, 2] });
  expect(shares([claim('c'), claim('a')], 3, 'single')).toEqual({ a: [0, 1, 2], c: [] });
});

test('a claim on a partition that is not there counts for nothing', () => {
  expect(shares([claim('a', [7, 1]), claim('b')], 2)).toEqual({ a: [1], b: [0] });
});

test('whatever members claim: each partition has one owner, shares differ by one at most, and the order of members does not matter', () => {
  const claims = fc.uniqueArray(
    fc.record({
      member: fc.string({ minLength: 1, maxLength: 3 }),
      owned: fc.uniqueArray(fc.integer({ min: 0, max: 12 })),
      generation: fc.integer({ min: -1, max: 5 }),
    }),
    { selector: ({ member }) => member, minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(claims, fc.integer({ min: 1, max: 12 }), (members, partitions) => {
      const found = assign(members, partitions, 'share');
      expect([...found.values()].flat().sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, n) => n));
      const sizes = [...found.values()].map((share) => share.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(assign([...members].reverse(), partitions, 'share')).toEqual(found);
      // Asked again with what came out, nothing moves.
      const settled = [...found].map(([member, owned]) => ({ member, owned, generation: 9 }));
      expect(assign(settled, partitions, 'share')).toEqual(found);
    }),
  );
});

test('claims and shares survive their way through the broker, and what others wrote is no claim', () => {
  expect(decodeClaim('m', encodeClaim(['a', 'ü'], [3, 5], 7))).toEqual({ member: 'm', owned: [3, 5], generation: 7 });
  expect(decodeShare(encodeShare(['a', 'b'], [4, 1]))).toEqual([1, 4]);
  expect(decodeShare(encodeShare(['a'], []))).toEqual([]);
  expect(decodeShare(Buffer.alloc(0))).toEqual([]);
  expect(decodeClaim('m', Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0]))).toEqual({ member: 'm', owned: [], generation: -1 });
  expect(decodeClaim('m', Buffer.from('rubbish'))).toEqual({ member: 'm', owned: [], generation: -1 });
});
