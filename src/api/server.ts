/** The HTTP API of a running manager. The only file that imports fastify. */
import type { Server } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Configuration } from '../config.ts';
import type { ApiDocument, Role } from '../documents/api.ts';
import { durationMs } from '../duration.ts';
import { HomeostatError } from '../errors.ts';
import { isObject } from '../json.ts';
import { readSecret } from '../secrets.ts';
import { nearest } from '../suggest.ts';
import { Access, type Caller } from './access.ts';
import { removeAddress, tokenOf, writeAddress } from './address.ts';
import { answerOf, Refusal, refusalOf } from './answers.ts';
import { hungUp } from './control.ts';
import { serveFeeds } from './feeds/server.ts';
import { busSink, type FeedSink } from './feeds/sink.ts';
import type { Figures } from './figures.ts';
import { RefusalLog } from './refusals.ts';
import { ROUTES } from './routes.ts';
import type { About, Served } from './served.ts';
import type { Steps } from './steps.ts';
import { fingerprintOf, type ServerTls, serverTls } from './tls.ts';

/** What a route is given to answer with. */
export interface ApiContext {
  readonly assembly: Served;
  /** Where there are several managers: the one that a request is about. @throws Refusal if it is not here */
  readonly choose?: (about: About) => Served;
  /** Where feeds put what they have read; the bus of the one manager if not given. */
  readonly sink?: FeedSink;
  /** Whether another process decides about an element: what is wrong with an observation of it is told there. */
  readonly isElsewhere?: (element: string) => boolean;
  /** The configuration that the manager was started with: its probes, limits and address hold until it ends. */
  readonly started: Configuration;
  /** Reads the manager file again. @throws HomeostatError with the findings if anything is wrong */
  readonly reload: () => Promise<Reloaded>;
  readonly steps: Steps;
  readonly log: Logger;
  readonly startedAt: number;
  /** The variables that secrets are read from. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The manager's own figures, as they are at the call. */
  readonly figures: () => Figures;
}

/** What routes are given beside that: it belongs to the server itself. */
export interface RouteContext extends ApiContext {
  readonly access: Access;
}

export interface Reloaded {
  readonly changed: boolean;
  readonly policies: number;
  /** Parts of the manager file that have changed and wait for a restart. */
  readonly needsRestart: readonly string[];
}

export interface Call {
  readonly query: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Whose token came with it. */
  readonly caller: Caller;
}

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Answered without a token: says nothing but whether the manager is well. */
  readonly open?: boolean;
  /** Any of these opens it; `read` for GET and `operate` for all else if not given. */
  readonly roles?: readonly Role[];
  readonly answer: (call: Call, context: RouteContext) => Answer | Promise<Answer>;
}

export const rolesOf = ({ method, roles }: Route): readonly Role[] => roles ?? [method === 'GET' ? 'read' : 'operate'];

