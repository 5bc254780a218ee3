/**
 * The story of a run, told by those who took part and know nothing of Homeostat: the load generator (what clients got), the balancer (who was
 * on its list, what went where), the servers (when each process began and ended) and the script (what was done to them, and when).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The span over which "the p95" is taken, as the farm's own gauge takes it. */
const P95_WINDOW_MS = 5_000;

/** The raw logs of a run. @throws Error if one is missing, or a line is not JSON. */
export function readLogs(folder) {
  const raw = join(folder, 'raw');
  const servers = readdirSync(raw).filter((name) => /^server-[0-9]+\.jsonl$/.test(name));
  if (servers.length === 0) throw new Error(`${raw} holds no log of a server`);
  return {
    load: readLines(join(raw, 'load.jsonl')),
    balancer: readLines(join(raw, 'balancer.jsonl')),
    script: readLines(join(raw, 'script.jsonl')),
    servers: servers.map((name) => ({ port: Number(/[0-9]+/.exec(name)[0]), lines: readLines(join(raw, name)) })),
  };
}

export function readLines(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last end of line was cut off with the process that wrote it.
  return lines.slice(0, -1).map((line, index) => {
    try {
      return JSON.parse(line);
    } catch {
      throw new Error(`${file}:${index + 1} is not JSON`);
    }
  });
}

export const named = (lines, event) => lines.filter((line) => line.event === event);

export function only(lines, event) {
  const found = named(lines, event);
  if (found.length !== 1) throw new Error(`the script's log has "${event}" ${found.length} times, not once`);
  return found[0];
}

/** The summary, counted again. */
export function recount({ load, balancer, script, servers }) {
  const killed = only(script, 'killed');
  const frozen = only(script, 'frozen');
  const surge = { from: only(script, 'surge').time, to: only(script, 'surgeOver').time };
  const requests = named(load, 'request');
  const lives = servers.flatMap(livesOf);
  const changes = changesOf(lives, only(script, 'ready').time, only(script, 'over').time, [killed, frozen]);
  const p95At = p95By(load);
  return {
    killed: healing(killed, balancer, lives),
    frozen: healing(frozen, balancer, lives),
    scaledOut: changes.filter((change) => change.sign > 0).length,
    scaledIn: changes.filter((change) => change.sign < 0).length,
    reversals: reversals(changes, surge.to),
    requests: {
      sent: requests.length,
      ok: requests.filter((r) => r.ok).length,
      failed: requests.filter((r) => !r.ok).length,
      inFlightAtKill: atRisk(balancer, killed.port, killed.seen, only(script, 'gone').seen),
      sentToFrozen: atRisk(balancer, frozen.port, frozen.seen, change(balancer, 'delisted', frozen.port, frozen.seen)),
    },
    p95Ms: {
      calm: p95At(killed.time),
      surge: Math.max(...instants(surge.from, surge.to).map(p95At)),
      recovered: p95At(surge.to),
    },
    managerRestarts: named(script, 'managerStarted').length - 1,
    commandsRepeated: repeated(servers),
  };
}

/** The lives of the processes on one port: when each began, and when it was told to end and did. */
function livesOf({ port, lines }) {
  return named(lines, 'start').map((start) => {
    const mine = (event) => named(lines, event).find((line) => line.pid === start.pid && line.time >= start.time);
    return { port, pid: start.pid, startedBy: start.startedBy, from: start.time, told: mine('term')?.time, to: mine('end')?.time };
  });
}

/** Servers that were added or taken away while the farm ran, in order. A process that replaces one that was lost is neither. */
function changesOf(lives, ready, over, losses) {
  const replaces = (life) =>
    losses.some((loss) => loss.port === life.port && life === lives.find((l) => l.port === loss.port && l.from > loss.seen));
  const lost = (life) => losses.some((loss) => loss.pid === life.pid);
  const added = lives
    .filter((life) => life.from > ready && life.from < over && !replaces(life))
    .map((life) => ({ time: life.from, sign: 1 }));
  const taken = lives.filter((life) => life.told > ready && life.told < over && !lost(life)).map((life) => ({ time: life.told, sign: -1 }));
  return [...added, ...taken].sort((a, b) => a.time - b.time);
}

/** Changes of direction, but for the one that the end of the surge calls for. */
function reversals(changes, surgeOver) {
  const turns = changes.filter((change, i) => i > 0 && change.sign !== changes[i - 1].sign);
  const calledFor = turns.findIndex((turn) => turn.sign < 0 && turn.time > surgeOver);
  return turns.length - (calledFor === -1 ? 0 : 1);
}

/** When the balancer's list first changed for a port after an instant. */
const change = (balancer, event, port, after) => named(balancer, event).find((line) => line.port === port && line.time > after)?.time;

