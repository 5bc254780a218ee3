import { type Case, type Family, inputsOf, tally, totalOf } from './family.ts';

const family = (cases: readonly Case[], file = '.'): Family => ({ name: 'Neighbour', file, cases: () => cases });
const right = { name: 'right', play: async () => [] };

test('a converter is given nothing under which a file says what the neighbour answers, however deep it stands', () => {
  const given = {
    count: 2,
    conditions: { warn: '"value" > 7' },
    expected: 3,
    expectedError: null,
    condition: 'TooMany',
    want: {},
    wantHandler: 'a',
    resource: { levels: [{ milli: 1, expectedPct: 4 }], expectedMilli: 5 },
  };
  expect(inputsOf(given)).toEqual({ count: 2, conditions: { warn: '"value" > 7' }, resource: { levels: [{ milli: 1 }] } });
});

test('what is wrong, excused and worth a note is told one by one, and counted', async () => {
  const told = await tally(
    family([
      right,
      { name: 'wrong', play: async () => ['4; expected 5'] },
      { name: 'broken', play: () => Promise.reject(new Error('no such field')) },
      { name: 'strange', excused: 'it has no place', play: async () => ['never asked'] },
      { name: 'odd', note: 'a part is not compared', play: async () => [] },
    ]),
    '/',
  );
  expect(told!.lines).toEqual([
    '  FAILED   wrong: 4; expected 5',
    '  FAILED   broken: no such field',
    '  excused  strange: it has no place',
    '  note     odd: a part is not compared',
  ]);
  expect(totalOf(told!)).toBe('Neighbour 3 of 5, of which 1 excused');
  expect(totalOf((await tally(family([right]), '/'))!)).toBe('Neighbour 1 of 1');
});

test('a family whose data is not there is not played', async () => {
  expect(await tally(family([right], 'no/such.json'), '/')).toBeUndefined();
});
