/** Doctor at a real Mosquitto that is set up wrongly in one way after another. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Examined, examine, type Patient } from '../../src/doctor/check.ts';
import { SECRETS } from '../../src/doctor/folder.ts';
import { MQTT } from '../../src/doctor/mqtt.ts';
import { type Certificates, makeCertificates } from '../certificates.ts';
import { patientWith, troublesOf, withParts } from '../doctor/patient.ts';
import { describeWith, freePorts, type Server, startMosquitto } from '../servers/index.ts';

describeWith('mosquitto', 'doctor at an MQTT broker', () => {
  let open: Server;
  let guarded: Server;
  let secure: Server;
  let certificates: Certificates;
  let base: Patient & { readonly folder: string };

  beforeAll(async () => {
    certificates = makeCertificates();
    const file = (name: string): string => join(certificates.folder, name);
    for (const user of ['homeostat', 'stranger'])
      execFileSync('mosquitto_passwd', ['-b', ...(user === 'homeostat' ? ['-c'] : []), file('passwords'), user, 'right-password'], {
        stdio: 'ignore',
      });
    writeFileSync(file('rights'), 'user homeostat\ntopic readwrite homeostat/#\n\nuser stranger\ntopic read nothing/at/all\n');
    chmodSync(file('rights'), 0o600);
    [open, guarded, secure] = await Promise.all([
      startMosquitto(),
      startMosquitto({ settings: ['allow_anonymous false', `password_file ${file('passwords')}`, `acl_file ${file('rights')}`] }),
      startMosquitto({ settings: [`certfile ${certificates.cert}`, `keyfile ${certificates.key}`] }),
    ]);
    base = patientWith({}, { environment: { PASSWORD: 'right-password', WRONG: 'wrong-password' } });
  }, 60_000);
  afterAll(async () => {
    await Promise.all([open, guarded, secure].map((server) => server?.stop()));
    for (const folder of [certificates?.folder, base?.folder]) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const urlOf = (server: Server, scheme = 'mqtt'): string => `${scheme}://127.0.0.1:${server.port}`;
  const look = (mqtt: object): Promise<readonly Examined[]> => examine([SECRETS, ...MQTT], withParts(base, { mqtt }));
  const troubles = async (mqtt: object) => troublesOf(await look(mqtt));
  const user = (username: string, env = 'PASSWORD') => ({ url: urlOf(guarded), username, password: { env } });

  test('where all is as it should be, every check says so, of each connection', async () => {
    const examined = await look({
      ...user('homeostat'),
      connections: { second: { url: urlOf(secure, 'mqtts'), tls: { ca: certificates.ca } }, third: { url: urlOf(open), version: '3.1.1' } },
    });
    expect(troublesOf(examined)).toEqual([]);
    const detail = (name: string) => examined.find((one) => one.name === name)!.detail;
    expect(detail('mqtt.login')).toBe(
      'let in as homeostat, by MQTT 5; let in without a user, by MQTT 5; let in without a user, by MQTT 3.1.1',
    );
    expect(detail('mqtt.messages')!.match(/a message came back/g)).toHaveLength(3);
  });

  test('a wrong password, and no user where one is wanted', async () => {
    const examined = await look(user('homeostat', 'WRONG'));
    expect(troublesOf(examined)).toEqual([expect.stringMatching(/^mqtt\.login error: .* does not let us in as homeostat: /)]);
    expect(JSON.stringify(examined)).not.toContain('wrong-password');
    expect(await troubles({ url: urlOf(guarded) })).toEqual([
      expect.stringMatching(/^mqtt\.login error: .* does not let us in without a user: /),
    ]);
  });

  test('a user who may neither publish nor subscribe', async () => {
    const [first, ...others] = await troubles(user('stranger'));
    expect(others).toEqual([]);
    expect(first).toMatch(/^mqtt\.messages error: .* (does not let us (subscribe|publish)|took a message)/);
  });

  test('the same by MQTT 3.1.1, which does not say so', async () => {
    const [first] = await troubles({ ...user('stranger'), version: '3.1.1' });
    expect(first).toMatch(/^mqtt\.messages error: .* (does not let us (subscribe|publish)|took a message)/);
  });

  test('TLS to a plain port, the reverse, and a certificate of an authority that nobody trusts', async () => {
    expect(await troubles({ url: urlOf(open, 'mqtts') })).toEqual([
      expect.stringMatching(/^mqtt error: .* does not speak TLS, and mqtt\.url says mqtts/),
    ]);
    expect(await troubles({ url: urlOf(secure) })).toEqual([expect.stringMatching(/^mqtt error: .* speaks TLS, and mqtt\.url says mqtt:/)]);
    expect(await troubles({ url: urlOf(secure, 'mqtts') })).toEqual([
      expect.stringMatching(/^mqtt error: the certificate of .* is not signed by an authority that is trusted/),
    ]);
  });

  test('nobody there', async () => {
    const [free] = (await freePorts(1)) as [number];
    expect(await troubles({ url: `mqtt://127.0.0.1:${free}` })).toEqual([`mqtt away: nothing listens at 127.0.0.1:${free}`]);
  });
});
