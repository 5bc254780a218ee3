import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MqttConnection, Subscription } from '../../src/mqtt/connection.ts';
import { describeWith, type Server, startMosquitto } from '../servers/index.ts';
import { afterwards, connections, outsider, until } from './mqtt-rig.ts';

const said = (topic: string, payload = 'x') => ({ topic, payload, qos: 1 as const, retain: false });

function hear(connection: MqttConnection, filter: string, more: Partial<Subscription> = {}) {
  const heard: string[] = [];
  const listening: string[] = [];
  const subscription = connection.subscribe({
    filter,
    qos: 1,
    acknowledged: 'taken',
    take: ({ topic, payload, retained }) => heard.push(`${topic} ${payload}${retained ? ' retained' : ''}`),
    listening: (is, reason) => listening.push(is ? 'yes' : reason),
    ...more,
  });
  return { ...subscription, heard, listening };
}

describeWith('mosquitto', 'a connection to Mosquitto', () => {
  let broker: Server;
  const start = async (...options: Parameters<typeof startMosquitto>) => {
    broker = await startMosquitto(...options);
    afterwards(() => broker.stop());
    return broker;
  };
  const url = (scheme = 'mqtt') => `${scheme}://127.0.0.1:${broker.port}`;

  test('two who ask for overlapping topics hear each message once, in MQTT 5 and 3.1.1', async () => {
    await start();
    for (const version of ['5', '3.1.1'] as const) {
      const { connection } = connections({ url: url(), version });
      const [exact, pattern] = [hear(connection, 'a/b'), hear(connection, 'a/+')];
      await Promise.all([exact.ready, pattern.ready]);
      const other = await outsider(broker.port);
      for (let i = 0; i < 20; i++) await other.publishAsync('a/b', String(i), { qos: (i % 2) as 0 | 1 });
      await until(() => pattern.heard.length >= 20 && exact.heard.length >= 20);
      const all = Array.from({ length: 20 }, (_, i) => `a/b ${i}`);
      if (version === '5') expect([exact.heard, pattern.heard]).toEqual([all, all]);
      // Where the broker does not say for which subscription a message comes, it may come once for each.
      else expect([new Set(exact.heard), new Set(pattern.heard)]).toEqual([new Set(all), new Set(all)]);
    }
  });

  test('its state is retained, and the last will says that it was lost', async () => {
    await start();
    const watcher = await outsider(broker.port);
    const states: { state: string; boot: string; reason: string }[] = [];
    watcher.on('message', (_, payload) => states.push(JSON.parse(payload.toString()) as (typeof states)[number]));
    await watcher.subscribeAsync('homeostat/+/state', { qos: 1 });
    const { connection, connections: all } = connections({ url: url() });
    await hear(connection, 'a').ready;
    await until(() => states.length === 1);
    await all.close();
    await until(() => states.length === 2);
    expect(states.map(({ state, reason, boot }) => [state, reason, boot === connection.boot])).toEqual([
      ['online', 'connected', true],
      ['offline', 'stopped', true],
    ]);
  });

  test('when the broker is killed what is published waits, and everything goes on in the next life', async () => {
    await start({ persistence: true });
    const { connection, lines } = connections({ url: url() });
    const ear = hear(connection, 'a/#');
    await ear.ready;
    await connection.publish(said('a/1'));
    await broker.kill();
    await until(() => !connection.status.connected);
    const later = connection.publish(said('a/2'));
    await broker.restart();
    await later;
    await until(() => ear.heard.includes('a/2 x'));
    await until(() => ear.listening.at(-1) === 'yes');
    expect(ear.listening[0]).toBe('yes');
    expect(connection.status.connections).toBe(2);
    const texts = lines.map(({ msg }) => msg);
    expect(texts.filter((text) => text === 'MQTT is not connected; it is tried again').length).toBeLessThanOrEqual(3);
    expect(texts.at(-1)).toBe('MQTT is connected again');
  }, 30_000);

  test('a frozen broker loses nothing of QoS 1: what was sent to it is acknowledged when it wakes', async () => {
    await start();
    const { connection } = connections({ url: url() });
    const ear = hear(connection, 'a/#');
    await ear.ready;
    broker.freeze();
    const sent = Promise.all(Array.from({ length: 300 }, (_, i) => connection.publish(said(`a/${i}`))));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ear.heard).toEqual([]);
    broker.thaw();
    await sent;
    await until(() => ear.heard.length === 300);
    expect(ear.heard).toEqual(Array.from({ length: 300 }, (_, i) => `a/${i} x`));
  }, 30_000);

  test('a broker that stays frozen is given up after the keep-alive', async () => {
    await start();
    const { connection, lines } = connections({ url: url(), keepAlive: '1s' });
    await hear(connection, 'a').ready;
    broker.freeze();
    await until(() => lines.some(({ reason }) => /Keepalive timeout/.test(reason ?? '')));
    broker.thaw();
    await until(() => connection.status.connected);
  }, 30_000);

  test('messages that are not acknowledged come again in the next connection, and not after that', async () => {
    await start();
    const first = connections({ url: url(), clientId: 'the-same', session: '1h' });
    const taken: (() => void)[] = [];
    const held = hear(first.connection, 'a/#', { acknowledged: 'later', take: (_, acknowledge) => taken.push(acknowledge) });
    await held.ready;
    const other = await outsider(broker.port);
    for (let i = 0; i < 5; i++) await other.publishAsync('a/b', String(i), { qos: 1 });
    await until(() => taken.length === 5);
    taken[0]!();
    taken[1]!();
    await until(async () => first.connection.status.connected);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await first.connections.close();
    const second = connections({ url: url(), clientId: 'the-same', session: '1h' });
    const ear = hear(second.connection, 'a/#');
    await until(() => ear.heard.length === 3);
    expect(ear.heard).toEqual(['a/b 2', 'a/b 3', 'a/b 4']);
    await second.connections.close();
    const third = connections({ url: url(), clientId: 'the-same', session: '1h' });
    const silent = hear(third.connection, 'a/#');
    await silent.ready;
    await third.connection.publish(said('a/end'));
    await until(() => silent.heard.includes('a/end x'));
    expect(silent.heard).toEqual(['a/end x']);
  }, 30_000);

  test('a broker that knows MQTT 3.1.1 only is spoken to in that', async () => {
    await start();
    // It refuses version 5 as such brokers do, and hands version 4 on.
    const old = createServer((socket) => {
      socket.once('data', (hello) => {
        if (hello[hello.indexOf('MQTT') + 4] !== 4) return void socket.end(Buffer.from([0x20, 2, 0, 1]));
        const real = connectSocket(broker.port, '127.0.0.1');
        real.write(hello);
        socket.pipe(real).pipe(socket);
        real.on('error', () => socket.destroy());
        socket.on('error', () => real.destroy());
      });
    }).listen(0, '127.0.0.1');
    afterwards(() => old.close());
    await until(() => old.listening);
    const { connection } = connections({ url: `mqtt://127.0.0.1:${(old.address() as { port: number }).port}` });
    const ear = hear(connection, 'a/+');
    await ear.ready;
    expect(connection.status.version).toBe(4);
    await connection.publish(said('a/b', 'old'));
    await until(() => ear.heard.length > 0);
    expect(ear.heard).toEqual(['a/b old']);
  }, 30_000);

  test('a wrong password is said once, with the remedy, and without the password', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-mqtt-'));
    afterwards(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'passwords');
    execFileSync('mosquitto_passwd', ['-b', '-c', file, 'homeostat', 'right-word']);
    await start({ settings: ['allow_anonymous false', `password_file ${file}`] });
    const wrong = connections({ url: url(), username: 'homeostat', password: { env: 'WORD' } }, { WORD: 'wrong-word' });
    hear(wrong.connection, 'a');
    const line = await until(() => wrong.lines[0]);
    expect(line.reason).toContain('correct username and password under mqtt');
    expect(JSON.stringify(wrong.lines)).not.toContain('wrong-word');
    const right = connections({ url: url(), username: 'homeostat', password: { env: 'WORD' } }, { WORD: 'right-word' });
    await hear(right.connection, 'a').ready;
    const none = connections({ url: url(), username: 'homeostat', password: { env: 'WORD' } });
    hear(none.connection, 'a');
    expect((await until(() => none.lines[0])).reason).toContain('no environment variable WORD');
  }, 30_000);

  test('a subscription that the broker refuses is said to who asked for it, and the others go on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-mqtt-'));
    afterwards(() => rmSync(folder, { recursive: true, force: true }));
    const acl = join(folder, 'acl');
    writeFileSync(acl, 'topic readwrite a/#\ntopic readwrite homeostat/#\n');
    await start({ settings: [`acl_file ${acl}`] });
    const { connection } = connections({ url: url() });
    const ear = hear(connection, 'a/+');
    await ear.ready;
    await connection.publish(said('a/b'));
    await until(() => ear.heard.length === 1);
    await expect(connection.publish(said('secret/b'))).rejects.toThrow('the broker refuses it');
  }, 30_000);

  test('TLS with a certificate of ours, and without one, and with a broker that is not trusted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-mqtt-'));
    afterwards(() => rmSync(folder, { recursive: true, force: true }));
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=test authority',
    );
    for (const name of ['broker', 'client']) {
      openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      writeFileSync(join(folder, 'ext'), 'subjectAltName=IP:127.0.0.1,DNS:broker\n');
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '2',
        '-extfile',
        'ext',
      );
    }
    const files = [`cafile ${folder}/ca.pem`, `certfile ${folder}/broker.pem`, `keyfile ${folder}/broker.key`];
    await start({ settings: [...files, 'require_certificate true', 'use_identity_as_username true'] });
    const tls = { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' };
    const { connection } = connections({ url: url('mqtts'), tls }, {}, folder);
    const ear = hear(connection, 'a');
    await ear.ready;
    await connection.publish(said('a', 'secret'));
    await until(() => ear.heard[0] === 'a secret');
    const bare = connections({ url: url('mqtts'), tls: { ca: 'ca.pem' } }, {}, folder);
    hear(bare.connection, 'a');
    expect((await until(() => bare.lines[0])).reason).toMatch(/certificate|TLS|closed|ECONNRESET/i);
    const distrustful = connections({ url: url('mqtts'), tls: { cert: 'client.pem', key: 'client.key' } }, {}, folder);
    hear(distrustful.connection, 'a');
    expect((await until(() => distrustful.lines[0])).reason).toContain('mqtt.tls.ca');
    const plain = connections({ url: url('mqtt') });
    hear(plain.connection, 'a');
    expect((await until(() => plain.lines[0])).reason).not.toBe('');
  }, 60_000);

  test('nobody at the address is a line that says so', async () => {
    const { connection, lines } = connections({ url: 'mqtt://127.0.0.1:1' });
    hear(connection, 'a');
    expect((await until(() => lines[0])).reason).toContain('is the broker running?');
  });
});
