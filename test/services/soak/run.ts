/**
 * `npm run soak -- --minutes 30 --every 20s [--seed S]`: real managers, broker and InfluxDB under load, with a fault every 20 s from a seed, which
 * repeats the plan. Prints its figures as a table and as JSON, and ends with 1 if anything is wrong.
 */
import { parseArgs } from 'node:util';
import { durationMs } from '../../../src/duration.ts';
import { missing } from '../../servers/index.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    every: { type: 'string', default: '20s' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const absent = missing(['kafka', 'influx']);
if (absent.length > 0) {
  console.error(`${absent.join(' and ')} not installed: run test/servers/install.sh kafka influx`);
  process.exit(2);
}
const { minutes, every, seed } = values;
const again = `npm run soak -- --minutes ${minutes} --every ${every} --seed ${seed}`;
console.log(`seed ${seed}; the same plan again: ${again}`);
const { figures, findings, folder } = await soak({
  minutes: Number(minutes),
  everyMs: durationMs(every),
  seed: Number(seed),
  progress: (text) => process.stdout.write(`${text}\n`),
});
console.log();
for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(40)}${String(figure).padStart(12)}`);
console.log(`\n${JSON.stringify({ seed: Number(seed), minutes: Number(minutes), every, figures, findings })}`);
for (const finding of findings.slice(0, 50)) console.log(`✗ ${finding}`);
if (folder !== undefined) console.log(`logs and effects: ${folder}`);
console.log(findings.length === 0 ? '✓ nothing is lost, and nothing was done twice' : `✗ ${findings.length} findings; ${again}`);
process.exit(findings.length === 0 ? 0 : 1);
