/** `npm run crash -- --runs N [--seed S] [--keep]`: kills a real manager N times and prints what came of it. */
import { parseArgs } from 'node:util';
import { series } from './crash-series.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' }, keep: { type: 'boolean', default: false } },
});
const began = performance.now();
const { kills, found } = await series({
  runs: Number(values.runs),
  seed: Number(values.seed),
  keep: values.keep,
  progress: (text) => process.stderr.write(`${text}\n`),
});
for (const [name, count] of kills) console.log(`${name.padEnd(16)}${count}`);
console.log(`kills           ${[...kills.values()].reduce((a, b) => a + b, 0)} in ${Math.round((performance.now() - began) / 1_000)} s`);
console.log(`steps           ${found.steps}, each derived again to its hash`);
console.log(`commands        ${found.commands}, none with two effects, two outcomes or too early`);
console.log(`restarts        ${found.restarts}, over which ${found.fors} for timers and ${found.cooldowns} cooldowns went on`);
