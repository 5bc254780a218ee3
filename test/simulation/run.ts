/** `npm run simulate -- --seeds N [--from FIRST] [--verbose]`: runs seeds and says which fail, why, and how to run them again. */
import { parseArgs } from 'node:util';
import { violations } from './checkers/index.ts';
import { type Counts, exercised, idle } from './exercised.ts';
import { simulate } from './simulation.ts';

/** So many runs must between them have exercised everything. */
const ENOUGH = 100;

const USAGE = 'usage: npm run simulate -- --seeds N [--from FIRST] [--verbose]';

function options() {
  try {
    const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' }, verbose: { type: 'boolean' } } });
    const [seeds, from] = [Number(values.seeds ?? 200), Number(values.from ?? 1)];
    if (Number.isSafeInteger(seeds) && seeds > 0 && Number.isSafeInteger(from)) return { seeds, from, verbose: values.verbose === true };
  } catch {
    // Said below.
  }
  console.error(USAGE);
  process.exit(2);
}

const { seeds, from, verbose } = options();
const counts: Counts = new Map();
let failed = 0;
for (let seed = from; seed < from + seeds; seed++) {
  const began = performance.now();
  const trace = await simulate(seed);
  exercised(trace, counts);
  const found = violations(trace);
  if (found.length > 0) failed++;
  for (const { checker, step, message } of found) {
    console.log(`seed ${seed} fails: ${checker}, at step ${step}: ${message}`);
    console.log(`  again: npm run simulate -- --seeds 1 --from ${seed}`);
  }
  if (verbose) {
    const lives = trace.entries.filter((entry) => entry.kind === 'life').length;
    const commands = trace.entries.filter((entry) => entry.kind === 'execute').length;
    const ms = Math.round(performance.now() - began);
    console.log(
      `seed ${seed}  trace ${trace.hash}  steps ${trace.steps.length}  lives ${lives}  sent ${commands}  ${found.length === 0 ? 'good' : 'BAD'}  ${ms} ms`,
    );
  }
}
console.log(
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${String(times).padStart(9)}  ${name}`)
    .join('\n'),
);
const missing = seeds >= ENOUGH ? idle(counts) : [];
if (missing.length > 0) console.log(`never exercised: ${missing.join(', ')}`);
console.log(`${seeds} seeds from ${from}: ${seeds - failed} good, ${failed} bad`);
process.exitCode = failed > 0 || missing.length > 0 ? 1 : 0;
