import { resolve } from 'node:path';
import { corpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';

const projects = corpus(resolve(import.meta.dirname, '../..'));

test('spoilt files are refused with a clear error or load correctly, and spoilt observations never stop a step', () => {
  const { refused, loaded, steps } = fuzz(projects, 1, 5_000);
  // Both sides must have been seen, or the fuzzer would prove nothing.
  expect(refused).toBeGreaterThan(1_000);
  expect(loaded).toBeGreaterThan(500);
  expect(steps).toBeGreaterThan(3_000);
}, 300_000);
