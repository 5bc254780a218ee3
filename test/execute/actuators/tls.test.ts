/** Calls over TLS: what an actuator trusts and shows. The certificates are made for the test. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { dockerKind } from '../../../src/execute/actuators/docker.ts';
import { httpKind } from '../../../src/execute/actuators/http.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

let rig: Rig;
let server: Server;
let port: number;
let shown: string[];
beforeEach(async () => {
  rig = makeRig();
  rig.put('shop/lamp', 'lamp');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: rig.folder, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
    '-subj',
    '/CN=engine.test',
    '-addext',
    'subjectAltName=DNS:engine.test',
  );
  const read = (name: string) => readFileSync(join(rig.folder, name));
  shown = [];
  server = createServer(
    { cert: read('cert.pem'), key: read('key.pem'), ca: read('cert.pem'), requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      shown.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
      response
        .setHeader('api-version', '1.41')
        .end('{"State":{"Status":"running","Running":true,"StartedAt":""},"HostConfig":{},"Name":"/lamp","Id":"1"}');
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rig.end();
});

const OURS = { ca: 'cert.pem', cert: 'cert.pem', key: 'key.pem', serverName: 'engine.test' };

test('the server is known by its authority and name, and we by our certificate', async () => {
  const http = httpKind.create({ url: `https://127.0.0.1:${port}/`, tls: OURS }, rig.context);
  expect(await http.execute(order('on', 'shop/lamp'), never)).toMatchObject({ status: 'succeeded' });
  const docker = dockerKind.create({ host: `tcp://127.0.0.1:${port}`, tls: OURS }, rig.context);
  expect(await docker.execute(order('start', 'shop/lamp'), never)).toMatchObject({
    status: 'succeeded',
    detail: 'lamp: nothing to do, it is running',
  });
  expect(new Set(shown)).toEqual(new Set(['engine.test']));
});

test('a server of another name or authority gets nothing', async () => {
  for (const tls of [
    { ...OURS, serverName: 'other.test' },
    { cert: 'cert.pem', key: 'key.pem', serverName: 'engine.test' },
  ]) {
    const result = await httpKind.create({ url: `https://127.0.0.1:${port}/`, tls }, rig.context).execute(order('on', 'shop/lamp'), never);
    expect(result).toMatchObject({ status: 'failed', detail: expect.stringContaining('the target is not trusted') });
    expect(result.retryable ?? false).toBe(false);
  }
  expect(shown).toEqual([]);
});

test('a file that cannot be read is named', async () => {
  const actuator = httpKind.create({ url: `https://127.0.0.1:${port}/`, tls: { ca: 'nowhere.pem' } }, rig.context);
  const result = await actuator
    .execute(order('on', 'shop/lamp'), never)
    .catch((error: Error) => ({ status: 'failed', detail: error.message }));
  expect(result).toMatchObject({ status: 'failed', detail: expect.stringContaining('tls.ca: nowhere.pem cannot be read') });
});
