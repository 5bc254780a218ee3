/** `npm run differential -- --cases N [--seed S]`: judges N random cases with json-rules-engine and prints what came of it. */
import { parseArgs } from 'node:util';
import { differential, tell } from './differential.ts';

const { values } = parseArgs({ options: { cases: { type: 'string', default: '2000000' }, seed: { type: 'string', default: '1' } } });
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('--cases needs a whole number from 1 on, --seed a whole number\n');
  process.exit(2);
}
const began = performance.now();
const { counts, failure } = await differential(cases, seed, (so) => process.stderr.write(`${so.cases} cases\n`));
for (const [name, count] of Object.entries(counts)) console.log(`${name.padEnd(10)}${count}`);
console.log(`seconds   ${Math.round((performance.now() - began) / 1_000)}`);
if (failure !== undefined) {
  console.log(tell(seed, failure));
  process.exitCode = 1;
}
