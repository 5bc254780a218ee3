/**
 * `npm run simulate -- --seeds N [--from FIRST] [--system embedded|services] [--verbose]`: runs seeds and says which fail, why, and how to run them again. Without a
 * system, one seed of five is of the embedded system and four are of the services.
 */
import { parseArgs } from 'node:util';
import { violations } from './checkers/index.ts';
import { type Counts, exercised, idle } from './exercised.ts';
import { servicesViolations } from './services/checkers/index.ts';
import { idleServices, servicesExercised } from './services/exercised.ts';
import { simulateServices } from './services/simulation.ts';
import { simulate } from './simulation.ts';
import type { Violation } from './trace.ts';

type System = 'embedded' | 'services';

/** So many runs of a system must between them have exercised everything. */
const ENOUGH = 100;
/** One of so many seeds is of the embedded system. */
const EMBEDDED_EVERY = 5;

const USAGE = 'usage: npm run simulate -- --seeds N [--from FIRST] [--system embedded|services] [--verbose]';

function options() {
  try {
    const { values } = parseArgs({
      options: { seeds: { type: 'string' }, from: { type: 'string' }, system: { type: 'string' }, verbose: { type: 'boolean' } },
    });
    const [seeds, from, system] = [Number(values.seeds ?? 500), Number(values.from ?? 1), values.system];
    if (Number.isSafeInteger(seeds) && seeds > 0 && Number.isSafeInteger(from) && (system === undefined || isSystem(system)))
      return { seeds, from, system, verbose: values.verbose === true };
  } catch {
    // Said below.
  }
  console.error(USAGE);
  process.exit(2);
}

const isSystem = (text: string): text is System => text === 'embedded' || text === 'services';

interface Told {
  readonly found: readonly Violation[];
  readonly line: string;
}

/** What each system does with a seed. */
const SYSTEMS: Readonly<Record<System, (seed: number, counts: Counts) => Promise<Told>>> = {
  embedded: async (seed, counts) => {
    const trace = await simulate(seed);
    exercised(trace, counts);
    const lives = trace.entries.filter((entry) => entry.kind === 'life').length;
    return {
      found: violations(trace),
      line: `trace ${trace.hash}  steps ${trace.steps.length}  lives ${lives}  sent ${sentIn(trace.entries)}`,
    };
  },
  services: async (seed, counts) => {
    const trace = await simulateServices(seed);
    servicesExercised(trace, counts);
    const lives = trace.entries.filter((entry) => entry.kind === 'process' && entry.what === 'started').length;
    const steps = trace.partitions.map((partition) => partition.steps.length).join('+');
    return { found: servicesViolations(trace), line: `trace ${trace.hash}  steps ${steps}  lives ${lives}  sent ${sentIn(trace.entries)}` };
  },
};

const sentIn = (entries: readonly { readonly kind: string }[]): number => entries.filter(({ kind }) => kind === 'execute').length;

const { seeds, from, system, verbose } = options();
const counts: Readonly<Record<System, Counts>> = { embedded: new Map(), services: new Map() };
const runs = { embedded: 0, services: 0 };
let failed = 0;
for (let seed = from; seed < from + seeds; seed++) {
  const began = performance.now();
  const which = system ?? (seed % EMBEDDED_EVERY === 0 ? 'embedded' : 'services');
  runs[which]++;
  const { found, line } = await SYSTEMS[which](seed, counts[which]);
  if (found.length > 0) failed++;
  for (const { checker, step, message } of found) {
    console.log(`seed ${seed} fails: ${checker}, at step ${step}: ${message}`);
    console.log(`  again: npm run simulate -- --seeds 1 --from ${seed} --system ${which}`);
  }
  if (verbose)
    console.log(`seed ${seed}  ${which}  ${line}  ${found.length === 0 ? 'good' : 'BAD'}  ${Math.round(performance.now() - began)} ms`);
}
const missing: string[] = [];
for (const [which, of] of [
  ['embedded', idle],
  ['services', idleServices],
] as const) {
  if (runs[which] === 0) continue;
  console.log(`${which}:`);
  for (const [name, times] of [...counts[which]].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${String(times).padStart(9)}  ${name}`);
  if (runs[which] >= ENOUGH) missing.push(...of(counts[which]).map((name) => `${which}: ${name}`));
}
if (missing.length > 0) console.log(`never exercised: ${missing.join(', ')}`);
console.log(`${seeds} seeds from ${from}: ${seeds - failed} good, ${failed} bad`);
process.exitCode = failed > 0 || missing.length > 0 ? 1 : 0;
