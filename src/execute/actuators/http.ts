/** Sends an order as an HTTP request. */

import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { describeAnswer, failedBy, isGood, resultOfSilence } from './http-answers.ts';
import { httpCall } from './http-call.ts';
import { fill, fillJson, fillUrl, orderValues, type Values } from './placeholders.ts';
import { refused, succeeded } from './results.ts';
import { readTls, TlsOptions } from './tls.ts';

const closed = { additionalProperties: false } as const;
const Headers = Type.Record(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }), Type.String(), {
  description: 'sent along; may hold placeholders',
});
const Url = Type.String({
  pattern: '^(https?://|\\{)',
  description:
    'may hold {id}, {name}, {type}, {command}, parameters and properties; their values are percent-encoded, but for one that begins it',
});

const HttpOptions = Type.Object(
  {
    url: Url,
    method: Type.Optional(Type.String({ pattern: '^[A-Z]+$', description: 'POST if not given' })),
    headers: Type.Optional(Headers),
    body: Type.Optional(Type.Unknown({ description: 'JSON, or a text that is sent as it is; placeholders are replaced in its texts' })),
    expect: Type.Optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
        minItems: 1,
        description: 'the statuses that mean done; 200 to 299 if not given',
      }),
    ),
    tls: Type.Optional(TlsOptions),
    inquire: Type.Optional(
      Type.Object(
        { url: Url, headers: Type.Optional(Headers) },
        { ...closed, description: 'asked by GET after a restart: 2xx means that {command} was carried out, 404 that it never came' },
      ),
    ),
  },
  closed,
);
type HttpOptions = Readonly<Static<typeof HttpOptions>>;

function headersOf(headers: HttpOptions['headers'], order: Order, values: Values, body: unknown): Record<string, string> {
  const own = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), fill(text, values)]);
  return {
    ...(body !== undefined && typeof body !== 'string' && { 'content-type': 'application/json' }),
    ...Object.fromEntries(own),
    'homeostat-command': order.command.id,
    'homeostat-term': String(order.command.term),
  };
}

async function send(options: HttpOptions, context: ActuatorContext, order: Order, signal: AbortSignal): Promise<Result> {
  const values = orderValues(order, context.target(order.command.element));
  const body =
    options.body === undefined ? undefined : typeof options.body === 'string' ? fill(options.body, values) : fillJson(options.body, values);
  const url = fillUrl(options.url, values);
  if (!URL.canParse(url)) return refused(`${url} is not a URL`);
  const headers = headersOf(options.headers, order, values, body);
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  try {
    const tls = options.tls && readTls(options.tls, context.directory);
    const method = options.method ?? 'POST';
    const answer = await httpCall({ url, method, headers, signal, ...(tls && { tls }), ...(text !== undefined && { body: text }) });
    // Redirections are not followed, since a POST would become a GET.
    const good = options.expect ? options.expect.includes(answer.status) : isGood(answer.status);
    return good ? succeeded(describeAnswer(answer)) : failedBy(answer, context.clock.wall());
  } catch (error) {
    return resultOfSilence(error, signal);
  }
}

/** @throws HomeostatError H402 if the answer is neither 2xx nor 404: then nobody knows. */
async function ask(
  { url, headers }: NonNullable<HttpOptions['inquire']>,
  tls: HttpOptions['tls'],
  context: ActuatorContext,
  order: Order,
  signal: AbortSignal,
): Promise<Result | undefined> {
  const values = orderValues(order, context.target(order.command.element));
  const answer = await httpCall({
    url: fillUrl(url, values),
    method: 'GET',
    headers: headersOf(headers, order, values, undefined),
    signal,
    ...(tls && { tls: readTls(tls, context.directory) }),
  });
  if (isGood(answer.status)) return succeeded(`asked by its id: ${describeAnswer(answer)}`);
  if (answer.status === 404) return undefined;
  throw new HomeostatError('H402', `asked by the id of the command, the target answered ${describeAnswer(answer)}`);
}

function create(options: HttpOptions, context: ActuatorContext): Actuator {
  const { inquire } = options;
  return {
    execute: (order, signal) => send(options, context, order, signal),
    ...(inquire && { inquire: (order, signal) => ask(inquire, options.tls, context, order, signal) }),
    close: async () => {},
  };
}

export const httpKind: ActuatorKind<HttpOptions> = {
  kind: 'http',
  description: 'sends an HTTP request',
  options: HttpOptions,
  create,
};
