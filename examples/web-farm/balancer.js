/**
 * The balancer of the farm: hands each request to the next server of its list, round robin. Who is on the list is decided elsewhere.
 * A connection that is refused has carried nothing, so the request goes on to another server; what breaks later is not sent twice.
 *
 *   GET    /admin/stats          counts of all            PUT    /admin/servers/PORT   on to the list; again changes nothing
 *   GET    /admin/servers        every server known       DELETE /admin/servers/PORT   off the list; again changes nothing
 *   GET    /admin/servers/PORT   one, known or not        any other path               goes to a server
 */
import { request as connect, createServer } from 'node:http';
import { answer, endAfter, endWithInput, listen, now, openLog, readArguments } from './common.js';

const options = readArguments({
  port: null,
  log: null,
  servers: '', // ports that are on the list from the start, with commas between
  timeoutMs: 15_000, // for an answer of a server
  lifetimeMs: 600_000,
});

const log = openLog(options.log);
const started = now();
const counts = { requests: 0, ok: 0, failed: 0, retries: 0, pending: 0 };
/** What is known of each server, seen from outside: whatever it has become, its pending requests are counted here. */
const known = new Map();
let list = options.servers === '' ? [] : options.servers.split(',').map(Number);
let turn = 0;

const serverAt = (port) => {
  if (!known.has(port)) known.set(port, { sent: 0, answered: 0, failed: 0, refused: 0, pending: 0 });
  return known.get(port);
};
const describe = (port) => ({
  time: now(),
  port,
  listed: list.includes(port),
  ...(known.get(port) ?? { sent: 0, answered: 0, failed: 0, refused: 0, pending: 0 }),
});

/** The next server whose turn it is and which this request has not tried yet. */
function next(tried) {
  const candidates = list.filter((port) => !tried.includes(port));
  return candidates.length === 0 ? undefined : candidates[turn++ % candidates.length];
}

/** One attempt. Resolves to the answer; rejects with an error that says whether it was refused. */
function attempt(port, incoming, signal) {
  return new Promise((resolve, reject) => {
    const outgoing = connect({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, agent: false, signal }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, type: response.headers['content-type'], body: Buffer.concat(chunks) }),
      );
    });
    outgoing.setTimeout(options.timeoutMs, () => outgoing.destroy(new Error('timeout')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function pass(incoming, outgoing) {
  const came = now();
  const tried = [];
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  counts.requests++;
  counts.pending++;
  let reason = 'no server is on the list';
  for (let port = next(tried); port !== undefined; port = next(tried)) {
    const server = serverAt(port);
    const sent = now();
    tried.push(port);
    server.sent++;
    server.pending++;
    try {
      const reply = await attempt(port, incoming, gone.signal);
      server.pending--;
      server.answered++;
      return end(reply.status, { server: port, sent }, () => {
        outgoing.writeHead(reply.status, {
          'content-type': reply.type ?? 'text/plain',
          'content-length': reply.body.length,
          connection: 'close',
        });
        outgoing.end(reply.body);
      });
    } catch (error) {
      server.pending--;
      reason = gone.signal.aborted ? 'the client went away' : (error.code ?? error.message);
      if (error.code !== 'ECONNREFUSED') {
        server.failed++;
        return end(502, { server: port, sent, reason }, () => answer(outgoing, 502, { error: reason }));
      }
      server.refused++;
      counts.retries++;
    }
  }
  end(tried.length === 0 ? 503 : 502, { server: null, sent: null, reason }, () => answer(outgoing, 503, { error: reason }));

  function end(status, fields, reply) {
    counts.pending--;
    const ok = status < 400;
    ok ? counts.ok++ : counts.failed++;
    const ms = Math.round((now() - came) * 10) / 10;
    // The time of an answered request stands under a name of its own: one that failed says nothing about speed.
    log('request', {
      status,
      came,
      ms,
      ...(ok ? { answeredMs: ms } : {}),
      ...fields,
      refused: tried.slice(0, fields.server === null ? undefined : -1),
    });
    reply();
  }
}

function administer(request, response) {
  const [, , what, port] = request.url.split('/');
  if (what === 'stats') return answer(response, 200, { ...counts, listed: list.length, uptimeMs: now() - started });
  if (what !== 'servers') return answer(response, 404, { error: 'there are /admin/stats and /admin/servers' });
  if (port === undefined)
    return answer(response, 200, { servers: [...new Set([...list, ...known.keys()])].sort((a, b) => a - b).map(describe) });
  if (!/^[0-9]{1,5}$/.test(port)) return answer(response, 400, { error: `"${port}" is not a port` });
  if (request.method === 'PUT' || request.method === 'DELETE') change(Number(port), request.method === 'PUT');
  answer(response, 200, describe(Number(port)));
}

function change(port, listed) {
  if (list.includes(port) === listed) return;
  list = listed ? [...list, port].sort((a, b) => a - b) : list.filter((other) => other !== port);
  log(listed ? 'listed' : 'delisted', { port, list });
}

const server = createServer((request, response) => (request.url.startsWith('/admin/') ? administer : pass)(request, response));
const finish = (reason) => () => {
  log('end', { reason });
  process.exit(0);
};
process.on('SIGTERM', finish('term'));
process.on('SIGINT', finish('term'));
endWithInput(finish('input'));
endAfter(options.lifetimeMs, log);
await listen(server, options.port);
log('start', { pid: process.pid, port: options.port, list });
