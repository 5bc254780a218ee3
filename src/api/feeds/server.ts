/**
 * The listener for those who send data as they send it elsewhere: writers of InfluxDB, and an Alertmanager. Beside the API and not part of it, because its paths, its
 * errors and its port are those of the servers that it stands in for. Its tokens are those of the API, with the role feed.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { FEED_BYTES, type IntakeDocument } from '../../documents/intake.ts';
import { durationMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import type { Access } from '../access.ts';
import { serverTls } from '../tls.ts';
import { Alerts } from './alerts.ts';
import { type Dialect, FeedRefusal, toldOf } from './answers.ts';
import { bodyOf } from './body.ts';
import { PointReader } from './points.ts';
import { Queries } from './query.ts';
import type { FeedSink } from './sink.ts';
import { write1, write2 } from './write.ts';

export interface FeedCall {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly body: () => Promise<string>;
}

export interface FeedAnswer {
  readonly status: number;
  readonly body?: unknown;
}

interface FeedRoute {
  readonly methods: readonly string[];
  readonly dialect: Dialect;
  /** Answered without a token: says nothing but that it is there. */
  readonly open?: boolean;
  readonly answer: (call: FeedCall) => FeedAnswer | Promise<FeedAnswer>;
}

export interface FeedContext {
  readonly intake: IntakeDocument;
  readonly access: Access;
  readonly sink: FeedSink;
  readonly log: Logger;
  readonly directory: string;
  /** Told of answers that may be the sign of somebody who has no business here. */
  readonly refused: (what: { readonly status: number; readonly from: string; readonly method: string; readonly url: string }) => void;
}

export interface Feeds {
  readonly url: string;
  close(): Promise<void>;
}

/** Clients choose their ways by it: what is here is what version 1.8 has. */
const VERSION = '1.8.10';
const DEFAULT_HOST = '127.0.0.1';
const CONNECTIONS = 1_000;
const HEADERS_MS = 10_000;
const UNWELCOME = [401, 403, 411, 413, 429];

/** Begins to listen. @throws HomeostatError H304 if the port is in use, H341 if a certificate cannot be read */
export async function serveFeeds(context: FeedContext): Promise<Feeds> {
  const { host = DEFAULT_HOST, port = 0, tls, connections = CONNECTIONS, request = '30s' } = context.intake.http ?? {};
  const routes = routesOf(context);
  const patience = { headersTimeout: HEADERS_MS, requestTimeout: durationMs(request) };
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void respond(incoming, outgoing, routes, context);
  const server: Server =
    tls === undefined
      ? createServer(patience, answer)
      : createTlsServer({ ...patience, ...serverTls(tls, context.directory, 'intake.http.tls'), handshakeTimeout: HEADERS_MS }, answer);
  server.maxConnections = connections;
  await listen(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routesOf({ intake, sink }: FeedContext): ReadonlyMap<string, FeedRoute> {
  const { influx = {}, alerts } = intake;
  const writing = { reader: new PointReader(influx), sink, databases: influx.databases && new Set(influx.databases) };
  const queries = new Queries(influx.databases);
  const receiver = new Alerts(alerts?.map);
  return new Map<string, FeedRoute>([
    ['/write', { methods: ['POST'], dialect: 'influx1', answer: (call) => write1(call, writing) }],
    ['/api/v2/write', { methods: ['POST'], dialect: 'influx2', answer: (call) => write2(call, writing) }],
    ['/query', { methods: ['GET', 'POST'], dialect: 'influx1', answer: (call) => queries.answer(call) }],
    [
      '/ping',
      {
        methods: ['GET', 'HEAD', 'POST'],
        dialect: 'influx1',
        open: true,
        answer: ({ query }) => (query.has('verbose') ? { status: 200, body: { version: VERSION } } : { status: 204 }),
      },
    ],
    [
      '/health',
      {
        methods: ['GET'],
        dialect: 'influx2',
        open: true,
        answer: () => ({
          status: 200,
          body: { name: 'homeostat', message: 'ready for writes', status: 'pass', checks: [], version: VERSION },
        }),
      },
    ],
    ['/alertmanager', { methods: ['POST'], dialect: 'own', answer: (call) => receiver.answer(call, sink) }],
  ]);
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  routes: ReadonlyMap<string, FeedRoute>,
  context: FeedContext,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://feeds');
  const route = routes.get(url.pathname);
  outgoing.setHeader('X-Influxdb-Version', VERSION);
  outgoing.setHeader('X-Influxdb-Build', 'Homeostat');
  try {
    if (route === undefined) throw new FeedRefusal(404, `there is nothing at ${url.pathname}; there is ${[...routes.keys()].join(', ')}`);
    if (!route.methods.includes(incoming.method ?? ''))
      throw new FeedRefusal(405, `${url.pathname} takes ${route.methods.join(' and ')}, not ${incoming.method}`);
    if (route.open !== true) admit(incoming, url.searchParams, context.access);
    const maxBytes = context.intake.http?.maxBytes ?? FEED_BYTES;
    const { status, body } = await route.answer({
      method: incoming.method ?? '',
      query: url.searchParams,
      body: () => bodyOf(incoming, maxBytes),
    });
    send(outgoing, status, body);
  } catch (thrown) {
    const told = toldOf(thrown, route?.dialect ?? 'own');
    if (told.status === 500) context.log.error({ err: thrown, path: url.pathname }, 'a request to the intake failed');
    // Without the query, which may hold a token.
    const from = incoming.socket.remoteAddress ?? '';
    if (UNWELCOME.includes(told.status)) context.refused({ status: told.status, from, method: incoming.method ?? '', url: url.pathname });
    if (told.status === 429 || told.status === 503) outgoing.setHeader('Retry-After', '1');
    // Clients of version 1 look here first. A header has no line breaks, and only Latin letters.
    if (route?.dialect === 'influx1') outgoing.setHeader('X-Influxdb-Error', told.message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 500));
    // What is not read of the body is not waited for.
    if (!incoming.complete) outgoing.setHeader('Connection', 'close');
    send(outgoing, told.status, told.body);
  } finally {
    if (!incoming.complete) incoming.resume();
  }
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) {
    outgoing.writeHead(status).end();
    return;
  }
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

/** The token as a bearer's, as a token, as the password of a user, or in the address (`u` and `p`), as clients of InfluxDB send theirs. */
function admit({ headers, socket }: IncomingMessage, query: URLSearchParams, access: Access): void {
  const { authorization: given, 'content-length': length, 'transfer-encoding': encoding } = headers;
  const password = query.get('p');
  const pair = /^token +[^:\s]*:(\S+)$/i.exec(given ?? '')?.[1];
  const authorization = pair !== undefined ? `Bearer ${pair}` : (given ?? (password === null ? undefined : `Bearer ${password}`));
  const asking = {
    authorization,
    from: socket.remoteAddress ?? '',
    bytes: length === undefined ? undefined : Number(length),
    chunked: encoding !== undefined,
  };
  access.admit(asking, ['feed']);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    const where = `port ${port} of ${host}`;
    if (code === 'EADDRINUSE')
      throw new HomeostatError('H304', `${where} is in use; name another under intake.http.port in the manager file`, { cause: thrown });
    if (code === 'EACCES')
      throw new HomeostatError('H304', `${where} may not be used by this user; name one above 1023 under intake.http.port`, {
        cause: thrown,
      });
    throw new HomeostatError('H304', `${where} cannot be listened on (${message}); correct intake.http in the manager file`, {
      cause: thrown,
    });
  }
}
