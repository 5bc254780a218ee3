/**
 * The site as a program that a manager talks to, in real time or faster. It ends with the trace and prints what the run was worth.
 *
 *   node server.js --trace FILE [--port 4242] [--speed 1] [--seed 0] [--boot-s 60]
 */
import { parseArgs } from 'node:util';
import { Scored } from './score.js';
import { serve } from './serve.js';
import { Site } from './site.js';
import { arrivalsOf, readGaps, TRACE_S } from './trace.js';

const { values } = parseArgs({
  options: {
    trace: { type: 'string' },
    port: { type: 'string', default: '4242' },
    speed: { type: 'string', default: '1' }, // seconds of the site in one of the clock
    seed: { type: 'string', default: '0' },
    'boot-s': { type: 'string', default: '60' },
  },
});
const refuse = (text) => {
  console.error(text);
  process.exit(2);
};
if (values.trace === undefined) refuse('--trace is missing: a .delta file; README.md says where to get one');
const [port, speed, seed, bootS] = [values.port, values.speed, values.seed, values['boot-s']].map(Number);
if (![port, seed, bootS].every((number) => Number.isInteger(number) && number >= 0) || !(speed > 0))
  refuse('--port, --seed and --boot-s must be whole numbers from 0, --speed a number above 0');

const site = new Site({ arrivals: arrivalsOf(readGaps(values.trace)), seed, bootS });
const scored = new Scored(site);
const began = performance.now();
const live = () => {
  scored.advance(Math.min(TRACE_S, ((performance.now() - began) / 1_000) * speed));
  if (site.now < TRACE_S) return;
  const { score, late } = scored.result;
  console.log(JSON.stringify({ score: Math.round(score), late, periods: scored.periods.length }));
  process.exit(0);
};
const server = serve({
  site,
  live,
  aborted: (error) => {
    console.error(`aborted at ${site.now.toFixed(1)} s: ${error.message}`);
    process.exit(1);
  },
});
server.once('error', (error) => {
  console.error(`cannot listen on 127.0.0.1:${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ listening: server.address().port, speed, seed, bootS })));
setInterval(live, 200);
