import { noCounts, sequences } from './sequences.ts';

test('what the matcher finds is what judging every condition finds', () => {
  const counts = noCounts();
  expect(sequences(5_000, 20_261_121, counts)).toBeUndefined();
  expect(counts.sequences).toBe(5_000);
  // Lives in which nothing happens would prove nothing.
  expect(counts.became).toBeGreaterThan(10_000);
  expect(counts.ceased).toBeGreaterThan(5_000);
  expect(counts.reloads).toBeGreaterThan(6_000);
}, 120_000);
