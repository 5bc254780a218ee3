/** Checks of the machine that Homeostat is to run on: its clock, its limits, its ports. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Address, readAddress } from '../api/address.ts';
import { serverTls } from '../api/tls.ts';
import { type Clock, sleep } from '../clock.ts';
import { HomeostatError } from '../errors.ts';
import { type Check, error, type Trouble, type Verdict, warning } from './check.ts';

const LEAST_NODE = [20, 12] as const;

export const NODE: Check = {
  name: 'node',
  run: () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const [needed, least] = LEAST_NODE;
    if (major > needed || (major === needed && minor >= least)) return `Node ${process.versions.node}`;
    return error(`Node ${process.versions.node} runs this`, `install Node ${needed}.${least} or newer`);
  },
};

/** How far the wall clock may move against the monotonic one while we look. */
const STEADY_MS = 50;
const LOOK_MS = 200;
/** No clock before this can be right: it is when this was written. */
const NOT_BEFORE = Date.UTC(2026, 0, 1);

export const CLOCK: Check = {
  name: 'clock',
  run: async ({ clock }) => {
    if (clock.wall() < NOT_BEFORE)
      return error(
        `the clock says ${new Date(clock.wall()).toISOString()}, which is over`,
        'set it, and let a time service such as chrony keep it',
      );
    const before = clock.wall() - clock.now();
    await sleep(clock, LOOK_MS);
    const moved = clock.wall() - clock.now() - before;
    if (Math.abs(moved) > STEADY_MS)
      return warning(
        `the wall clock moved by ${moved} ms against the monotonic one within ${LOOK_MS} ms`,
        'see what sets the clock: decisions go on by the monotonic one, but times in the journal and in the history jump',
      );
    const kept = await keptInTime();
    if (kept === false)
      return warning(
        'the clock is not kept by a time service',
        'start chrony or systemd-timesyncd: times of different machines are compared',
      );
    return kept === undefined ? 'steady; whether a time service keeps it cannot be seen from here' : 'steady, and kept by a time service';
  },
};

/** Undefined: it cannot be seen. */
async function keptInTime(): Promise<boolean | undefined> {
  if (existsSync('/run/systemd/timesync/synchronized')) return true;
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: 2_000 });
    const said = stdout.trim();
    return said === 'yes' ? true : said === 'no' ? false : undefined;
  } catch {
    return undefined;
  }
}

/** Files, sockets to servers, and what else a process holds beside connections to the API. */
const FILES_BESIDES = 500;

export const FILES: Check = {
  name: 'files',
  run: ({ configuration }) => filesVerdict(readLimits(), configuration.manager.api?.limits?.connections ?? 1_000),
};

const readLimits = (): string => (existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : '');

/** `limits`: as Linux shows them in /proc. */
export function filesVerdict(limits: string, connections: number): Verdict {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return 'the limit on open files cannot be seen from here';
  const needed = connections + FILES_BESIDES;
  if (soft === 'unlimited' || Number(soft) >= needed) return `${soft} files may be open at once`;
  return warning(
    `${soft} files may be open at once, and ${connections} connections of the API (api.limits.connections) with the rest come to ${needed}`,
    `raise it: ulimit -n ${needed}, LimitNOFILE= of its unit, or ulimits: of its container`,
  );
}

export const PORT: Check = {
  name: 'api.port',
  run: async ({ configuration }) => {
    const { folder, manager } = configuration;
    const { host = '127.0.0.1', port = 0 } = manager.api ?? {};
    const running = addressIn(folder);
    if (running !== undefined) return `a manager answers at ${running.url} (process ${running.pid})`;
    const code = await listenOnce(host, port);
    if (code === undefined) return port === 0 ? `any free port of ${host}` : `port ${port} of ${host} is free`;
    if (code === 'EADDRINUSE')
      return error(
        `port ${port} of ${host} is in use by another program`,
        'stop that program (ss -ltnp shows it), or name another under api.port',
      );
    if (code === 'EACCES') return error(`port ${port} of ${host} may not be used by this user`, 'name one above 1023 under api.port');
    return error(
      `${host} is no address of this machine (${code})`,
      'correct api.host; 127.0.0.1 is for this machine alone, 0.0.0.0 for everybody',
    );
  },
};

/** In services mode each process has a folder of its own below. */
function addressIn(folder: string): Address | undefined {
  const several = join(folder, 'managers');
  const folders = [folder, ...(existsSync(several) ? readdirSync(several).map((name) => join(several, name)) : [])];
  return folders.map(readAddress).find((address) => address !== undefined);
}

const listenOnce = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'it cannot be listened to'));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

export const CERTIFICATE: Check = {
  name: 'api.tls',
  concerns: ({ configuration }) => configuration.manager.api?.tls !== undefined,
  run: ({ configuration, clock }) => {
    try {
      const { cert } = serverTls(configuration.manager.api!.tls!, configuration.directory);
      return validity(new X509Certificate(cert), clock);
    } catch (thrown) {
      if (thrown instanceof HomeostatError) return error(thrown.message, 'correct the files under api.tls');
      throw thrown;
    }
  },
};

/** Whether a certificate holds now, and for how long. */
export function validity(
  { validFrom, validTo, subject }: Pick<X509Certificate, 'validFrom' | 'validTo' | 'subject'>,
  clock: Clock,
): Verdict {
  const now = clock.wall();
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const name = subject.replaceAll('\n', ', ');
  const renew = 'renew it, and send HUP: it is read again without a restart';
  if (now < from)
    return error(`the certificate of ${name} holds only from ${validFrom} on`, 'see whether the clock of this machine is right');
  if (now > to) return error(`the certificate of ${name} ended on ${validTo}`, renew);
  const days = Math.floor((to - now) / DAY_MS);
  const troubles: readonly Trouble[] = warning(`the certificate of ${name} ends in ${days} days, on ${validTo}`, renew);
  return days < SOON_DAYS ? troubles : `the certificate of ${name} holds for ${days} days`;
}
