/** Doctor at a real broker that is set up wrongly in one way after another. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SystemClock } from '../../src/clock.ts';
import { type Examined, examine, type Patient } from '../../src/doctor/check.ts';
import { SECRETS } from '../../src/doctor/folder.ts';
import { KAFKA, sessionVerdict } from '../../src/doctor/kafka.ts';
import { openKafka } from '../../src/log/kafka.ts';
import { ensureTopics } from '../../src/log/topics.ts';
import { topicNames, topicSpecs } from '../../src/services/topics.ts';
import { type Certificates, makeCertificates } from '../certificates.ts';
import { patientWith, troublesOf, withParts } from '../doctor/patient.ts';
import { until } from '../execute/actuators/rig.ts';
import { describeWith, freePorts, type KafkaServer, startKafka } from '../servers/index.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PARTITIONS = 2;

describeWith('kafka', 'doctor at Kafka', () => {
  let kafka: KafkaServer;
  let certificates: Certificates;
  let base: Patient & { readonly folder: string };

  beforeAll(async () => {
    certificates = makeCertificates();
    const store = join(certificates.folder, 'broker.pem');
    writeFileSync(store, readFileSync(certificates.key, 'utf8') + readFileSync(certificates.cert, 'utf8'));
    kafka = await startKafka({
      listeners: { LOGIN: 'SASL_PLAINTEXT', SECURE: 'SSL' },
      scram: [
        'SCRAM-SHA-256=[name=homeostat,password=right-password]',
        'SCRAM-SHA-256=[name=nobody,password=right-password]',
        'SCRAM-SHA-256=[name=reader,password=right-password]',
      ],
      properties: {
        'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
        'listener.name.login.scram-sha-256.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'listener.name.secure.ssl.keystore.type': 'PEM',
        'listener.name.secure.ssl.keystore.location': store,
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    });
    const grant = (...args: string[]) =>
      kafka.tool(
        'kafka.admin.AclCommand',
        '--bootstrap-server',
        kafka.broker,
        '--add',
        '--allow-principal',
        'User:homeostat',
        '--resource-pattern-type',
        'prefixed',
        ...args,
      );
    grant('--operation', 'All', '--topic', 'well.', '--group', 'well.', '--transactional-id', 'well.');
    // Enough to see topics, and no more.
    kafka.tool(
      'kafka.admin.AclCommand',
      '--bootstrap-server',
      kafka.broker,
      '--add',
      '--allow-principal',
      'User:nobody',
      '--resource-pattern-type',
      'prefixed',
      '--operation',
      'DescribeConfigs',
      '--operation',
      'Describe',
      '--topic',
      'well.',
    );
    const read = ['--add', '--allow-principal', 'User:reader', '--resource-pattern-type', 'prefixed'];
    kafka.tool(
      'kafka.admin.AclCommand',
      '--bootstrap-server',
      kafka.broker,
      ...read,
      '--operation',
      'Read',
      '--operation',
      'DescribeConfigs',
      '--topic',
      'well.',
    );
    kafka.tool(
      'kafka.admin.AclCommand',
      '--bootstrap-server',
      kafka.broker,
      ...read,
      '--operation',
      'All',
      '--group',
      'well.',
      '--transactional-id',
      'well.',
    );
    const log = await openKafka({
      kafka: { brokers: [kafka.broker] },
      secrets: { environment: {}, directory: '.' },
      clock: new SystemClock(),
      log: quiet,
    });
    const made = async (
      name: string,
      change: (spec: ReturnType<typeof topicSpecs>[number]) => ReturnType<typeof topicSpecs>[number] | undefined = (spec) => spec,
    ) => {
      const specs = topicSpecs(name, PARTITIONS).flatMap((spec) => change(spec) ?? []);
      await ensureTopics(log, specs, { layout: topicNames(name).layout, partitions: PARTITIONS, brokers: [kafka.broker] });
    };
    await made('well');
    await made('lacking', (spec) => (spec.name === 'lacking.journal' ? undefined : spec));
    await made('uncompacted', (spec) => (spec.name === 'uncompacted.state' ? { ...spec, config: { 'cleanup.policy': 'delete' } } : spec));
    await made('forgetful', (spec) =>
      spec.name === 'forgetful.signals' ? { ...spec, config: { ...spec.config, 'retention.ms': '60000' } } : spec,
    );
    await log.close();
    base = patientWith({}, { environment: { PASSWORD: 'right-password', WRONG: 'wrong-password' } });
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
    for (const folder of [certificates?.folder, base?.folder]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const at = (listener?: string): string => (listener === undefined ? kafka.broker : `127.0.0.1:${kafka.portOf(listener)}`);
  const sasl = (username: string, env = 'PASSWORD') => ({ mechanism: 'scram-sha-256', username, password: { env } });
  const look = (services: object, more: Partial<Patient> = {}): Promise<readonly Examined[]> =>
    examine([SECRETS, ...KAFKA], withParts({ ...base, ...more }, { services: { name: 'well', partitions: PARTITIONS, ...services } }));
  const troubles = async (services: object, more?: Partial<Patient>) => troublesOf(await look(services, more));

  test('where all is as it should be, every check says so', async () => {
    const examined = await look({ kafka: { brokers: [at('LOGIN')], sasl: sasl('homeostat') } });
    expect(examined.map(({ name, result, troubles }) => [name, result, troubles])).toEqual([
      ['secrets', 'ok', []],
      ['kafka', 'ok', []],
      ['kafka.login', 'ok', []],
      ['kafka.topics', 'ok', []],
      ['kafka.rights', 'ok', []],
      ['kafka.limits', 'ok', []],
      ['kafka.clock', 'ok', []],
      ['kafka.places', 'ok', []],
    ]);
    expect(examined.slice(-2).map(({ detail }) => detail)).toEqual([expect.stringMatching(/^as ours/), 'nobody works now']);
    const byTls = await look({ kafka: { brokers: [at('SECURE')], tls: { ca: certificates.ca } } });
    expect(troublesOf(byTls)).toEqual([]);
    expect(byTls[0]!.detail).toMatch(/is Kafka .* or newer, by TLS$/);
  });

  test('a wrong password', async () => {
    const examined = await look({ kafka: { brokers: [at('LOGIN')], sasl: sasl('homeostat', 'WRONG') } });
    expect(troublesOf(examined)).toEqual([
      expect.stringMatching(/^kafka\.login error: the brokers refuse user "homeostat" with this password/),
    ]);
    expect(examined.filter(({ result }) => result === 'skipped').map(({ name }) => name)).toEqual([
      'kafka.topics',
      'kafka.rights',
      'kafka.limits',
      'kafka.clock',
      'kafka.places',
    ]);
    expect(JSON.stringify(examined)).not.toContain('wrong-password');
  });

  test('a mechanism that the brokers do not take', async () => {
    expect(await troubles({ kafka: { brokers: [at('LOGIN')], sasl: { ...sasl('homeostat'), mechanism: 'plain' } } })).toEqual([
      expect.stringMatching(/^kafka\.login error: the brokers do not take the mechanism plain/),
    ]);
  });

  test('no login where one is wanted', async () => {
    expect(await troubles({ kafka: { brokers: [at('LOGIN')] } })).toEqual([
      expect.stringMatching(/^kafka error: the listener at .* wants a login/),
    ]);
  });

  test('a topic that is missing', async () => {
    const found = await troubles({ name: 'lacking', kafka: { brokers: [at()] } });
    expect(found).toEqual(['kafka.topics error: there is no topic lacking.journal, though others of lacking are there']);
  });

  test('a state that expires instead of being compacted', async () => {
    const examined = await look({ name: 'uncompacted', kafka: { brokers: [at()] } });
    expect(troublesOf(examined)).toEqual(['kafka.topics error: topic uncompacted.state: cleanup.policy is delete, and must be compact']);
    expect(examined.find(({ name }) => name === 'kafka.topics')!.troubles[0]!.remedy).toContain('kafka-configs.sh');
  });

  test('signals that are kept too short', async () => {
    expect(await troubles({ name: 'forgetful', kafka: { brokers: [at()] } })).toEqual([
      expect.stringMatching(/^kafka\.topics error: topic forgetful\.signals: retention\.ms is 60000, and must be \d+ or more$/),
    ]);
  });

  test('a number of partitions that was changed', async () => {
    expect(await troubles({ partitions: 4, kafka: { brokers: [at()] } })).toEqual([
      expect.stringContaining('kafka.topics error: services.partitions is 4, and this cluster was begun with 2 (topic well.layout)'),
    ]);
  });

  test('no rights to transactions, topics and groups', async () => {
    const found = await troubles({ kafka: { brokers: [at('LOGIN')], sasl: sasl('nobody') } });
    expect(found).toEqual([
      'kafka.rights error: we may not begin transactions as well.…: TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      expect.stringMatching(/^kafka\.rights error: we may not read .*well\.observations.*\(TOPIC_AUTHORIZATION_FAILED\)$/),
      'kafka.rights error: we may not join the group well.managers: GROUP_AUTHORIZATION_FAILED',
    ]);
  });

  test('rights to read everything and write nothing', async () => {
    expect(await troubles({ kafka: { brokers: [at('LOGIN')], sasl: sasl('reader') } })).toEqual([
      expect.stringMatching(/^kafka\.rights error: we may not write .*well\.commands.*\(TOPIC_AUTHORIZATION_FAILED\)$/),
    ]);
  });

  test('topics that are not there and may not be made', async () => {
    const found = await troubles({ name: 'new', kafka: { brokers: [at('LOGIN')], sasl: sasl('homeostat') } });
    expect(found).toContainEqual(
      expect.stringMatching(/^kafka\.rights error: topics are missing, and we may not create them: .*AUTHORIZATION/),
    );
  });

  test('a clock that is off', async () => {
    const off = new (class extends SystemClock {
      override wall(): number {
        return super.wall() - 3_600_000;
      }
    })();
    expect(await troubles({ kafka: { brokers: [at()] } }, { clock: off })).toEqual([
      'kafka.clock error: the clock of the broker is 60 min ahead of ours',
    ]);
  });

  test('TLS to a plain port, and the reverse', async () => {
    expect(await troubles({ kafka: { brokers: [at()], tls: {} } })).toEqual([`kafka error: the listener at ${at()} does not speak TLS`]);
    expect(await troubles({ kafka: { brokers: [at('SECURE')] } })).toEqual([
      `kafka error: the listener at ${at('SECURE')} speaks TLS, and the manager file says nothing of it`,
    ]);
  });

  test('a certificate of another authority, and one made out to another name', async () => {
    expect(await troubles({ kafka: { brokers: [at('SECURE')], tls: {} } })).toEqual([
      expect.stringMatching(/^kafka error: the certificate of .* is not signed by an authority that is trusted/),
    ]);
    expect(await troubles({ kafka: { brokers: [at('SECURE')], tls: { ca: certificates.ca, serverName: 'kafka.example' } } })).toEqual([
      expect.stringMatching(/^kafka error: the certificate of .* is made out to another name/),
    ]);
  });

  test('a session that the brokers do not allow', async () => {
    expect(await troubles({ session: '1s', kafka: { brokers: [at()] } })).toEqual([
      expect.stringMatching(/^kafka\.limits error: services\.session is 1 s, and the brokers take no less than 6 s/),
    ]);
    expect(sessionVerdict(600_000, 6_000, 300_000)).toMatchObject([{ severity: 'error' }]);
  });

  test('a place where no agent works', async () => {
    const rack = { actuators: { fan: { kind: 'log', at: 'rack-3' } } };
    const placed = { ...base, configuration: { ...base.configuration, manager: { ...base.configuration.manager, ...rack } } };
    const options = {
      kafka: { brokers: [kafka.broker] },
      secrets: { environment: {}, directory: '.' },
      clock: new SystemClock(),
      log: quiet,
    };
    const log = await openKafka(options);
    const { commands } = topicNames('well');
    const join = (group: string) =>
      log.join({ group, topics: [commands], spread: 'single', sessionMs: 10_000 }, { assigned() {}, records() {}, lost() {} });
    try {
      await join('well.managers');
      await join('well.agents.default');
      const joined = async () => (await look({ kafka: { brokers: [at()] } }, placed)).find(({ name }) => name === 'kafka.places')!;
      await until(async () => (await joined()).result === 'warning');
      expect(troublesOf([await joined()])).toEqual([
        'kafka.places warning: managers work, and no agent does at "rack-3": nothing is measured there, and no command carried out',
      ]);
      await join('well.agents.rack-3');
      await until(async () => (await joined()).result === 'ok');
      expect((await joined()).detail).toBe('1 manager and the agents of 2 places work now');
    } finally {
      await log.close();
    }
  });

  test('nobody there, another program there, and a broker that is too old', async () => {
    const [free] = (await freePorts(1)) as [number];
    expect(await troubles({ kafka: { brokers: [`127.0.0.1:${free}`] } })).toEqual([`kafka away: nothing listens at 127.0.0.1:${free}`]);
    // What Kafka 1.0 answers, cut down to the requests that matter.
    const old = Buffer.from('0000001c0000004d000000000003000000000005000100000006001600000000', 'hex');
    for (const [answer, finding] of [
      [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'is reached, but is no Kafka broker'],
      [old, 'is too old'],
    ] as const) {
      const server = createServer((socket) => socket.on('data', () => socket.end(answer)).on('error', () => {}));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      expect(await troubles({ kafka: { brokers: [`127.0.0.1:${port}`] } })).toEqual([expect.stringContaining(finding)]);
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
