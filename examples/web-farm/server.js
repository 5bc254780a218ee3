/**
 * A web server of the farm. Each request takes a fixed time (a timer: it waits, as for a database, and burns no CPU), only so many are served at once,
 * and the others queue first come, first served. So a server's capacity is concurrency / service time, and one server more helps on any machine.
 *
 *   GET /        does the work             GET /health   { status: "ok" | "draining", pid }
 *   GET /stats   counts and progress       TERM          lingers, stops accepting, finishes what it has, exits
 */
import { createServer } from 'node:http';
import { answer, endAfter, listen, now, openLog, readArguments } from './common.js';

const options = readArguments({
  port: null,
  log: null,
  serviceMs: 80,
  concurrency: 3,
  queue: 2_000, // requests that may wait; one more is refused with 503
  lingerMs: 700, // after TERM: goes on as before but calls itself draining, so that a balancer can take it off its list in peace
  lifetimeMs: 600_000,
});

const log = openLog(options.log);
const counts = { requests: 0, errors: 0, completed: 0, active: 0 };
const queue = [];
let draining = false;

/** Takes from the queue while there is room. */
function serve() {
  while (counts.active < options.concurrency && queue.length > 0) {
    const job = queue.shift();
    counts.active++;
    job.began = now();
    setTimeout(() => finish(job), options.serviceMs);
  }
}

function finish(job) {
  counts.active--;
  counts.completed++;
  // Written down first: a process that is killed in between has then noted one answer too many, which can be told, and not one too few.
  log('request', { status: 200, received: job.received, began: job.began });
  answer(job.response, 200, { port: options.port, pid: process.pid });
  serve();
  if (draining) exitWhenDone();
}

function work(response) {
  counts.requests++;
  const received = now();
  if (queue.length >= options.queue) {
    counts.errors++;
    log('request', { status: 503, received });
    return answer(response, 503, { error: `${options.queue} requests wait already` });
  }
  queue.push({ response, received });
  serve();
}

const stats = () => ({
  ...counts,
  pending: counts.active + queue.length,
  waiting: queue.length,
  draining,
  pid: process.pid,
  uptimeMs: performance.now(),
});

const server = createServer((request, response) => {
  if (request.url === '/') return work(response);
  if (request.url === '/stats') return answer(response, 200, stats());
  if (request.url === '/health') return answer(response, draining ? 503 : 200, { status: draining ? 'draining' : 'ok', pid: process.pid });
  answer(response, 404, { error: 'there are /, /stats and /health' });
});

function exitWhenDone() {
  if (server.listening || counts.active > 0 || queue.length > 0) return;
  log('end', { reason: 'term', pid: process.pid });
  process.exit(0);
}

function drain() {
  if (draining) return;
  draining = true;
  log('term', { pid: process.pid, pending: counts.active + queue.length });
  // In the check phase, right after connections have been accepted: as good as none is caught between accepting and closing.
  setTimeout(() => setImmediate(() => server.close(exitWhenDone)), options.lingerMs);
}

process.on('SIGTERM', drain);
process.on('SIGINT', drain);
endAfter(options.lifetimeMs, log);
await listen(server, options.port);
// Whoever starts servers may give them a mark of the order that they owe their life to; it means nothing here.
log('start', { pid: process.pid, port: options.port, startedBy: process.env.HOMEOSTAT_COMMAND ?? null });
