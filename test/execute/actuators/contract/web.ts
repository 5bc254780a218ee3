/** The target of `http` and `webhook`: a server that does each id once, as docs/actuators.md asks of it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpKind } from '../../../../src/execute/actuators/http.ts';
import { webhookKind } from '../../../../src/execute/actuators/webhook.ts';
import { order, type Rig } from '../rig.ts';
import type { Stage, Subject } from './subject.ts';

async function open(rig: Rig, make: (base: string) => Stage['make']): Promise<Stage> {
  const done = new Set<string>();
  let effects = 0;
  let hung: (() => void) | undefined;
  const server = createServer((request, response) => {
    const id = String(request.headers['homeostat-command']);
    if (hung) return hung();
    if (request.method === 'GET') return response.writeHead(done.has(id) ? 200 : 404).end();
    if (!done.has(id)) effects++;
    done.add(id);
    response.end('done');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  rig.put('shop/lamp', 'lamp');
  return {
    make: make(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    order: () => order('on', 'shop/lamp', { to: 1 }),
    effects: () => effects,
    hang: () =>
      new Promise((resolve) => {
        hung = resolve;
      }),
    leave: end,
    end,
  };
}

export const http: Subject = {
  kind: 'http',
  onceById: true,
  inquires: true,
  open: (rig) => open(rig, (base) => () => httpKind.create({ url: `${base}/do`, inquire: { url: `${base}/done/{command}` } }, rig.context)),
};

export const webhook: Subject = {
  kind: 'webhook',
  onceById: true,
  inquires: true,
  open: (rig) =>
    open(rig, (base) => () => {
      const environment = { ...rig.context.environment, KEY: 'a key' };
      return webhookKind.create(
        { url: `${base}/do`, keys: [{ env: 'KEY' }], inquire: { url: `${base}/done/{command}` } },
        { ...rig.context, environment },
      );
    }),
};
