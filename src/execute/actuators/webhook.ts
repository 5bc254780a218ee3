/** Sends a command as a signed JSON document to a web hook, and asks it afterwards if it can be asked. */

import { type Static, Type } from '../../documents/schema.ts';
import { Secret } from '../../documents/secret.ts';
import { HomeostatError } from '../../errors.ts';
import { readSecret } from '../../secrets.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { describeAnswer, failedBy, isGood, resultOfSilence } from './http-answers.ts';
import { type HttpCall, httpCall } from './http-call.ts';
import { fill, fillJson, fillUrl, orderValues, type Values } from './placeholders.ts';
import { refused, succeeded } from './results.ts';
import { readTls, TlsOptions } from './tls.ts';
import { SIGNATURE, signatureOf } from './webhook-sign.ts';

const closed = { additionalProperties: false } as const;
const Url = (description: string) => Type.String({ pattern: '^(https?://|\\{)', description });
const PLACEHOLDERS = 'may hold {id}, {name}, {type}, {command}, parameters and properties, percent-encoded but for one that begins it';

const WebhookOptions = Type.Object(
  {
    url: Url(`http:// or https://, ${PLACEHOLDERS}`),
    keys: Type.Array(Secret, {
      minItems: 1,
      maxItems: 2,
      description: 'the keys that sign, each {"env": "NAME"} or {"file": "path"}: one, or while it is replaced the new and the old',
    }),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }), Type.String(), {
        description: 'sent along; may hold placeholders',
      }),
    ),
    data: Type.Optional(Type.Unknown({ description: 'JSON that the document carries as `data`; placeholders are replaced in its texts' })),
    tls: Type.Optional(TlsOptions),
    inquire: Type.Optional(
      Type.Object(
        { url: Url(`asked by GET after a restart: 2xx: carried out; 404: it never came. http:// or https://, ${PLACEHOLDERS}`) },
        { ...closed, description: 'whom to ask what came of a command; not asked if not given' },
      ),
    ),
  },
  closed,
);
type WebhookOptions = Readonly<Static<typeof WebhookOptions>>;

/** The receiver has done this command before. */
const ALREADY_DONE = 409;

/** The document: what is to be done, to what, and until when. The same command gives the same text, whichever attempt it is. */
function documentOf({ command, operation }: Order, data: unknown): string {
  const { id, element, params, term, issuedAt, deadlineAt } = command;
  return JSON.stringify({ id, element, command: operation, params, term, issuedAt, deadlineAt, ...(data !== undefined && { data }) });
}

/** A call whose signature covers `signed`: the body, or the id of the command where there is none. Keys and files are read anew for each. */
function signedCall(
  options: WebhookOptions,
  context: ActuatorContext,
  order: Order,
  values: Values,
  request: Pick<HttpCall, 'url' | 'method' | 'body' | 'signal'>,
): HttpCall {
  const { id, term } = order.command;
  const keys = options.keys.map((key, i) => readSecret(key, context, `actuators.${context.name}.keys[${i}]`));
  const seconds = Math.floor(context.clock.wall() / 1_000);
  const own = Object.entries(options.headers ?? {}).map(([name, text]) => [name.toLowerCase(), fill(text, values)]);
  return {
    ...request,
    headers: {
      ...Object.fromEntries(own),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      'idempotency-key': id,
      'homeostat-command': id,
      'homeostat-term': String(term),
      [SIGNATURE]: signatureOf(keys, seconds, request.body ?? id),
    },
    ...(options.tls && { tls: readTls(options.tls, context.directory) }),
  };
}

async function send(options: WebhookOptions, context: ActuatorContext, order: Order, signal: AbortSignal): Promise<Result> {
  const values = orderValues(order, context.target(order.command.element));
  const url = fillUrl(options.url, values);
  if (!URL.canParse(url)) return refused(`${url} is not a URL`);
  const body = documentOf(order, options.data === undefined ? undefined : fillJson(options.data, values));
  const call = signedCall(options, context, order, values, { url, method: 'POST', body, signal });
  try {
    const answer = await httpCall(call);
    if (isGood(answer.status)) return succeeded(describeAnswer(answer));
    if (answer.status === ALREADY_DONE) return succeeded(`done before: ${describeAnswer(answer)}`);
    return failedBy(answer, context.clock.wall());
  } catch (error) {
    return resultOfSilence(error, signal);
  }
}

/** @throws HomeostatError H402 if the answer is neither 2xx nor 404: then nobody knows. */
async function ask(template: string, options: WebhookOptions, context: ActuatorContext, order: Order, signal: AbortSignal) {
  const values = orderValues(order, context.target(order.command.element));
  const request = { url: fillUrl(template, values), method: 'GET', signal };
  const answer = await httpCall(signedCall(options, context, order, values, request));
  if (isGood(answer.status)) return succeeded(`asked by its id: ${describeAnswer(answer)}`);
  if (answer.status === 404) return undefined;
  throw new HomeostatError('H402', `asked by the id of the command, the receiver answered ${describeAnswer(answer)}`);
}

function create(options: WebhookOptions, context: ActuatorContext): Actuator {
  const { inquire } = options;
  return {
    execute: (order, signal) => send(options, context, order, signal),
    ...(inquire && { inquire: (order, signal) => ask(inquire.url, options, context, order, signal) }),
    close: async () => {},
  };
}

export const webhookKind: ActuatorKind<WebhookOptions> = {
  kind: 'webhook',
  description: 'sends a signed JSON document to a web hook',
  options: WebhookOptions,
  create,
};
