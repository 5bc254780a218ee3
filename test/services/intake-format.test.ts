import fc from 'fast-check';
import { Check } from 'typebox/value';
import { INTAKE_OBSERVATIONS, IntakeMessage, IntakeObservation } from '../../src/documents/intake-message.ts';
import { Observation, type ObservationEvent } from '../../src/messages.ts';
import { INTAKE_CHARACTERS, REJECTIONS_TOLD, readIntake } from '../../src/services/intake-format.ts';

const RUNS = { numRuns: 2_000, seed: 5 };
const RECORD = { time: 1_795_278_600_000, offset: 0 };
const read = (message: unknown) => readIntake(JSON.stringify(message), RECORD);
const right = { element: 'shop/server-3', property: 'load', value: 0.7, time: 1_795_278_600_000.25, source: 'probe:host' };

/** Whatever may stand under a key, right and wrong alike. */
const anything = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('shop/server-3', 'shop', 'load', 'a b', '', '/', 'shop/', '.x', 'ä', 'x'.repeat(100), 'x'.repeat(101)),
  },
  { weight: 2, arbitrary: fc.constantFrom('x'.repeat(200), 'x'.repeat(201), '😀'.repeat(101), '😀'.repeat(200), '😀'.repeat(201), 'a\n') },
  { weight: 6, arbitrary: fc.constantFrom(0, -0, 1, -1, 0.5, 1e21, 1e300, 1_795_278_600_000, 2 ** 53) },
  fc.jsonValue({ maxDepth: 2 }),
);
const rightItem = fc.record(
  {
    element: fc.constantFrom('shop', 'shop/server-3', 'a/b/c.d'),
    property: fc.constantFrom('load', 'p95'),
    value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean()),
    time: fc.constantFrom(0, 17.5, 1_795_278_600_000),
    source: fc.string({ minLength: 1, maxLength: 200 }),
    everyMs: fc.integer({ min: 1 }),
    coalesced: fc.integer({ min: 1 }),
  },
  { requiredKeys: ['element', 'property', 'value'] },
);
/** Right observations with a few keys made into anything, added or taken away. */
const item = fc
  .tuple(
    rightItem,
    fc.dictionary(
      fc.constantFrom('element', 'property', 'value', 'time', 'source', 'everyMs', 'coalesced', 'kind', 'extra', 'toString'),
      anything,
      {
        maxKeys: 2,
      },
    ),
    fc.option(fc.constantFrom('element', 'property', 'value', 'time'), { freq: 5 }),
  )
  .map(([base, changes, gone]) => {
    const made: Record<string, unknown> = { ...base, ...changes };
    if (gone !== null) delete made[gone];
    return made;
  });

test('an observation is taken exactly if the schema takes it', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: item }, anything), (sent) => {
      const text = JSON.stringify(sent);
      const message: unknown = JSON.parse(text);
      fc.pre(
        !Array.isArray(message) &&
          !(typeof message === 'object' && message !== null && ('version' in message || 'observations' in message)),
      );
      const { observations, rejections, rejected } = readIntake(text, RECORD);
      const fits = Check(IntakeObservation, message);
      expect([observations.length, rejections.length, rejected]).toEqual(fits ? [1, 0, 0] : [0, 1, 1]);
      if (!fits) expect(rejections[0]!.reason).not.toBe('');
      for (const { kind, ...observation } of observations) {
        expect(kind).toBe('observation');
        expect(Check(Observation, observation)).toBe(true);
        expect(observation).toEqual({ time: RECORD.time, source: 'intake', ...(message as object) });
      }
    }),
    RUNS,
  );
});

test('an array and a batch take what their items would be taken as alone, in order', () => {
  const shared = fc.record(
    { element: fc.constant('shop/x'), source: fc.constant('s'), everyMs: fc.constant(5), time: fc.constant(7) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30 }), shared, (items, common) => {
      const text = JSON.stringify({ version: 1, ...common, observations: items });
      const merged = items.map((one) => ({ ...common, ...one }) as Record<string, unknown>);
      for (const { observations, rejections, rejected } of [readIntake(text, RECORD), read(merged)]) {
        const fits = merged.map((one) => Check(IntakeObservation, JSON.parse(JSON.stringify(one))));
        expect(observations).toHaveLength(fits.filter(Boolean).length);
        expect(rejected).toBe(fits.filter((fit) => !fit).length);
        expect(rejections.map(({ index }) => index)).toEqual(fits.flatMap((fit, i) => (fit ? [] : [i])).slice(0, REJECTIONS_TOLD));
        expect(observations.map(({ element, value }) => [element, value])).toEqual(
          (JSON.parse(JSON.stringify(merged)) as ObservationEvent[])
            .filter((_, i) => fits[i])
            .map(({ element, value }) => [element, value]),
        );
      }
    }),
    { ...RUNS, numRuns: 300 },
  );
});

