/** Sends an order as an HTTP request. */
import { type Static, Type } from 'typebox';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { type HttpAnswer, httpCall } from './http-call.ts';
import { fill, fillJson, fillUrl, orderValues, type Values } from './placeholders.ts';
import { refused, succeeded } from './results.ts';

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

/** The request did not reach anyone, so it has done nothing. */
const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EMFILE'];
/** Answers below 500 that another time may differ: a time-out, too early, too many. */
const PASSING = [408, 425, 429];

const isGood = (status: number): boolean => status >= 200 && status < 300;
const describe = ({ status, text }: HttpAnswer): string => (text === '' ? `status ${status}` : `status ${status}: ${text.trim()}`);
const codeOf = (thrown: unknown): string => String((thrown as { code?: unknown } | null)?.code ?? '');

function headersOf(headers: HttpOptions['headers'], order: Order, values: Values, body: unknown): Record<string, string> {
  const own = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), fill(text, values)]);
  return {
    ...(body !== undefined && typeof body !== 'string' && { 'content-type': 'application/json' }),
    ...Object.fromEntries(own),
    'homeostat-command': order.command.id,
    'homeostat-term': String(order.command.term),
  };
}

/** What an answer means; redirections are not followed, since a POST would become a GET. */
function resultOf(answer: HttpAnswer, expect: readonly number[] | undefined): Result {
  if (expect ? expect.includes(answer.status) : isGood(answer.status)) return succeeded(describe(answer));
  return { status: 'failed', detail: describe(answer), retryable: answer.status >= 500 || PASSING.includes(answer.status) };
}

/** What it means that no answer came: nothing was done if nobody was reached; otherwise nobody knows. */
function resultOfSilence(thrown: unknown, signal: AbortSignal): Result {
  if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason) };
  const detail = `no answer: ${messageOf(thrown) || codeOf(thrown)}`;
  return { status: NOT_REACHED.includes(codeOf(thrown)) ? 'failed' : 'unknown', detail, retryable: true };
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
    const answer = await httpCall({ url, method: options.method ?? 'POST', headers, signal, ...(text !== undefined && { body: text }) });
    return resultOf(answer, options.expect);
  } catch (error) {
    return resultOfSilence(error, signal);
  }
}

/** @throws HomeostatError H402 if the answer is neither 2xx nor 404: then nobody knows. */
async function ask(
  { url, headers }: NonNullable<HttpOptions['inquire']>,
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
  });
  if (isGood(answer.status)) return succeeded(`asked by its id: ${describe(answer)}`);
  if (answer.status === 404) return undefined;
  throw new HomeostatError('H402', `asked by the id of the command, the target answered ${describe(answer)}`);
}

function create(options: HttpOptions, context: ActuatorContext): Actuator {
  const { inquire } = options;
  return {
    execute: (order, signal) => send(options, context, order, signal),
    ...(inquire && { inquire: (order, signal) => ask(inquire, context, order, signal) }),
    close: async () => {},
  };
}

export const httpKind: ActuatorKind<HttpOptions> = {
  kind: 'http',
  description: 'sends an HTTP request',
  options: HttpOptions,
  create,
};
