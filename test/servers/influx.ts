/** An InfluxDB 1.x, as `install.sh` gets it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, newFolder, type Server, startProgram } from './process.ts';

export const INFLUX_VERSION = '1.6.7';

export const hasInflux = (): boolean =>
  String(spawnSync('influxd', ['version'], { encoding: 'utf8' }).stdout ?? '').includes(INFLUX_VERSION);

export interface InfluxOptions {
  /** Asks users for name and password; the first to be created must be an administrator. */
  readonly auth?: boolean;
  /** More settings by section, as lines of TOML: `{ http: ['max-body-size = 1000'] }`. */
  readonly settings?: Readonly<Record<string, readonly string[]>>;
  /** Where it keeps its data, such as a small tmpfs; its own folder if not given. */
  readonly data?: string;
}

/** Starts an InfluxDB on free ports of the loopback interface. `port` is that of its HTTP API. */
export async function startInflux(options: InfluxOptions = {}): Promise<Server> {
  const [port, rpc] = (await freePorts(2)) as [number, number];
  const folder = newFolder('influx');
  const data = options.data ?? folder;
  const sections: Readonly<Record<string, readonly string[]>> = {
    meta: [`dir = "${join(data, 'meta')}"`],
    data: [`dir = "${join(data, 'data')}"`, `wal-dir = "${join(data, 'wal')}"`, 'query-log-enabled = false'],
    http: [`bind-address = "127.0.0.1:${port}"`, 'log-enabled = false', `auth-enabled = ${options.auth === true}`],
    monitor: ['store-enabled = false'],
  };
  const names = [...new Set([...Object.keys(sections), ...Object.keys(options.settings ?? {})])];
  const file = join(folder, 'influxdb.conf');
  writeFileSync(
    file,
    [
      `bind-address = "127.0.0.1:${rpc}"`,
      'reporting-disabled = true',
      ...names.flatMap((name) => [`[${name}]`, ...(sections[name] ?? []), ...(options.settings?.[name] ?? [])]),
      '',
    ].join('\n'),
  );
  // 400 is how it answers to plain HTTP where it speaks TLS.
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/ping`).then(
      ({ status }) => status === 204 || status === 400,
      () => false,
    );
  return startProgram({ name: 'InfluxDB', port, folder, command: 'influxd', args: ['-config', file], ready });
}

/**
 * Has statements carried out, and waits until they were: InfluxDB sends the head of its answer before it begins.
 *
 * @param login such as `admin:password`
 * @throws if it refuses one
 */
export async function tellInflux({ port }: Pick<Server, 'port'>, statements: string, login?: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/query`, {
    method: 'POST',
    headers: login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    body: new URLSearchParams({ q: statements }),
  });
  const text = await answer.text();
  if (!answer.ok || text.includes('"error"')) throw new Error(`InfluxDB does not carry out ${statements}: ${text}`);
}
