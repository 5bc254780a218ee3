/** `npm run matching -- --sequences N [--seed S]`: so many random lives of the matcher beside the straightforward way, and what came of them. */
import { parseArgs } from 'node:util';
import { noCounts, sequences } from './sequences.ts';

const { values } = parseArgs({ options: { sequences: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } });
const [count, seed] = [Number(values.sequences), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('--sequences needs a whole number from 1 on, --seed a whole number\n');
  process.exit(2);
}
const began = performance.now();
const counts = noCounts();
const wrong = sequences(count, seed, counts);
for (const [name, number] of Object.entries(counts)) console.log(`${name.padEnd(10)}${number}`);
console.log(`seconds   ${Math.round((performance.now() - began) / 1_000)}`);
if (wrong !== undefined) {
  console.log(wrong);
  process.exitCode = 1;
}
