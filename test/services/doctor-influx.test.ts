/** Doctor at a real InfluxDB that is set up wrongly in one way after another. */
import { rmSync } from 'node:fs';
import { createServer, request as plainRequest } from 'node:http';
import { SystemClock } from '../../src/clock.ts';
import { type Examined, examine, type Patient } from '../../src/doctor/check.ts';
import { SECRETS } from '../../src/doctor/folder.ts';
import { INFLUX } from '../../src/doctor/influx.ts';
import { type Certificates, makeCertificates } from '../certificates.ts';
import { patientWith, troublesOf, withParts } from '../doctor/patient.ts';
import { describeWith, freePorts, type Server, startInflux, tellInflux } from '../servers/index.ts';

describeWith('influx', 'doctor at InfluxDB', () => {
  let open: Server;
  let guarded: Server;
  let secure: Server;
  let certificates: Certificates;
  let base: Patient & { readonly folder: string };

  const urlOf = (server: Server, scheme = 'http'): string => `${scheme}://127.0.0.1:${server.port}`;
  beforeAll(async () => {
    certificates = makeCertificates();
    [open, guarded, secure] = await Promise.all([
      startInflux(),
      startInflux({ auth: true }),
      startInflux({
        settings: {
          http: ['https-enabled = true', `https-certificate = "${certificates.cert}"`, `https-private-key = "${certificates.key}"`],
        },
      }),
    ]);
    await tellInflux(
      open,
      'CREATE DATABASE made; CREATE RETENTION POLICY homeostat ON made DURATION 30d REPLICATION 1 DEFAULT; CREATE RETENTION POLICY homeostat_60s ON made DURATION 90d REPLICATION 1',
    );
    await tellInflux(open, 'CREATE DATABASE bare');
    await tellInflux(
      open,
      'CREATE DATABASE short; CREATE RETENTION POLICY homeostat ON short DURATION 1d REPLICATION 1 DEFAULT; CREATE RETENTION POLICY homeostat_60s ON short DURATION 90d REPLICATION 1',
    );
    await tellInflux(guarded, `CREATE USER admin WITH PASSWORD 'admin-password' WITH ALL PRIVILEGES`);
    const root = 'admin:admin-password';
    await tellInflux(
      guarded,
      `CREATE DATABASE bare; CREATE DATABASE made; CREATE RETENTION POLICY homeostat ON made DURATION 30d REPLICATION 1 DEFAULT; CREATE RETENTION POLICY homeostat_60s ON made DURATION 90d REPLICATION 1`,
      root,
    );
    await tellInflux(
      guarded,
      `CREATE USER homeostat WITH PASSWORD 'right-password'; GRANT ALL ON made TO homeostat; GRANT ALL ON bare TO homeostat; CREATE USER reader WITH PASSWORD 'right-password'; GRANT READ ON made TO reader`,
      root,
    );
    base = patientWith({ domain: 'shop' }, { environment: { PASSWORD: 'right-password', WRONG: 'wrong-password' } });
  }, 90_000);
  afterAll(async () => {
    await Promise.all([open, guarded, secure].map((server) => server?.stop()));
    for (const folder of [certificates?.folder, base?.folder]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const look = (influx: object, more: Partial<Patient> = {}): Promise<readonly Examined[]> =>
    examine([SECRETS, ...INFLUX], withParts({ ...base, ...more }, { history: { influx: { database: 'made', ...influx } } }));
  const troubles = async (influx: object, more?: Partial<Patient>) => troublesOf(await look(influx, more));
  const user = (username: string, env = 'PASSWORD') => ({ url: urlOf(guarded), username, password: { env } });

  test('where all is as it should be, every check says so', async () => {
    for (const influx of [{ url: urlOf(open) }, user('homeostat')]) {
      const examined = await look(influx);
      expect(troublesOf(examined)).toEqual([]);
      expect(examined.filter(({ name }) => name.startsWith('influx')).map(({ name, result }) => `${name} ${result}`)).toEqual(
        ['influx', 'influx.version', 'influx.login', 'influx.database', 'influx.write', 'influx.clock'].map((name) => `${name} ok`),
      );
    }
  });

  test('a wrong password, and no user where one is wanted', async () => {
    const examined = await look(user('homeostat', 'WRONG'));
    expect(troublesOf(examined)).toEqual([expect.stringMatching(/^influx\.login error: it does not let us in as homeostat: /)]);
    expect(JSON.stringify(examined)).not.toContain('wrong-password');
    expect(await troubles({ url: urlOf(guarded) })).toEqual([
      expect.stringMatching(/^influx\.login error: it does not let us in without a user: /),
    ]);
  });

  test('a retention policy that is missing: made at the first start, or by an administrator where we may not', async () => {
    expect(await troubles({ url: urlOf(open), database: 'bare' })).toEqual([
      'influx.database warning: database "bare" has no retention policy homeostat, homeostat_60s; the first start makes it',
    ]);
    const examined = await look({ ...user('homeostat'), database: 'bare' });
    expect(troublesOf(examined)[0]).toBe(
      'influx.database error: database "bare" has no retention policy homeostat, homeostat_60s, and we may not make it',
    );
    expect(examined.find(({ name }) => name === 'influx.database')!.troubles[0]!.remedy).toContain(
      'CREATE RETENTION POLICY "homeostat" ON "bare"',
    );
  });

  test('a database that is missing', async () => {
    expect((await troubles({ url: urlOf(open), database: 'nowhere' }))[0]).toMatch(
      /^influx\.database warning: there is no database "nowhere".*first start makes it$/,
    );
    expect((await troubles({ ...user('homeostat'), database: 'nowhere' }))[0]).toMatch(
      /^influx\.database error: there is no database "nowhere".*we may not make it$/,
    );
  });

  test('a retention policy that keeps data for less than the manager file says', async () => {
    expect(await troubles({ url: urlOf(open), database: 'short' })).toEqual([
      'influx.database warning: retention policy homeostat keeps data for 24 h, and the manager file says 720 h',
    ]);
  });

  test('a user who may read and not write', async () => {
    expect(await troubles(user('reader'))).toEqual([expect.stringMatching(/^influx\.write error: a point cannot be written: /)]);
  });

  test('a clock that is off', async () => {
    const off = new (class extends SystemClock {
      override wall(): number {
        return super.wall() + 60_000;
      }
    })();
    expect(await troubles({ url: urlOf(open) }, { clock: off })).toEqual([
      expect.stringMatching(/^influx\.clock error: the clock of InfluxDB is \d+ s behind ours$/),
    ]);
  });

  test('TLS to a plain port, the reverse, and a certificate of an authority that nobody trusts', async () => {
    expect(await troubles({ url: urlOf(open, 'https') })).toEqual([
      expect.stringMatching(/^influx error: .* does not speak TLS, and history\.influx\.url says https/),
    ]);
    expect(await troubles({ url: urlOf(secure) })).toEqual([
      expect.stringMatching(/^influx error: .* speaks TLS, and history\.influx\.url says http:/),
    ]);
    expect(await troubles({ url: urlOf(secure, 'https') })).toEqual([
      expect.stringMatching(/^influx error: the certificate of .* is not signed by an authority that is trusted/),
    ]);
    expect((await look({ url: urlOf(secure, 'https'), ca: certificates.ca }))[0]).toMatchObject({ name: 'influx', result: 'ok' });
  });

  test('a version that is too old', async () => {
    // The real server behind a front that says another version.
    const front = createServer((asked, answered) => {
      const through = plainRequest(
        { port: open.port, host: '127.0.0.1', path: asked.url, method: asked.method, headers: asked.headers },
        (answer) => {
          answered.writeHead(answer.statusCode!, { ...answer.headers, 'x-influxdb-version': '1.2.4' });
          answer.pipe(answered);
        },
      );
      asked.pipe(through);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const { port } = front.address() as { port: number };
    expect(await troubles({ url: `http://127.0.0.1:${port}` })).toEqual(['influx.version error: InfluxDB 1.2.4 is too old']);
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
  });

  test('nobody there', async () => {
    const [free] = (await freePorts(1)) as [number];
    expect(await troubles({ url: `http://127.0.0.1:${free}` })).toEqual([`influx away: nothing listens at 127.0.0.1:${free}`]);
  });
});
