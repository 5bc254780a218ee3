/** Checks of an InfluxDB: the way there, its version, the login, database and retention, a point written and read back, its clock. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { InfluxDocument } from '../documents/history.ts';
import { formatMs } from '../duration.ts';
import { messageOf } from '../errors.ts';
import { Connection, InfluxError, identifier } from '../history/connection.ts';
import { layoutOf } from '../history/layout.ts';
import { away, type Check, error, type Patient, type Trouble, type Verdict, warning } from './check.ts';
import { clockVerdict } from './clocks.ts';
import { type Place, placeText, speaksTls, talk, tlsTrouble, unreachable } from './sockets.ts';

const KEY = 'history.influx';
/** The oldest that Homeostat is tested with. */
const OLDEST = [1, 6] as const;
/** The server says its time in whole seconds. */
const DATE_MS = 1_000;

interface History extends Patient {
  readonly options: InfluxDocument;
}

async function withInflux<T>(
  { options, environment, configuration, clock }: History,
  look: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = new Connection(options, { environment, directory: configuration.directory, clock });
  try {
    return await look(connection);
  } finally {
    connection.close();
  }
}

const influxCheck = (name: string, needs: readonly string[], run: (history: History) => Promise<Verdict>): Check => ({
  name,
  needs,
  concerns: ({ configuration }) => configuration.manager.history?.influx !== undefined,
  withinMs: 20_000,
  run: (patient) => run({ ...patient, options: patient.configuration.manager.history!.influx! }),
});

const GET_PING = (host: string): Buffer => Buffer.from(`GET /ping HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
const isHttp = (answer: Buffer): boolean => answer.toString('latin1').startsWith('HTTP/');
/** What Go's server says to plain HTTP where it speaks TLS. */
const WANTS_TLS = /HTTP request to an HTTPS server/i;

const REACH = influxCheck('influx', ['secrets'], async ({ options, configuration }) => {
  const url = new URL(options.url);
  const https = url.protocol === 'https:';
  const place: Place = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? (https ? 443 : 80) : Number(url.port) };
  let tls: ConnectionOptions | undefined;
  try {
    if (https) tls = options.ca === undefined ? {} : { ca: readFileSync(resolve(configuration.directory, options.ca)) };
  } catch (thrown) {
    return error(`${KEY}.ca: ${messageOf(thrown)}`, 'correct the name of that file');
  }
  // To its end: what a server that speaks TLS says to plain HTTP is in the body.
  const told = await talk(place, GET_PING(url.host), () => false, tls);
  const text = told.answer.toString('latin1');
  if (isHttp(told.answer) && !WANTS_TLS.test(text)) return `${placeText(place)} answers${https ? ', by TLS' : ''}`;
  return notHttp(place, told, text, https);
});

async function notHttp(place: Place, told: Awaited<ReturnType<typeof talk>>, text: string, https: boolean): Promise<readonly Trouble[]> {
  const where = placeText(place);
  const nobody = unreachable(place, told, 'InfluxDB', `${KEY}.url`);
  if (!https) {
    if (nobody !== undefined) return nobody;
    if (WANTS_TLS.test(text) || (await speaksTls(place)))
      return error(
        `${where} speaks TLS, and ${KEY}.url says http://`,
        `write https:// in ${KEY}.url, with the "ca" that signed its certificate`,
      );
  } else {
    const plain = await talk(place, GET_PING(where), () => false);
    if (isHttp(plain.answer) && !WANTS_TLS.test(plain.answer.toString('latin1')))
      return error(
        `${where} does not speak TLS, and ${KEY}.url says https://`,
        `write http:// in ${KEY}.url, or give the server a certificate (https-enabled)`,
      );
    const wrong = tlsTrouble(place, told.failure, KEY);
    if (wrong !== undefined) return wrong;
    if (nobody !== undefined) return nobody;
  }
  return away(
    `${where} is reached, but answers no HTTP: ${told.failure?.message ?? 'nothing came'}`,
    `correct ${KEY}.url; 8086 is the usual port`,
  );
}

const VERSION = influxCheck('influx.version', ['influx'], (history) =>
  withInflux(history, async (connection) => {
    const { version } = await connection.ping();
    const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
    if (major === undefined)
      return warning(
        `it does not say which InfluxDB it is ("${version}")`,
        `see whether ${KEY}.url names an InfluxDB, and not something else that speaks HTTP`,
      );
    const [oldest, least] = OLDEST;
    if (Number(major) < oldest || (Number(major) === oldest && Number(minor) < least))
      return error(`InfluxDB ${version} is too old`, `upgrade it to ${oldest}.${least} or newer`);
    return `InfluxDB ${version}`;
  }),
);

const LOGIN = influxCheck('influx.login', ['influx.version'], (history) =>
  withInflux(history, async (connection) => {
    const { username, token } = history.options;
    const who = token !== undefined ? 'by token' : username === undefined ? 'without a user' : `as ${username}`;
    try {
      await connection.query('SHOW DATABASES');
      return `let in ${who}`;
    } catch (thrown) {
      if (!(thrown instanceof InfluxError) || thrown.trouble !== 'denied') throw thrown;
      const remedy =
        token !== undefined
          ? `see whether the token of ${KEY}.token is that of the server, and has not been revoked`
          : username === undefined
            ? `give "username" and "password" under ${KEY}`
            : `correct the secret that ${KEY}.password names, or set it at the server: SET PASSWORD FOR`;
      return error(`it does not let us in ${who}: ${thrown.reason}`, remedy);
    }
  }),
);

