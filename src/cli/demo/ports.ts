/** Ports for a run: free ones of loopback, below those that the system gives to outgoing connections. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { HomeostatError } from '../../errors.ts';

const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 50;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The first of `count` ports in a row that are all free now. @throws HomeostatError H304 if there seem to be none. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = randomInt(LOWEST, HIGHEST - count);
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
  throw new HomeostatError('H304', `no ${count} free ports in a row between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
}
