/** What the three programs of the farm share: their arguments, the time, a raw log, and an end to their lives. */
import { openSync, writeSync } from 'node:fs';
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

/**
 * Where `performance.now()` began, by the wall clock. Not `performance.timeOrigin`, which was seen to be wrong by 70 ms on a busy machine. A process that
 * is put aside between the two looks finds too early a beginning: the latest of a few is right.
 */
const began = Math.max(...Array.from({ length: 5 }, () => Date.now() - performance.now()));

/** Milliseconds since 1970 to a tenth; moves evenly whatever is done to the wall clock while the process lives. */
export const now = () => Math.round((began + performance.now()) * 10) / 10;

/** Appends lines of JSON to a file; each is in the kernel's hands when the call returns, so that a KILL loses none. */
export function openLog(file) {
  const descriptor = openSync(file, 'a');
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
