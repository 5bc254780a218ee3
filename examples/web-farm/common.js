/** What the three programs of the farm share: their arguments, the time, a raw log, and an end to their lives. */
import { linkSync, openSync, readFileSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Reads `--service-ms 80` into `{ serviceMs: 80 }`. `defaults` gives the names and their types; what has the default null must be given.
 * Ends the process with status 2 when an argument is unknown, missing or not the number it should be.
 */
export function readArguments(defaults) {
  const flagOf = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flags = Object.fromEntries(Object.keys(defaults).map((name) => [flagOf(name), { type: 'string' }]));
  try {
    const { values } = parseArgs({ options: flags, strict: true });
    return Object.fromEntries(
      Object.entries(defaults).map(([name, fallback]) => {
        const text = values[flagOf(name)];
        if (text === undefined && fallback === null) throw new Error(`--${flagOf(name)} is missing`);
        if (text === undefined) return [name, fallback];
        if (typeof fallback === 'string' || name === 'log') return [name, text];
        const number = Number(text);
        if (text === '' || !Number.isFinite(number) || number < 0)
          throw new Error(`--${flagOf(name)} must be a number from 0, not "${text}"`);
        return [name, number];
      }),
    );
  } catch (error) {
    console.error(
      `${error.message}\narguments: ${Object.keys(flags)
        .map((flag) => `--${flag}`)
        .join(' ')}`,
    );
    process.exit(2);
  }
}

/** Milliseconds since the machine was started: the same in every process, whatever is done to the wall clock. */
const uptime = () => Number(process.hrtime.bigint()) / 1e6;

let epoch = Date.now() - uptime();

/** Milliseconds since 1970 to a tenth, by a clock that moves evenly and that all who log into one folder share. */
export const now = () => Math.round((epoch + uptime()) * 10) / 10;

/**
 * Appends lines of JSON to a file; each is in the kernel's hands when the call returns, so that a KILL loses none. Whoever logs into a folder
 * first leaves there, for this boot of the machine, what the time was when the machine started. Each process asking the wall clock for itself
 * would not do: it is set and corrected while the farm runs, and was seen to put two processes 70 ms apart.
 */
export function openLog(file) {
  const descriptor = openSync(file, 'a');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const shared = join(dirname(file), `epoch-${boot}`);
  const mine = `${shared}.${process.pid}`;
  writeFileSync(mine, String(epoch));
  try {
    linkSync(mine, shared); // whole or not at all, and only the first
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  unlinkSync(mine);
  epoch = Number(readFileSync(shared, 'utf8'));
  return (event, fields) => writeSync(descriptor, `${JSON.stringify({ event, time: now(), ...fields })}\n`);
}

/** Listens on loopback; a port that is taken ends the process with status 1 and says so. */
export function listen(server, port) {
  server.once('error', (error) => {
    console.error(`cannot listen on 127.0.0.1:${port}: ${error.message}`);
    process.exit(1);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server.address().port)));
}

/** Ends the process after a time, whatever happens: nothing of an example is left behind for long. */
export function endAfter(lifetimeMs, log) {
  setTimeout(() => {
    log('end', { reason: 'lifetime' });
    process.exit(0);
  }, lifetimeMs).unref();
}

/** Ends the process when its standard input ends, that is with whoever started it, even by KILL. */
export function endWithInput(end) {
  process.stdin.on('end', end).on('error', end).resume();
}

/** Answers with JSON. */
export function answer(response, status, body) {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), connection: 'close' });
  response.end(text);
}

/** The body of a small JSON request; undefined if it is none. */
export async function readJson(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