/**
 * The first that was to be seen of a reaction, and when a new process was on the list and had answered. What came after the loss is told by the
 * farm's own clock (`seen`); the spans are from the moment that the script wrote down.
 */
function healing(loss, balancer, lives) {
  const born = lives.find((life) => life.port === loss.port && life.from > loss.seen);
  const delisted = change(balancer, 'delisted', loss.port, loss.seen);
  const listed = born && change(balancer, 'listed', loss.port, Math.max(born.from, delisted ?? 0));
  const answered =
    listed && named(balancer, 'request').some((line) => line.server === loss.port && line.status === 200 && line.sent >= listed);
  const since = (time) => (time === undefined ? null : Math.round(time - loss.time));
  return {
    detectedMs: since(Math.min(...[delisted, born?.from].filter((time) => time !== undefined))),
    healedMs: answered ? since(listed) : null,
  };
}

/** What raw logs say of a port around a loss, ms after it: where a figure disagrees, this is what to look at. */
export function storyOf(event, { balancer, script, servers }) {
  const loss = only(script, event);
  const lines = (from, list) =>
    list.filter(({ time }) => Math.abs(time - loss.time) < 10_000).map((line) => ({ at: line.time - loss.time, from, line }));
  const server = servers.find(({ port }) => port === loss.port)?.lines ?? [];
  const answered = named(balancer, 'request').find((r) => r.server === loss.port && r.status === 200 && r.sent > loss.seen);
  return [
    ...lines('script', [loss, ...named(script, 'gone')]),
    ...lines(
      'balancer',
      ['listed', 'delisted'].flatMap((name) => named(balancer, name)).filter(({ port }) => port === loss.port),
    ),
    ...lines(
      'server',
      ['start', 'term', 'end'].flatMap((name) => named(server, name)),
    ),
    ...lines('balancer', answered === undefined ? [] : [answered]),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ at, from, line }) => `${Math.round(at)} ms ${from} ${JSON.stringify(line)}`);
}

/** Requests that a server had been given and not answered, from one instant to another. */
const atRisk = (balancer, port, from, to) =>
  named(balancer, 'request').filter((line) => line.server === port && line.time >= from && line.sent <= to).length;

/** Processes beyond the first that one order has started on one port. */
function repeated(servers) {
  const starts = servers.flatMap(({ port, lines }) => named(lines, 'start').map((line) => `${line.startedBy} ${port}`));
  return starts.length - new Set(starts).size;
}

/** The p95 of what clients got in the window that ends at a time. */
export const p95By = (load) => {
  const answered = named(load, 'request').filter((r) => r.ok);
  return (time) => p95(answered.filter((r) => r.end > time - P95_WINDOW_MS && r.end <= time).map((r) => r.ms));
};

/** How much the p95 moved in the second before each of two moments. The demo's figure is the last that it had looked up, twice a second. */
export function drift({ load, script }) {
  const p95At = p95By(load);
  const moved = (time) => {
    const seen = Array.from({ length: 5 }, (_, i) => p95At(time - i * 250) ?? 0);
    return Math.max(...seen) - Math.min(...seen);
  };
  return { calm: moved(only(script, 'killed').time), recovered: moved(only(script, 'surgeOver').time) };
}

/** By the nearest rank: the smallest number that at least 95 % of all do not exceed. */
function p95(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length === 0 ? null : Math.round(sorted[Math.max(0, Math.ceil(sorted.length * 0.95 - 1e-9) - 1)]);
}

export const instants = (from, to) => Array.from({ length: Math.max(1, Math.floor((to - from) / 250)) }, (_, i) => from + (i + 1) * 250);

/** What the raw logs must say of each other if none is false or cut; each complaint is a sentence. */
export function contradictions({ load, balancer, servers }) {
  const complaints = [];
  const equal = (what, one, other) => one === other || complaints.push(`${what}: ${one} and ${other}`);
  const sent = named(load, 'request');
  const passed = named(balancer, 'request');
  equal('requests that clients sent, and that the balancer took', sent.length, passed.length);
  equal(
    'requests that clients saw answered, and that the balancer answered',
    sent.filter((r) => r.ok).length,
    passed.filter((r) => r.status < 400).length,
  );
  for (const { port, lines } of servers) {
    const answered = named(lines, 'request').filter((line) => line.status === 200).length;
    const seen = passed.filter((line) => line.server === port && line.status === 200).length;
    // A server that is killed may have written down an answer that never left it.
    if (answered < seen || answered > seen + 10)
      equal(`answers of server ${port}, and those that the balancer had from it`, answered, seen);
  }
  return complaints;
}
