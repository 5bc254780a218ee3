/**
 * `npm run vectors -- [FOLDER]`: plays cases from the neighbours' own tests, converted into policies of ours, and says what came of them.
 *
 * FOLDER holds the data: `vectors/*.json` and `kapacitor/*.srpl` (see its SOURCES.md). If not given it is that of the environment variable
 * HOMEOSTAT_VECTORS, or else `../shared/data` beside the repository. Data that is absent is skipped, with a line that says so.
 *
 * A family is one neighbour: a converter that is given the inputs of a case, and never the answers, writes a manager file, policies and observations
 * (`Written`); `play.ts` loads and steps them as a manager would; the family then holds what was commanded against what the neighbour expects.
 * To add one: write a `Family`, and a line in the list below. The last line has the totals; the exit status is 1 if a case failed.
 * docs/vectors.md says what this shows, and how each neighbour's construct is written in ours.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drools } from './drools.ts';
import { type Family, tally, totalOf } from './family.ts';
import { kapacitor } from './kapacitor.ts';
import { kubernetes } from './kubernetes.ts';
import { nomad } from './nomad.ts';

/** In the order in which they are played and told. */
const FAMILIES: readonly Family[] = [kapacitor, nomad, drools, kubernetes];

const beside = resolve(fileURLToPath(import.meta.url), '../../../../shared/data');
const folder = process.argv[2] ?? process.env.HOMEOSTAT_VECTORS ?? beside;
const totals: string[] = [];
for (const family of FAMILIES) {
  const told = await tally(family, folder);
  if (told === undefined) {
    console.log(`${family.name}: skipped, for there is no ${family.file} in ${folder}`);
    totals.push(`${family.name} skipped`);
    continue;
  }
  console.log([`${family.name}:`, ...told.lines].join('\n'));
  totals.push(totalOf(told));
  if (told.failed > 0) process.exitCode = 1;
}
console.log(totals.join(' · '));