export interface Api {
  readonly url: string;
  readonly token: string;
  /** Where writers of InfluxDB and an Alertmanager send to, if `intake.http` asks for it. */
  readonly feedsUrl?: string;
  /** What the signal HUP asks for: the same as POST /reload, in the name of whoever may send signals here. Never throws: the log has it. */
  hungUp(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
const CONNECTIONS = 1_000;
/** Answers that may be the sign of somebody who has no business here. */
const UNWELCOME = [401, 403, 411, 413, 429];

/** Begins to answer, and writes down where. @throws HomeostatError H304 if the port is in use, H008 or H341 if a secret or certificate cannot be read */
export async function serve(context: ApiContext): Promise<Api> {
  const { folder, directory, manager, setup } = context.started;
  const { host = DEFAULT_HOST, port = 0, ...api } = manager.api ?? {};
  const secrets = { environment: context.environment ?? {}, directory };
  const { clock } = context.assembly;
  const given = typeof api.token === 'object' ? readSecret(api.token, secrets, 'api.token') : api.token;
  const token = tokenOf(folder, given);
  const bytes = setup.limits.messageBytes;
  const access = new Access({ api, owner: { token, made: given === undefined }, secrets, clock, messageBytes: bytes });
  let tls = api.tls === undefined ? undefined : serverTls(api.tls, directory);
  const app = Fastify({
    loggerInstance: context.log.child({ part: 'api' }, { level: 'warn' }),
    bodyLimit: bytes,
    forceCloseConnections: true,
    ...patience(api, tls),
  }) as unknown as FastifyInstance;
  app.server.maxConnections = api.limits?.connections ?? CONNECTIONS;
  const refusals = new RefusalLog(context.log, clock);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((thrown, request, reply) => {
    const refusal = refusalOf(thrown, bytes);
    if (UNWELCOME.includes(refusal.status))
      refusals.tell({ status: refusal.status, from: request.ip, method: request.method, url: request.url });
    return refuse(reply, refusal, context.log);
  });
  app.setNotFoundHandler((request, reply) => refuse(reply, unknownPath(request), context.log));
  // With the manager file the secrets and certificates are read again: those that were replaced count from now on.
  const renew = () => {
    try {
      access.renew();
      if (api.tls === undefined) return;
      tls = serverTls(api.tls, directory);
      (app.server as unknown as Server).setSecureContext(tls);
      write();
    } catch (thrown) {
      context.log.error({ err: thrown }, 'tokens or certificates of the API could not be read again; the old ones stay');
    }
  };
  const reloading: RouteContext = {
    ...context,
    access,
    reload: async () => {
      const reloaded = await context.reload();
      renew();
      return reloaded;
    },
  };
  answerRoutes(app, reloading);
  const url = await listen(app, host, port);
  const write = () =>
    writeAddress(folder, { url, token, pid: process.pid, ...(tls === undefined ? {} : { fingerprint: fingerprintOf(tls) }) });
  const feeds =
    manager.intake?.http === undefined
      ? undefined
      : await serveFeeds({
          intake: manager.intake,
          access,
          sink: context.sink ?? busSink(context),
          log: context.log.child({ part: 'intake' }),
          refused: (what) => refusals.tell(what),
          directory,
        }).catch(async (thrown: unknown) => {
          await app.close();
          throw thrown;
        });
  if (feeds !== undefined) context.log.info({ url: feeds.url }, 'the intake listens');
  write();
  return {
    url,
    token,
    ...(feeds === undefined ? {} : { feedsUrl: feeds.url }),
    hungUp: () => hungUp(reloading),
    close: async () => {
      removeAddress(folder, process.pid);
      context.steps.close();
      await Promise.all([app.close(), feeds?.close()]);
    },
  };
}

const NOBODY: Caller = { name: '', owner: false, from: '', roles: new Set() };

function answerRoutes(app: FastifyInstance, context: RouteContext): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      // Before the body is read: who may not ask is not listened to.
      onRequest: async (request) => {
        if (route.open === true) return;
        const { authorization, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
        const asking = {
          authorization,
          from: request.ip,
          bytes: length === undefined ? undefined : Number(length),
          chunked: encoding !== undefined,
        };
        callers.set(request, context.access.admit(asking, rolesOf(route)));
      },
      handler: async (request, reply) => {
        const { query, params, body: sent } = request;
        const call: Call = {
          query: query as Call['query'],
          params: params as Call['params'],
          body: sent,
          caller: callers.get(request) ?? NOBODY,
        };
        const {
          status = 200,
          type = 'application/json; charset=utf-8',
          headers = {},
          body,
        } = await route.answer(call, chosenFor(call, context));
        return reply
          .code(status)
          .headers(headers)
          .type(type)
          .send(typeof body === 'string' ? body : JSON.stringify(body));
      },
    });
  }
}

/** The context with the manager that a request is about, where there are several. */
function chosenFor({ query, params, body }: Call, context: RouteContext): RouteContext {
  if (context.choose === undefined) return context;
  const { scope, element } = (isObject(body) ? body : {}) as { scope?: { element?: unknown }; element?: unknown };
  const text = (...values: unknown[]) => values.find((value): value is string => typeof value === 'string');
  const about: About = {
    element: text(query.element, scope?.element, element, params['*']),
    partition: text(query.partition),
    advice: params.id,
  };
  return { ...context, assembly: context.choose(about) };
}

/** How long a client may take: one that sends its request a byte a minute holds a place that others need. */
function patience({ limits = {} }: ApiDocument, tls: ServerTls | undefined) {
  const headersTimeout = durationMs(limits.headers ?? '10s');
  const idle = durationMs(limits.idle ?? '60s');
  const server = { headersTimeout, connectionsCheckingInterval: Math.min(5_000, headersTimeout) };
  return {
    connectionTimeout: idle,
    keepAliveTimeout: idle,
    requestTimeout: durationMs(limits.request ?? '30s'),
    ...(tls === undefined ? { http: server } : { https: { ...server, ...tls, handshakeTimeout: headersTimeout } }),
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (thrown) {
    await app.close();
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new HomeostatError(
        'H304',
        `port ${port} of ${host} is in use; name another under api.port in the manager file, or 0 for any free one`,
        { cause: thrown },
      );
    if (code === 'EACCES')
      throw new HomeostatError(
        'H304',
        `port ${port} of ${host} may not be used by this user; name one above 1023 under api.port in the manager file`,
        { cause: thrown },
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new HomeostatError('H304', `${host} is no address of this machine; correct api.host in the manager file`, { cause: thrown });
    throw thrown;
  }
}

function refuse(reply: FastifyReply, refusal: Refusal, log: Logger): FastifyReply {
  // That another process is to be asked is no failure.
  if (refusal.status >= 500 && refusal.code !== 'H305') log.warn({ err: refusal }, 'a request to the API failed');
  const headers = refusal.retryable ? { 'retry-after': '1' } : {};
  return reply
    .code(refusal.status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(answerOf(refusal)));
}

function unknownPath({ method, url }: FastifyRequest): Refusal {
  const path = url.split('?')[0]!;
  const elsewhere = ROUTES.filter((route) => route.path === path).map((route) => route.method);
  if (elsewhere.length > 0) return new Refusal(405, 'H502', `${path} takes ${elsewhere.join(' and ')}, not ${method}`);
  return new Refusal(404, 'H502', `there is nothing at ${path}${nearest(path, [...new Set(ROUTES.map((route) => route.path))])}`);
}
