/** The folder of a run: a copy of the example that runs on ports of its own, and a place for raw logs. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HomeostatError, messageOf } from '../../errors.ts';
import { freePorts } from './ports.ts';
import { clusterOf, type DemoServers, withServers } from './services.ts';

/** Where the examples lie, seen from src/cli/demo as from dist/cli/demo. */
const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** The ports that the example's files name: the balancer's, those of the servers after it, and the API's. */
const WRITTEN = { balancer: 8300, api: 8399 } as const;
const MOST_SERVERS = 8;
/** In a row: the balancer's, those of the servers, that of the load generator. */
export const PORTS_OF_A_FARM: number = MOST_SERVERS + 2;
/** How long any process of a run may live, should all else fail to end it. */
export const LIFETIME_MS = 240_000;
export const SCRIPT_LOG = 'raw/script.jsonl';

export interface Place {
  readonly folder: string;
  readonly managerFile: string;
  /** The folder of the manager's state. */
  readonly state: string;
  readonly raw: string;
  /** What its programs are told apart by in the raw logs, where there are several farms; else empty. */
  readonly site: string;
  readonly program: (name: 'balancer' | 'load') => string;
  readonly ports: { readonly balancer: number; readonly load: number };
  /** The servers that it runs on, and the first part of its topics; absent: it is embedded. */
  readonly servers?: DemoServers & { readonly cluster: string };
}

/** Makes a fresh folder, with ports for so many farms one behind the other. @throws HomeostatError H501 if it holds something that the demo did not put there, H304, H001. */
export async function makePlace(folder: string, servers?: DemoServers, farms = 1): Promise<Place> {
  const home = resolve(folder);
  await clear(home);
  const first = await freePorts(farms * PORTS_OF_A_FARM + 1);
  const ports = { balancer: first, load: first + MOST_SERVERS + 1, api: first + farms * PORTS_OF_A_FARM };
  const raw = join(home, 'raw');
  try {
    await cp(join(EXAMPLES, 'web-farm'), home, { recursive: true });
    await mkdir(raw);
    await writeFile(join(home, SCRIPT_LOG), '');
    const managerFile = join(home, 'homeostat.json');
    const embedded = adapted(await readFile(managerFile, 'utf8'), ports);
    const cluster = clusterOf(first);
    await writeFile(managerFile, servers === undefined ? embedded : withServers(embedded, servers, cluster));
    const state = join(home, '.homeostat');
    const program = (name: string) => join(home, `${name}.js`);
    return {
      folder: home,
      managerFile,
      state,
      raw,
      site: '',
      program,
      ports,
      ...(servers === undefined ? {} : { servers: { ...servers, cluster } }),
    };
  } catch (error) {
    throw new HomeostatError('H001', `${home} cannot be made ready for the demo: ${messageOf(error)}`, { cause: error });
  }
}

/** Empties the folder of an earlier run, which is known by the log of its script. */
async function clear(home: string): Promise<void> {
  try {
    const there = await readdir(home).catch(() => []);
    if (there.length > 0 && !existsSync(join(home, SCRIPT_LOG))) {
      throw new HomeostatError('H501', `${home} holds something that is not of an earlier demo; give another folder, or empty this one`);
    }
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
  } catch (error) {
    if (error instanceof HomeostatError) throw error;
    throw new HomeostatError('H001', `${home} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

/** The manager file with the ports of this run, the very Node that runs the demo, and an end to every server. */
function adapted(text: string, ports: { readonly balancer: number; readonly api: number }): string {
  return text
    .replaceAll(String(WRITTEN.balancer), String(ports.balancer))
    .replaceAll(String(WRITTEN.api), String(ports.api))
    .replaceAll('"node"', JSON.stringify(process.execPath))
    .replaceAll('"raw/server-{port}.jsonl"', `"raw/server-{port}.jsonl", "--lifetime-ms", "${LIFETIME_MS}"`);
}
