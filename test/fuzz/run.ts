/** `npm run fuzz -- [--cases N] [--seed S] [--from N]`: as many spoilt files and observations as wanted. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stopwatch } from '../../src/clock.ts';
import { corpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, from: { type: 'string', default: '0' } },
});
const [cases, seed, from] = [Number(values.cases), Number(values.seed), Number(values.from)];
const projects = corpus(resolve(import.meta.dirname, '../..'));
const outcome = fuzz(projects, seed, cases, from, stopwatch);
console.log(
  `${cases} cases of ${projects.length} projects, seed ${seed}: ${outcome.refused} refused with a clear error, ${outcome.loaded} loaded, ` +
    `${outcome.steps} steps; none crashed; the slowest, case ${outcome.slowestCase}, took ${Math.round(outcome.slowestMs)} ms`,
);
