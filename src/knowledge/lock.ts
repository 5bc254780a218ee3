/** One manager a folder: a name in the kernel that is held while the process lives, and let go of however it ends. */
import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { HomeostatError } from '../errors.ts';

/** Holds the folder until the returned function is called or the process ends. @throws HomeostatError H301 if another manager holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
  const server = createServer();
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new HomeostatError('H301', `another manager runs on ${folder}; stop it first, or name another folder`) : error);
    });
    // An abstract socket of Linux: no file that could be left behind.
    server.listen(`\0homeostat-${name}`, () => resolve());
  });
  return () => new Promise((resolve) => server.close(() => resolve()));
}
