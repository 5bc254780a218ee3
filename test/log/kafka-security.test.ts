/** Connections that are encrypted, by users that the broker knows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/clock.ts';
import type { KafkaDocument, SaslDocument } from '../../src/documents/services.ts';
import { HomeostatError } from '../../src/errors.ts';
import { openKafka } from '../../src/log/kafka.ts';
import type { Log } from '../../src/log/log.ts';
import { ensureTopics } from '../../src/log/topics.ts';
import { topicSpecs } from '../../src/services/topics.ts';
import { describeWith } from '../servers/index.ts';
import { type SecureKafka, startSecureKafka, tokenFor } from '../servers/kafka-secure.ts';
import { logContract } from './contract.ts';
import { rightsOf } from './rights.ts';

const clock = new SystemClock();
const SCRAM: SaslDocument = { mechanism: 'scram-sha-512', username: 'alice', password: { env: 'PASSWORD' } };

describeWith('kafka', 'Kafka with TLS and users', () => {
  let kafka: SecureKafka;
  let secrets: string;
  const logs: Log[] = [];
  const said: string[] = [];
  beforeAll(async () => {
    kafka = await startSecureKafka();
    secrets = mkdtempSync(join(tmpdir(), 'homeostat-passwords-'));
  }, 120_000);
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
  });
  afterAll(async () => {
    await kafka?.stop();
    if (secrets !== undefined) rmSync(secrets, { recursive: true });
  }, 60_000);

  const note = (details: object, message: string) => void said.push(`${JSON.stringify(details)} ${message}`);
  const connect = async (document: Partial<KafkaDocument>, environment: Record<string, string> = {}): Promise<Log> => {
    const log = await openKafka({
      kafka: { brokers: [kafka.sasl], tls: { ca: kafka.certificates.ca }, ...document },
      secrets: { environment: { PASSWORD: 'alice-secret', ...environment }, directory: secrets },
      clock,
      log: { debug: note, info: note, warn: note, error: note },
    });
    logs.push(log);
    return log;
  };
  let names = 0;
  /** Writes, commits and reads. */
  const works = async (log: Log): Promise<void> => {
    const topic = `secured-${++names}`;
    await log.create([{ name: topic, partitions: 1, config: {} }]);
    const writer = await log.writer();
    await writer.write([{ topic, partition: 0, key: null, value: 'written' }]);
    const transactor = await log.transactor(topic);
    await transactor.commit([{ topic, partition: 0, key: null, value: 'committed' }]);
    const values: (string | null)[] = [];
    await log.read(topic, 0, 0, (records) => values.push(...records.map(({ value }) => value)));
    expect(values).toEqual(['written', 'committed']);
  };
  const refusal = async (document: Partial<KafkaDocument>, environment?: Record<string, string>): Promise<string> => {
    const thrown = await connect(document, environment).catch((error: unknown) => error);
    if (!(thrown instanceof HomeostatError)) throw new Error(`it was not refused: ${String(thrown)}`);
    return `${thrown.code} ${thrown.message}`;
  };

  describe('the contract of the log, over TLS as a SCRAM user', () => {
    logContract(() => connect({ sasl: SCRAM }), { clock, patienceMs: 30_000, sessionMs: 6_000 });
  });

  test.each(['plain', 'scram-sha-256'] as const)('%s lets the right password in', async (mechanism) => {
    writeFileSync(join(secrets, 'password'), 'alice-secret\n');
    await works(await connect({ sasl: { mechanism, username: 'alice', password: { file: 'password' } } }));
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    '%s refuses the wrong password at once, and nobody is told it',
    async (mechanism) => {
      const message = await refusal({ sasl: { mechanism, username: 'alice', password: { env: 'WRONG' } } }, { WRONG: 'hunter2' });
      expect(message).toMatch(/^H311 Kafka refuses us: .*(authentication|credentials)/i);
      expect(message).toContain('services.kafka');
      expect([message, ...said].join('\n')).not.toMatch(/hunter2|alice-secret/);
    },
  );

  test('a secret that is not there is told by its place', async () => {
    expect(await refusal({ sasl: { ...SCRAM, password: { env: 'NONE' } } })).toMatch(
      /^H008 services\.kafka\.sasl\.password: there is no environment variable NONE/,
    );
    expect(await refusal({ tls: { ca: 'none.pem' } })).toMatch(/^H001 services\.kafka\.tls\.ca: none\.pem cannot be read/);
  });

  test('a broker whose certificate nobody vouches for is not talked to, nor one of another name', async () => {
    expect(await refusal({ tls: {}, sasl: SCRAM })).toMatch(/^H311 .*certificate/);
    expect(await refusal({ tls: { ca: kafka.certificates.ca, serverName: 'elsewhere.test' }, sasl: SCRAM })).toMatch(
      /^H311 .*elsewhere\.test/,
    );
    await works(await connect({ tls: { ca: kafka.certificates.ca, serverName: 'kafka.test' }, sasl: SCRAM }));
  });

  test('a certificate of our own lets us in where the broker asks for one, and nothing else does', async () => {
    const { ca, cert, key } = kafka.certificates;
    await works(await connect({ brokers: [kafka.mutual], tls: { ca, cert, key: { file: key } } }));
    expect(await refusal({ brokers: [kafka.mutual], tls: { ca } })).toMatch(/^H31[01] /);
  }, 60_000);

  test('a listener that wants TLS is not reached without, and the message says so', async () => {
    const thrown = await openKafka({
      kafka: { brokers: [kafka.sasl] },
      secrets: { environment: {}, directory: '.' },
      clock,
      log: { debug: note, info: note, warn: note, error: note },
    }).catch((error: Error) => error.message);
    expect(thrown).toMatch(/whether its listener wants "tls"/);
  }, 60_000);

  describe('tokens', () => {
    let endpoint: Server;
    let url: string;
    const asked: string[] = [];
    beforeAll(async () => {
      endpoint = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += chunk;
        });
        request.on('end', () => {
          asked.push(body);
          const right = request.headers.authorization === `Basic ${Buffer.from('homeostat:client-secret').toString('base64')}`;
          response.writeHead(right ? 200 : 401, { 'content-type': 'application/json' });
          response.end(right ? JSON.stringify({ access_token: tokenFor('alice'), expires_in: 600 }) : '{}');
        });
      });
      await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(endpoint.address() as { port: number }).port}/token`;
    });
    afterAll(() => endpoint.close());

    test('a token from a secret lets in', async () => {
      await works(await connect({ sasl: { mechanism: 'oauthbearer', token: { env: 'TOKEN' } } }, { TOKEN: tokenFor('alice') }));
    });

    test('a token that has run out does not', async () => {
      const old = { TOKEN: tokenFor('alice', -600) };
      expect(await refusal({ sasl: { mechanism: 'oauthbearer', token: { env: 'TOKEN' } } }, old)).toMatch(/^H311 /);
    });

    test('a token is asked for with our credentials, once for all connections', async () => {
      const sasl = {
        mechanism: 'oauthbearer',
        endpoint: url,
        clientId: 'homeostat',
        clientSecret: { env: 'CLIENT' },
        scope: 'kafka',
      } as const;
      await works(await connect({ sasl }, { CLIENT: 'client-secret' }));
      expect(asked).toHaveLength(1);
      expect(Object.fromEntries(new URLSearchParams(asked[0]!))).toEqual({ grant_type: 'client_credentials', scope: 'kafka' });
      const refused = await refusal({ sasl }, { CLIENT: 'other-secret' });
      expect(refused).toMatch(/^H311 .*gives no token: it answers 401/);
      expect(refused).not.toContain('other-secret');
    });
  });

  describe('rights', () => {
    const bob: SaslDocument = { mechanism: 'scram-sha-256', username: 'bob', password: { env: 'BOB' } };
    const asBob = () => connect({ sasl: bob }, { BOB: 'bob-secret' });
    const specs = topicSpecs('granted', 2);
    const options = () => ({ layout: 'granted.layout', partitions: 2, brokers: [kafka.sasl] });

    test('who has none is told, and which topics an administrator is to create', async () => {
      const log = await asBob();
      const refused = await ensureTopics(log, specs, options()).catch((thrown: HomeostatError) => `${thrown.code} ${thrown.message}`);
      expect(refused).toMatch(
        /^H311 we may not create topics; grant that, or let an administrator\nrun: kafka-topics\.sh .*--topic granted\.intake/,
      );
      await expect(log.transactor('granted-1')).rejects.toMatchObject({ code: 'H311' });
    });

    test('what docs/kafka.md says must be granted is enough', async () => {
      for (const args of rightsOf('bob', 'granted'))
        kafka.server.tool('kafka.admin.AclCommand', '--bootstrap-server', kafka.server.broker, '--add', ...args);
      const log = await asBob();
      expect(await ensureTopics(log, specs, options())).toHaveLength(specs.length);
      const topic = specs[0]!.name;
      const writer = await log.writer();
      await writer.write([{ topic, partition: 0, key: null, value: 'a' }]);
      const transactor = await log.transactor('granted.manager.0');
      await transactor.commit([{ topic, partition: 0, key: null, value: 'b' }]);
      const heard: (string | null)[] = [];
      const membership = await log.join(
        { group: 'granted.managers', topics: [topic], spread: 'share', sessionMs: 6_000 },
        {
          assigned: () => setTimeout(() => membership.seek(topic, 0, 0), 0),
          records: (_topic, _partition, records) => heard.push(...records.map(({ value }) => value)),
          lost: () => undefined,
        },
      );
      while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await membership.note(0, { [topic]: 2 });
      expect(await membership.noted(0)).toEqual({ [topic]: 2 });
      expect(heard).toEqual(['a', 'b']);
    }, 60_000);
  });
});
