import { noCounts, sequences } from './sequences.ts';

test('what the matcher finds is what judging every condition finds', () => {
  const counts = noCounts();
  expect(sequences(50_000, 20_261_121, counts)).toBeUndefined();
  expect(counts.sequences).toBe(50_000);
  // Lives in which nothing happens would prove nothing.
  expect(counts.became).toBeGreaterThan(100_000);
  expect(counts.ceased).toBeGreaterThan(50_000);
  expect(counts.reloads).toBeGreaterThan(60_000);
}, 600_000);
