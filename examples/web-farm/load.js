/**
 * The load generator. Open loop: requests leave when it is their time, whether or not earlier ones were answered, as people do who know nothing of each other.
 * (A generator that waits for answers sends less when the farm is slow, and so hides that it is slow.)
 * The times between requests are random (exponential, from a seed), at a rate that is changed by HTTP:
 *
 *   PUT /rate { "rate": 40 }   requests a second          GET /stats   what was sent and what came of it
 *   TERM                       sends no more, waits for what is under way, exits
 */
import { request as connect, createServer } from 'node:http';
import { answer, endAfter, endWithInput, listen, now, openLog, readArguments, readJson } from './common.js';

const options = readArguments({
  target: '', // the port of the balancer
  port: null, // of its own, to be governed by
  log: null,
  rate: 0,
  timeoutMs: 10_000,
  seed: 1,
  maxRequests: 100_000,
  maxPending: 5_000,
  lifetimeMs: 600_000,
});

const log = openLog(options.log);
const random = mulberry32(options.seed);
const counts = { sent: 0, ok: 0, failed: 0, pending: 0, skipped: 0 };
let rate = options.rate;
let due = now();
let timer;

/** A small generator of evenly spread numbers, 0…1 (Tommy Ettinger's mulberry32, public domain): the same seed, the same arrivals. */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sends all that is due, also what a busy machine made late, and sets the timer for the next. */
function tick() {
  while (rate > 0 && due <= now()) {
    if (counts.sent >= options.maxRequests) return setRate(0);
    counts.pending >= options.maxPending ? counts.skipped++ : send();
    due += (-Math.log(1 - random()) * 1_000) / rate;
  }
  if (rate > 0) timer = setTimeout(tick, Math.max(0, due - now()));
}

function setRate(value) {
  clearTimeout(timer);
  rate = value;
  due = now() + (rate > 0 ? (-Math.log(1 - random()) * 1_000) / rate : 0);
  log('rate', { rate });
  tick();
}

function send() {
  const sent = now();
  let status = null;
  counts.sent++;
  counts.pending++;
  const request = connect({ host: '127.0.0.1', port: Number(options.target), path: '/', agent: false }, (response) => {
    status = response.statusCode;
    response.resume();
    response.on('end', () => done(status < 400 ? null : `status ${status}`));
    response.on('error', (error) => done(error.code ?? error.message));
  });
  const timeout = setTimeout(() => request.destroy(new Error('timeout')), options.timeoutMs);
  request.on('error', (error) => done(error.code ?? error.message));
  request.end();

  let over = false;
  function done(reason) {
    if (over) return;
    over = true;
    clearTimeout(timeout);
    counts.pending--;
    reason === null ? counts.ok++ : counts.failed++;
    const end = now();
    log('request', {
      sent,
      end,
      ms: Math.round((end - sent) * 10) / 10,
      ok: reason === null,
      status,
      ...(reason === null ? {} : { reason }),
    });
    if (finishing) exitWhenDone();
  }
}

let finishing = false;
function finish() {
  finishing = true;
  if (rate !== 0) setRate(0);
  exitWhenDone();
}

function exitWhenDone() {
  if (counts.pending > 0) return;
  log('end', { ...counts });
  process.exit(0);
}

const control = createServer(async (request, response) => {
  if (request.url === '/stats') return answer(response, 200, { ...counts, rate });
  if (request.url !== '/rate' || request.method !== 'PUT') return answer(response, 404, { error: 'there are GET /stats and PUT /rate' });
  const wanted = (await readJson(request))?.rate;
  if (typeof wanted !== 'number' || !(wanted >= 0 && wanted <= 10_000))
    return answer(response, 400, { error: '{ "rate": N }, N from 0 to 10000 a second' });
  if (!finishing) setRate(wanted);
  answer(response, 200, { rate });
});

process.on('SIGTERM', finish);
process.on('SIGINT', finish);
endWithInput(() => process.exit(0));
endAfter(options.lifetimeMs, log);
await listen(control, options.port);
log('start', { pid: process.pid, target: Number(options.target), seed: options.seed });
setRate(rate);
