/** `npm run zombies -- --times N [--seed S]`: freezes a real manager N times on a real broker, and shows that it does nothing when it wakes. `--short`: for less than its session. */
import { parseArgs } from 'node:util';
import { zombies } from './zombies.ts';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, short: { type: 'boolean', default: false } },
});
const times = Number(values.times);
const { rounds, figures, findings } = await zombies({
  times,
  seed: Number(values.seed),
  short: values.short,
  progress: (text) => process.stdout.write(`${text}\n`),
});
const clean = rounds.filter((round) => round.findings.length === 0).length;
console.log(
  `${clean} of ${times} woke and did nothing; ${Object.entries(figures)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ')}`,
);
for (const finding of findings) console.log(`✗ ${finding}`);
process.exitCode = clean === times && findings.length === 0 ? 0 : 1;