test('the schema that is published takes what is read, in its three forms', () => {
  for (const message of [right, [right, right], { version: 1, source: 'plc', observations: [right] }]) {
    expect(Check(IntakeMessage, message)).toBe(true);
    expect(read(message).rejected).toBe(0);
  }
});

test('what has no time has that of its record, apart from its neighbours by their place', () => {
  const { time: _, source: __, ...bare } = right;
  const first = readIntake(JSON.stringify([bare, bare]), { time: 1_000, offset: 4 }).observations;
  const next = readIntake(JSON.stringify(bare), { time: 1_000, offset: 6 }).observations;
  expect([...first, ...next].map(({ time, source }) => [time, source])).toEqual([
    [1_000 + 4 / 1_024, 'intake'],
    [1_000 + 5 / 1_024, 'intake'],
    [1_000 + 6 / 1_024, 'intake'],
  ]);
});

test.each([
  ['{"element": "shop"', 'is not valid JSON: '],
  ['7', 'is 7; an observation, an array of observations or a batch is needed'],
  ['null', 'is null; '],
  ['{"version":2,"observations":[]}', '"version" of the batch is 2, and 1 is the only one known here'],
  ['{"observations":[]}', '"version" of the batch is nothing, and 1 is the only one known here'],
  ['{"version":1,"observations":{}}', '"observations" of the batch is {}, and an array is needed'],
  ['{"version":1,"observations":[],"sauce":1}', 'H004 /sauce: unknown key "sauce"; did you mean "source"?'],
  ['{"version":1,"observations":[],"everyMs":0.5}', 'H003 /everyMs: '],
  [
    `[${'0,'.repeat(INTAKE_OBSERVATIONS)}0]`,
    `the message has ${INTAKE_OBSERVATIONS + 1} observations, and at most ${INTAKE_OBSERVATIONS} are taken`,
  ],
  [' '.repeat(INTAKE_CHARACTERS + 1), `the message has ${INTAKE_CHARACTERS + 1} characters, and at most ${INTAKE_CHARACTERS} are read`],
])('a message that is wrong as a whole is one rejection: %.40s', (text, reason) => {
  const { observations, rejections, rejected } = readIntake(text, RECORD);
  expect({ observations, rejected }).toEqual({ observations: [], rejected: 1 });
  expect(rejections).toEqual([{ index: 0, reason: expect.stringContaining(reason), excerpt: text.slice(0, 500) }]);
});

test('a wrong item is told by its place, with the reason and its beginning, and the others go on', () => {
  const { observations, rejections } = read([right, { ...right, propperty: 1 }, { ...right, value: null }, '1e999']);
  expect(observations).toHaveLength(1);
  expect(rejections.map(({ index, reason }) => [index, reason])).toEqual([
    [1, expect.stringContaining('H004 /propperty: unknown key "propperty"')],
    [2, expect.stringContaining('H003 /value: ')],
    [3, expect.stringContaining('H003 : ')],
  ]);
  expect(rejections[1]!.excerpt).toBe(JSON.stringify({ ...right, value: null }));
});

test('numbers that are too large for a double are refused as values and as times', () => {
  const text = (value: string, time: string) => `{"element":"shop","property":"load","value":${value},"time":${time}}`;
  expect(readIntake(text('1e999', '1'), RECORD).rejected).toBe(1);
  expect(readIntake(text('1', '1e999'), RECORD).rejected).toBe(1);
});

test('of many wrong items the first are told and all are counted', () => {
  const { rejections, rejected } = read(Array.from({ length: 1_000 }, () => ({})));
  expect([rejections.length, rejected]).toEqual([REJECTIONS_TOLD, 1_000]);
});
