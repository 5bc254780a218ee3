/** The files of docker/ as a careful reader would check them; nothing of it can be started here. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { loadConfiguration } from '../../src/config.ts';
import { secretsIn } from '../../src/doctor/folder.ts';
import { KAFKA_VERSION } from '../servers/kafka.ts';

const root = new URL('../../', import.meta.url).pathname;
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const composeText = text('docker/compose.yaml');

interface Service {
  readonly image?: string;
  readonly build?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly networks?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: object;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}
const compose = parse(composeText, { merge: true }) as Compose;
const services = Object.entries(compose.services);

test('the compose file fits the schema of the Compose Specification', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const fits = ajv.compile(JSON.parse(text('test/docker/compose-spec.json')));
  const { 'x-hardened': _hardened, ...document } = compose as Compose & { 'x-hardened': unknown };
  fits(document);
  expect(fits.errors ?? []).toEqual([]);
  expect(fits({ ...document, services: { kafka: { imagge: 'x' } } })).toBe(false);
});

test('every image is pinned to one version, and what is tested natively has that version', () => {
  for (const [name, { image }] of services) expect([name, image]).toEqual([name, expect.stringMatching(/^[a-z/-]+:\d+\.\d+\.\d+$/)]);
  const { dependencies, devDependencies, version } = JSON.parse(text('package.json'));
  expect(compose.services.kafka!.image).toBe(`apache/kafka:${KAFKA_VERSION}`);
  expect(compose.services.mosquitto!.image).toMatch(/:2\.0\./);
  expect(compose.services.influxdb!.image).toMatch(/:1\./);
  expect(compose.services.grafana!.image).toBe(`grafana/grafana:${devDependencies['@grafana/schema']}`);
  expect(compose.services.homeostat!.image).toBe(`homeostat:${version}`);
  expect(Object.keys(dependencies)).not.toContain('ajv');
});

test('every port is bound to the loopback interface', () => {
  for (const [name, { ports = [] }] of services)
    for (const port of ports) expect([name, port]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:\d+:\d+$/)]);
});

test('every service can be seen to be well, comes back by itself and has no rights that it does not need', () => {
  const image = text('docker/Dockerfile');
  for (const [name, service] of services) {
    expect([name, service.healthcheck !== undefined || (service.build !== undefined && image.includes('HEALTHCHECK'))]).toEqual([
      name,
      true,
    ]);
    expect([name, service.restart, service.cap_drop, service.security_opt]).toEqual([
      name,
      'unless-stopped',
      ['ALL'],
      ['no-new-privileges:true'],
    ]);
  }
  for (const name of ['homeostat', 'balancer', 'load', 'mosquitto', 'grafana'])
    expect([name, compose.services[name]!.read_only]).toEqual([name, true]);
  expect(compose.networks.servers!.internal).toBe(true);
});

test('no password has a default: it is required, or a file that is required', () => {
  for (const [name, { environment = {} }] of services)
    for (const [variable, value] of Object.entries(environment))
      if (/PASSWORD|TOKEN|SECRET|CLUSTER_ID/.test(variable))
        expect([name, variable, value]).toEqual([
          name,
          variable,
          expect.stringMatching(/^\$\{[A-Z_]+:\?run docker\/make-env\.sh first\}$/),
        ]);
  for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\/[a-z_]+$/);
  expect(composeText).not.toMatch(/:-/);
});

test('the script makes all that is required, at random, once, for its owner alone', () => {
  const made = () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-env-'));
    execFileSync('sh', [join(root, 'docker/make-env.sh'), folder], { stdio: 'ignore' });
    return folder;
  };
  const [one, other] = [made(), made()] as [string, string];
  const env = readFileSync(join(one, '.env'), 'utf8');
  for (const [, name] of composeText.matchAll(/\$\{([A-Z_]+):\?/g)) expect(env).toMatch(new RegExp(`^${name}=\\S{16,}$`, 'm'));
  for (const { file } of Object.values(compose.secrets)) {
    expect(readFileSync(join(one, file), 'utf8')).toMatch(/^[0-9a-f]{40}\n$/);
    expect(readFileSync(join(one, file), 'utf8')).not.toBe(readFileSync(join(other, file), 'utf8'));
  }
  // The server and its client know the same one.
  expect(env).toContain(`INFLUX_PASSWORD=${readFileSync(join(one, 'secrets/influx_password'), 'utf8').trim()}\n`);
  expect([statSync(join(one, '.env')).mode & 0o777, statSync(join(one, 'secrets')).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(Buffer.from(/^KAFKA_CLUSTER_ID=(.+)$/m.exec(env)![1]!, 'base64url')).toHaveLength(16);
  expect(() => execFileSync('sh', [join(root, 'docker/make-env.sh'), one], { stdio: 'ignore' })).toThrow();
  expect(readFileSync(join(one, '.env'), 'utf8')).toBe(env);
  for (const folder of [one, other]) rmSync(folder, { recursive: true });
  for (const ignored of ['docker/.env', 'docker/secrets/']) expect(text('.gitignore').split('\n')).toContain(ignored);
});

test('what is mounted is there, and what is named is declared', () => {
  for (const [name, { volumes = [], secrets = [], networks = [] }] of services) {
    for (const volume of volumes) {
      const [from] = volume.split(':') as [string];
      if (from.startsWith('.')) expect([name, from, existsSync(join(root, 'docker', from))]).toEqual([name, from, true]);
      else expect([name, Object.keys(compose.volumes)]).toEqual([name, expect.arrayContaining([from])]);
    }
    for (const secret of secrets) expect([name, Object.keys(compose.secrets)]).toEqual([name, expect.arrayContaining([secret])]);
    for (const network of networks) expect([name, Object.keys(compose.networks)]).toEqual([name, expect.arrayContaining([network])]);
  }
});

test('the manager file of the image is right, and every secret that it names is given to its container', () => {
  const merged = execFileSync('node', ['docker/homeostat/merge.js', 'examples/web-farm/homeostat.json', 'docker/homeostat/services.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const file = join(root, 'examples/web-farm/merged-for-a-test.json');
  writeFileSync(file, merged);
  try {
    const { findings } = loadConfiguration(file);
    // Everything that leaves the container goes by its network; the port is published on the loopback interface only.
    expect(findings.filter(({ code }) => code !== 'H341')).toEqual([]);
  } finally {
    rmSync(file);
  }
  const named = secretsIn(JSON.parse(merged)).map(({ secret }) => ('file' in secret ? secret.file : ''));
  expect(named.sort()).toEqual(compose.services.homeostat!.secrets!.map((name) => `/run/secrets/${name}`).sort());
});