const DATABASE = influxCheck('influx.database', ['influx.login'], (history) =>
  withInflux(history, async (connection) => {
    const layout = layoutOf(history.options);
    const database = identifier(connection.database);
    const names = (await connection.query('SHOW DATABASES')).flatMap(({ rows }) => rows.map((row) => row.name));
    const wanted = [layout.raw, ...layout.spans];
    const make = [
      ...(names.includes(connection.database) ? [] : [`CREATE DATABASE ${database}`]),
      ...wanted.map(
        ({ name, keepMs }, i) =>
          `CREATE RETENTION POLICY ${identifier(name)} ON ${database} DURATION ${keepMs / 1_000}s REPLICATION 1${i === 0 ? ' DEFAULT' : ''}`,
      ),
    ];
    if (!names.includes(connection.database))
      return absent(connection, `there is no database "${connection.database}", or we may not see it`, make);
    const rows = (await connection.query(`SHOW RETENTION POLICIES ON ${database}`)).flatMap((series) => series.rows);
    const missing = wanted.filter(({ name }) => !rows.some((row) => row.name === name));
    if (missing.length > 0) {
      const statements = make.filter((statement) => missing.some(({ name }) => statement.includes(`POLICY ${identifier(name)} `)));
      return absent(
        connection,
        `database "${connection.database}" has no retention policy ${missing.map(({ name }) => name).join(', ')}`,
        statements,
      );
    }
    const troubles = wanted.flatMap(({ name, keepMs }): readonly Trouble[] => {
      const keptMs = lengthOf(String(rows.find((row) => row.name === name)?.duration));
      if (keptMs === keepMs) return [];
      const kept = keptMs === 0 ? 'ever' : formatMs(keptMs);
      const alter = `ALTER RETENTION POLICY ${identifier(name)} ON ${database} DURATION ${keepMs / 1_000}s`;
      return warning(
        `retention policy ${name} keeps data for ${kept}, and the manager file says ${formatMs(keepMs)}`,
        `run ${alter}, which deletes what is older; or change the manager file`,
      );
    });
    if (rows.find((row) => row.name === layout.raw.name)?.default !== true)
      return [
        ...troubles,
        ...error(
          `retention policy ${layout.raw.name} is not the default of the database, so that points go elsewhere`,
          `run ALTER RETENTION POLICY ${identifier(layout.raw.name)} ON ${database} DEFAULT`,
        ),
      ];
    return troubles.length > 0 ? troubles : `"${connection.database}" with retention ${wanted.map(({ name }) => name).join(', ')}`;
  }),
);

/** Whoever may see users may make databases too: then the first start does it. */
async function absent(connection: Connection, cause: string, statements: readonly string[]): Promise<readonly Trouble[]> {
  const mayMake = await connection.query('SHOW USERS').then(
    () => true,
    () => false,
  );
  if (mayMake) return warning(`${cause}; the first start makes it`, `nothing; or run: ${statements.join('; ')}`);
  return error(
    `${cause}, and we may not make it`,
    `on 1.x an administrator runs: ${statements.join('; ')}. On 2.x and 3.x: see docs/influxdb.md`,
  );
}

/** `720h0m0s` as ms; 0 is for ever. */
function lengthOf(text: string): number {
  const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  return [...text.matchAll(/(\d+)(ms|h|m|s)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}

const MEASUREMENT = 'homeostat_doctor';

const WRITE = influxCheck('influx.write', ['influx.database'], (history) =>
  withInflux(history, async (connection) => {
    const { domain } = history.configuration.setup;
    const at = history.clock.wall();
    const names = (await connection.query('SHOW DATABASES')).flatMap(({ rows }) => rows.map((row) => row.name));
    if (!names.includes(connection.database)) return 'not tried: the database is not there yet';
    try {
      await connection.write(await promisify(gzip)(`${MEASUREMENT},domain=${domain.replace(/[ ,=]/g, '_')} at=${at} ${at}000000`));
    } catch (thrown) {
      if (!(thrown instanceof InfluxError) || thrown.trouble === 'away') throw thrown;
      return error(
        `a point cannot be written: ${thrown.reason}`,
        `GRANT ALL ON ${identifier(connection.database)} TO the user of ${KEY}, or see the reason`,
      );
    }
    try {
      const rows = (
        await connection.query(`SELECT at FROM ${MEASUREMENT} WHERE time >= ${at - 60_000}ms AND time <= ${at + 60_000}ms`)
      ).flatMap((series) => series.rows);
      if (rows.some((row) => row.at === at)) return 'a point was written and read back';
      return error(
        'a point was taken, and is not there',
        'see the retention policy and the log of the server: it may drop points of such a time',
      );
    } catch (thrown) {
      if (!(thrown instanceof InfluxError) || thrown.trouble === 'away') throw thrown;
      return error(
        `points can be written and not read: ${thrown.reason}`,
        `GRANT ALL ON ${identifier(connection.database)} TO the user of ${KEY}: charts and warm starts read`,
      );
    }
  }),
);

const CLOCK = influxCheck('influx.clock', ['influx'], (history) =>
  withInflux(history, async (connection) => {
    const { aheadMs } = await connection.ping();
    return aheadMs === null ? 'it does not say its time' : clockVerdict('InfluxDB', aheadMs + DATE_MS / 2, DATE_MS / 2);
  }),
);

export const INFLUX: readonly Check[] = [REACH, VERSION, LOGIN, DATABASE, WRITE, CLOCK];
