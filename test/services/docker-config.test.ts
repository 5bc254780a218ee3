/** The configuration that the compose file mounts, started natively: only folders, addresses and ports are others. Then doctor looks at all of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SystemClock } from '../../src/clock.ts';
import { type Examined, examine } from '../../src/doctor/check.ts';
import { CHECKS } from '../../src/doctor/index.ts';
import { put, start, tidyUp } from '../cli/homeostat.ts';
import { patientWith, troublesOf, withParts } from '../doctor/patient.ts';
import { describeWith, freePorts, type Server, tellInflux } from '../servers/index.ts';
import { KAFKA_VERSION } from '../servers/kafka.ts';
import { listens, startProgram } from '../servers/process.ts';

const docker = new URL('../../docker/', import.meta.url).pathname;
const libs = join(process.env.HOMEOSTAT_SERVERS ?? join(homedir(), '.cache/homeostat'), `kafka-${KAFKA_VERSION}`, 'libs/*');

describeWith(['kafka', 'influx', 'mosquitto'], "the servers' configuration in docker/", () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-docker-'));
  const servers: Server[] = [];
  let ports: { kafka: number; outside: number; controller: number; local: number; influx: number; rpc: number; mqtt: number };
  const secret = (name: string): string => readFileSync(join(folder, 'secrets', name), 'utf8').trim();
  const made = (...names: string[]): string => {
    const path = join(folder, ...names);
    mkdirSync(path, { recursive: true });
    return path;
  };
  /** A configuration of docker/ with some of its words changed; each must be there. */
  const config = (path: string, changes: readonly (readonly [from: string, to: string])[]): string => {
    let text = readFileSync(join(docker, path), 'utf8');
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${path} does not say ${from}`);
      text = text.replaceAll(from, to);
    }
    const file = join(made('config'), path.replaceAll('/', '-'));
    writeFileSync(file, text);
    return file;
  };

  async function startKafka(): Promise<void> {
    const file = config('kafka/server.properties', [
      ['INSIDE://:9092', `INSIDE://127.0.0.1:${ports.kafka}`],
      ['INSIDE://kafka:9092', `INSIDE://127.0.0.1:${ports.kafka}`],
      ['OUTSIDE://:9094', `OUTSIDE://127.0.0.1:${ports.outside}`],
      ['OUTSIDE://127.0.0.1:9094', `OUTSIDE://127.0.0.1:${ports.outside}`],
      ['localhost:9093', `localhost:${ports.controller}`],
      ['localhost:9095', `localhost:${ports.local}`],
      ['/var/lib/kafka/data', made('kafka-data')],
    ]);
    // What start.sh does by the scripts of the image, which are these classes.
    const script = readFileSync(join(docker, 'kafka/start.sh'), 'utf8');
    const scram = /--add-scram "([^"]+)"/.exec(script)![1]!.replace('$password', secret('kafka_password'));
    const cluster = /^KAFKA_CLUSTER_ID=(.+)$/m.exec(readFileSync(join(folder, '.env'), 'utf8'))![1]!;
    const java = [
      '-Xmx384m',
      '-XX:+UseSerialGC',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.log.kafka.server=info',
      '-cp',
      libs,
    ];
    execFileSync(
      'java',
      [...java, 'kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', cluster, '-c', file, '--add-scram', scram],
      { stdio: 'pipe' },
    );
    servers.push(
      await startProgram({
        name: 'Kafka',
        port: ports.kafka,
        folder: made('kafka'),
        command: 'java',
        args: [...java, 'kafka.Kafka', file],
        ready: (log) => log.includes('Kafka Server started'),
      }),
    );
  }

  async function startInflux(): Promise<void> {
    const file = config('influxdb/influxdb.conf', [
      ['127.0.0.1:8088', `127.0.0.1:${ports.rpc}`],
      ['":8086"', `"127.0.0.1:${ports.influx}"`],
      ['/var/lib/influxdb', made('influxdb')],
    ]);
    const ready = () =>
      fetch(`http://127.0.0.1:${ports.influx}/ping`).then(
        ({ status }) => status === 204,
        () => false,
      );
    servers.push(
      await startProgram({
        name: 'InfluxDB',
        port: ports.influx,
        folder: made('influx'),
        command: 'influxd',
        args: ['-config', file],
        ready,
      }),
    );
    const env = readFileSync(join(folder, '.env'), 'utf8');
    const variable = (name: string): string => new RegExp(`^${name}=(.+)$`, 'm').exec(env)![1]!;
    const admin = { INFLUXDB_ADMIN_USER: 'admin', INFLUXDB_ADMIN_PASSWORD: variable('INFLUX_ADMIN_PASSWORD') };
    // What the image does before it runs our script.
    await tellInflux({ port: ports.influx }, `CREATE USER admin WITH PASSWORD '${admin.INFLUXDB_ADMIN_PASSWORD}' WITH ALL PRIVILEGES`);
    // The shell of InfluxDB may not be installed here: a stand-in with the options that the script uses asks over HTTP.
    const bin = made('bin');
    writeFileSync(
      join(bin, 'influx'),
      `#!/bin/sh\n[ "$1$3$5$7$9" = "-host-port-username-password-execute" ] || exit 2\nout=$(curl -sS -u "$6:$8" --data-urlencode "q=\${10}" http://127.0.0.1:${ports.influx}/query) || exit 1\ncase "$out" in *error*) echo "$out" >&2; exit 1;; esac\n`,
      { mode: 0o755 },
    );
    execFileSync('sh', [join(docker, 'influxdb/database.sh')], {
      stdio: 'pipe',
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        ...admin,
        HOMEOSTAT_PASSWORD: variable('INFLUX_PASSWORD'),
        READ_PASSWORD: variable('INFLUX_READ_PASSWORD'),
        STATEMENTS: join(docker, 'influxdb/database.iql'),
      },
    });
  }

  async function startMosquitto(): Promise<void> {
    const [passwords, rights] = [join(folder, 'passwords'), join(folder, 'rights.acl')];
    const file = config('mosquitto/mosquitto.conf', [
      ['listener 1883', `listener ${ports.mqtt} 127.0.0.1${process.getuid?.() === 0 ? '\nuser root' : ''}`],
      ['/tmp/passwords', passwords],
      ['/tmp/rights.acl', rights],
      ['/mosquitto/data/', `${made('mosquitto-data')}/`],
    ]);
    const env = [
      `SECRETS=${join(folder, 'secrets')}`,
      `CONFIG=${join(docker, 'mosquitto')}`,
      `PASSWORDS=${passwords}`,
      `RIGHTS=${rights}`,
      `MOSQUITTO_CONFIG=${file}`,
      `PATH=${process.env.PATH}:/usr/sbin`,
    ];
    servers.push(
      await startProgram({
        name: 'Mosquitto',
        port: ports.mqtt,
        folder: made('mosquitto'),
        command: 'env',
        args: [...env, 'sh', join(docker, 'mosquitto/start.sh')],
        ready: () => listens(ports.mqtt),
      }),
    );
  }

  beforeAll(async () => {
    const free = await freePorts(7);
    ports = { kafka: free[0]!, outside: free[1]!, controller: free[2]!, local: free[3]!, influx: free[4]!, rpc: free[5]!, mqtt: free[6]! };
    execFileSync('sh', [join(docker, 'make-env.sh'), folder], { stdio: 'pipe' });
    await Promise.all([startKafka(), startInflux(), startMosquitto()]);
  }, 120_000);
  afterAll(async () => {
    await tidyUp();
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** A manager file with the addresses and the places of secrets that are true here. */
  const here = (text: string): string =>
    text
      .replaceAll('/run/secrets/', `${join(folder, 'secrets')}/`)
      .replace('kafka:9092', `127.0.0.1:${ports.kafka}`)
      .replace('influxdb:8086', `127.0.0.1:${ports.influx}`)
      .replace('mosquitto:1883', `127.0.0.1:${ports.mqtt}`);

  /** services.json of the image, with the addresses and the places of secrets that are true here. */
  const examined = async (change: (parts: Record<string, object>) => void = () => {}): Promise<readonly Examined[]> => {
    const text = here(readFileSync(join(docker, 'homeostat/services.json'), 'utf8'));
    const { folder: _folder, api, ...parts } = JSON.parse(text) as Record<string, object>;
    change(parts);
    const patient = patientWith({ domain: 'web' });
    try {
      return await examine(
        CHECKS,
        withParts({ ...patient, clock: new SystemClock() }, { ...parts, api: { ...api, port: 0, host: '127.0.0.1' } }),
      );
    } finally {
      rmSync(patient.folder, { recursive: true });
    }
  };

  test('doctor finds nothing wrong with them', async () => {
    const all = await examined();
    // The machine of the test may be short of disk or of files; that everybody here may read the secrets is how containers read them.
    expect(troublesOf(all.filter(({ name }) => /^(kafka|influx|mqtt)/.test(name)))).toEqual([]);
    expect(all.filter(({ name, result }) => /^(kafka|influx|mqtt)/.test(name) && result === 'ok')).toHaveLength(16);
  });

  test('nobody gets in without a password', async () => {
    const found = troublesOf(
      await examined((parts) => {
        delete (parts.services as { kafka: { sasl?: object } }).kafka.sasl;
        delete (parts.history as { influx: { username?: string; password?: object } }).influx.username;
        delete (parts.history as { influx: { username?: string; password?: object } }).influx.password;
        delete (parts.mqtt as { username?: string }).username;
        delete (parts.mqtt as { password?: object }).password;
      }),
    );
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^kafka error: .* wants a login/),
        expect.stringMatching(/^influx\.login error: /),
        expect.stringMatching(/^mqtt\.login error: /),
      ]),
    );
  });

  test('the manager of the image runs on them, tells its partitions, and writes down who had something changed', async () => {
    const home = made('home');
    cpSync(join(docker, '../examples/web-farm/rules'), join(home, 'rules'), { recursive: true });
    const merge = ['homeostat/merge.js', '../examples/web-farm/homeostat.json', 'homeostat/services.json'].map((name) =>
      join(docker, name),
    );
    const text = here(execFileSync('node', merge, { encoding: 'utf8' })).replace('/var/lib/homeostat/state', join(home, 'state'));
    // It only looks: the farm is not started here.
    const manager = JSON.parse(
      text.replace('"mode": "act"', '"mode": "observe"').replace('"0.0.0.0"', '"127.0.0.1"').replace('"port": 7390', '"port": 0'),
    );
    expect(manager).toMatchObject({ mode: 'observe', api: { host: '127.0.0.1', port: 0 } });
    put(home, 'homeostat.json', manager);
    const program = start(['run', '--json'], home);
    await program.said('"url"');
    const address = (readdirSync(join(home, 'state'), { recursive: true }) as string[]).find((name) => name.endsWith('api.json'))!;
    const ask = async (path: string, token: string, body?: object) => {
      const { url } = JSON.parse(readFileSync(join(home, 'state', address), 'utf8')) as { url: string };
      const headers = { authorization: `Bearer ${secret(token)}`, 'content-type': 'application/json' };
      return fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
    };
    while ((await ask('/readyz', 'homeostat_read_token')).status !== 200) await wait(100);
    const owned = async () =>
      (await (await ask('/metrics', 'homeostat_read_token')).text()).match(/^homeostat_partition_owned\{partition="\d+"\} 1$/gm)?.length;
    while ((await owned()) !== 8) await wait(100);
    expect((await ask('/metrics', 'homeostat_feed_token')).status).toBe(403);
    const paused = await ask('/pause', 'homeostat_owner_token', { scope: {}, reason: 'a test', author: 'ann' });
    expect(paused.status).toBe(200);
    // The answer comes with the first partition that has it; the others follow.
    const journal = async () => (await ask('/journal?limit=1000', 'homeostat_read_token')).text();
    while (!(await journal()).includes('"kind":"audit"')) await wait(100);
    expect(await journal()).toContain('ann, with token \\"owner\\" from 127.0.0.1: pause everything: a test');
    program.child.kill('SIGTERM');
    expect((await program.ended).status).toBe(0);
  }, 90_000);

  test('devices reach their own topics and no others', () => {
    const publish = (topic: string, user: string, password: string) =>
      spawnSync(
        'mosquitto_pub',
        ['-V', '5', '-q', '1', '-h', '127.0.0.1', '-p', String(ports.mqtt), '-u', user, '-P', password, '-t', topic, '-m', '1'],
        { encoding: 'utf8', timeout: 10_000 },
      );
    if (spawnSync('mosquitto_pub', ['--help']).error !== undefined) return;
    const device = secret('mqtt_device_password');
    const said = (topic: string) => publish(topic, 'device', device).stderr + publish(topic, 'device', device).stdout;
    expect(said('devices/pump-1/temperature')).not.toMatch(/Not authorized/i);
    expect(said('homeostat/agents/a/commands')).toMatch(/Not authorized/i);
    expect(publish('devices/x', 'device', 'wrong').status).not.toBe(0);
  });
});
