/** Texts that are longer than a record may be. */
import fc from 'fast-check';
import { cut, Joiner, keyOf, rowRecords, rowsOf, textRecords } from '../../src/services/pieces.ts';

const place = { topic: 't', partition: 0 };
const numbered = (records: ReturnType<typeof textRecords>, from = 0) =>
  records.map(({ key, value }, i) => ({ key, value, time: 0, offset: from + i }));

test('what is cut is the text again, in pieces that are short enough, and no character is cut in two', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 2, max: 20 }), (text, chars) => {
      const pieces = cut(text, chars);
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(chars);
        expect(Buffer.from(piece).toString()).toBe(piece);
      }
    }),
  );
});

test('texts one after the other are joined, each with where it began', () => {
  const records = [
    ...textRecords(place, '1 a', 'x'.repeat(25), 10),
    ...textRecords(place, '2 b', 'y', 10),
    ...textRecords(place, '3 c', 'z'.repeat(11), 10),
  ];
  const joiner = new Joiner();
  const joined = numbered(records, 7).flatMap((record) => joiner.take(record) ?? []);
  expect(joined).toEqual([
    { text: 'x'.repeat(25), first: 7 },
    { text: 'y', first: 10 },
    { text: 'z'.repeat(11), first: 11 },
  ]);
  expect(records.map(keyOf)).toEqual([null, null, '1 a', '2 b', null, '3 c']);
});

test('a text whose first pieces are not kept any more is left out, and does not spoil the next', () => {
  const joiner = new Joiner();
  const records = numbered([...textRecords(place, '1 a', 'x'.repeat(25), 10).slice(1), ...textRecords(place, '2 b', 'y'.repeat(15), 10)]);
  expect(records.flatMap((record) => joiner.take(record) ?? [])).toEqual([{ text: 'y'.repeat(15), first: 2 }]);
});

test('a row that shrinks, grows and goes is what was written last', () => {
  const texts = new Map<string, string>();
  const put = (key: string, text: string | null) => {
    for (const record of rowRecords(place, key, text, 10)) {
      if (record.value === null) texts.delete(record.key!);
      else texts.set(record.key!, record.value);
    }
    return Object.fromEntries(rowsOf(texts));
  };
  const long = `{"a":"${'x'.repeat(30)}"}`;
  expect(put('elements\ta', long)).toEqual({ 'elements\ta': long });
  expect(put('elements\ta', '{"a":1}')).toEqual({ 'elements\ta': '{"a":1}' });
  expect(put('elements\ta', `${long} `)).toEqual({ 'elements\ta': `${long} ` });
  expect(put('elements\tb', '{}')).toEqual({ 'elements\ta': `${long} `, 'elements\tb': '{}' });
  expect(put('elements\ta', null)).toEqual({ 'elements\tb': '{}' });
  put('elements\ta', long);
  texts.delete([...texts.keys()].find((key) => key.startsWith('!piece\t1'))!);
  expect(() => rowsOf(texts)).toThrow('piece 2 of 4 of elements\ta is missing');
});
