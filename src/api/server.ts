/** The HTTP API of a running manager. The only file that imports fastify. */
import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Assembly } from '../assemble.ts';
import type { Configuration } from '../config.ts';
import { HomeostatError } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { removeAddress, tokenOf, writeAddress } from './address.ts';
import { answerOf, Refusal, refusalOf } from './answers.ts';
import { ROUTES } from './routes.ts';
import type { Steps } from './steps.ts';

/** What a route is given to answer with. */
export interface ApiContext {
  readonly assembly: Assembly;
  /** The configuration that the manager was started with: its probes, limits and address hold until it ends. */
  readonly started: Configuration;
  /** Reads the manager file again. @throws HomeostatError with the findings if anything is wrong */
  readonly reload: () => Promise<Reloaded>;
  readonly steps: Steps;
  readonly log: Logger;
  readonly startedAt: number;
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
  readonly answer: (call: Call, context: ApiContext) => Answer | Promise<Answer>;
}

export interface Api {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';

/** Begins to answer, and writes down where. @throws HomeostatError H304 if the port is in use */
export async function serve(context: ApiContext): Promise<Api> {
  const { folder, manager, setup } = context.started;
  const { host = DEFAULT_HOST, port = 0 } = manager.api ?? {};
  const token = tokenOf(folder, manager.api?.token);
  const bytes = setup.limits.messageBytes;
  const app = Fastify({
    loggerInstance: context.log.child({ part: 'api' }, { level: 'warn' }),
    bodyLimit: bytes,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((thrown, _request, reply) => refuse(reply, refusalOf(thrown, bytes), context.log));
  app.setNotFoundHandler((request, reply) => refuse(reply, unknownPath(request), context.log));
  const expected = digest(`Bearer ${token}`);
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      // Before the body is read: who may not ask is not listened to.
      onRequest: async (request) => {
        if (route.open !== true && !timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
          throw new Refusal(
            401,
            'H306',
            'the token is missing or wrong; send the header authorization: Bearer TOKEN, with the token of api.json in the folder of the manager',
          );
        }
      },
      handler: async (request, reply) => {
        const call: Call = { query: request.query as Call['query'], params: request.params as Call['params'], body: request.body };
        const { status = 200, type = 'application/json; charset=utf-8', headers = {}, body } = await route.answer(call, context);
        return reply
          .code(status)
          .headers(headers)
          .type(type)
          .send(typeof body === 'string' ? body : JSON.stringify(body));
      },
    });
  }
  const url = await listen(app, host, port);
  writeAddress(folder, { url, token, pid: process.pid });
  return {
    url,
    token,
    close: async () => {
      removeAddress(folder, process.pid);
      context.steps.close();
      await app.close();
    },
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
  if (refusal.status >= 500) log.warn({ err: refusal }, 'a request to the API failed');
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

/** Both sides hashed, so that the comparison takes the same time whatever their lengths. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
