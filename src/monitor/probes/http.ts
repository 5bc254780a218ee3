/** The http probe: asks a server, as its users would. */
import { request as httpRequest, type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { stopwatch } from '../../clock.ts';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { Pointers, readPointers } from './pointer.ts';
import type { Measurement, ProbeKind, Sample } from './probe.ts';
import { sampler } from './sampler.ts';

const DEFAULT_MAX_BYTES = 1_000_000;

const Options = Type.Object(
  {
    url: Type.String({ minLength: 1, description: 'what is asked for: http://… or https://…; redirections are not followed' }),
    method: Type.Optional(
      Type.Union([Type.Literal('GET'), Type.Literal('HEAD'), Type.Literal('POST'), Type.Literal('OPTIONS')], {
        description: 'GET if not given',
      }),
    ),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'headers of the request' })),
    body: Type.Optional(Type.String({ description: 'body of a POST request' })),
    read: Type.Optional(Pointers),
    maxBytes: Type.Optional(
      Type.Integer({ minimum: 1, description: `longest answer that is read, bytes; ${DEFAULT_MAX_BYTES} if not given` }),
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof Options>;

export const httpKind: ProbeKind<Options> = {
  kind: 'http',
  description: 'status and latency of an HTTP answer, and values from its JSON body',
  options: Options,
  create(options, context) {
    const url = checked(options, context.name);
    return sampler((signal) => measure(url, options, signal));
  },
};

function checked(options: Options, probe: string): URL {
  const refuse = (message: string) => new HomeostatError('H007', `probe ${probe}: ${message}`);
  if (!URL.canParse(options.url)) throw refuse(`"${options.url}" is not a URL such as http://127.0.0.1:8080/health`);
  const url = new URL(options.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(`the URL must begin with http: or https:, not ${url.protocol}`);
  if (options.body !== undefined && options.method !== 'POST') throw refuse('"body" needs "method": "POST"');
  if (options.read && options.method === 'HEAD') throw refuse('"read" needs a body, and HEAD has none; use GET');
  for (const own of ['status', 'latencyMs']) {
    if (options.read && Object.hasOwn(options.read, own)) throw refuse(`"${own}" is measured already; give what is read another name`);
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw refuse(messageOf(error));
    }
  }
  return url;
}

/** One request on a connection of its own: it measures that the server takes new ones, and leaves no socket behind. */
async function measure(url: URL, options: Options, signal: AbortSignal): Promise<Measurement> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const elapsedMs = stopwatch();
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: options.method ?? 'GET',
    headers: options.headers ?? {},
    agent: false,
    signal,
  });
  // Its errors are met below, where the answer is awaited; one that comes later must not end the manager.
  request.on('error', () => {});
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
      request.end(options.body);
    });
    const samples: Sample[] = [{ property: 'status', value: response.statusCode ?? 0 }];
    const body = await bodyOf(response, maxBytes);
    if (body === undefined) return { samples, wrong: `the answer of ${nameOf(url)} is longer than ${maxBytes} bytes` };
    samples.push({ property: 'latencyMs', value: Math.round(elapsedMs() * 1_000) / 1_000 });
    return options.read ? withBody(samples, body, options.read, `${nameOf(url)} (status ${response.statusCode})`) : { samples };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new HomeostatError('H401', `${nameOf(url)} does not answer: ${reasonOf(error)}`, { cause: error });
  } finally {
    request.destroy();
  }
}

/** The whole body; undefined if it is longer than `maxBytes`. */
async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function withBody(samples: readonly Sample[], body: string, read: Readonly<Record<string, string>>, source: string): Measurement {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return { samples, wrong: `the body of ${source} is not JSON` };
  }
  const { samples: values, wrong } = readPointers(document, read);
  const all = [...samples, ...values];
  return wrong === undefined ? { samples: all } : { samples: all, wrong: `the body of ${source}: ${wrong}` };
}

/** The URL as it may be shown: without user, password and query. */
const nameOf = (url: URL): string => `${url.origin}${url.pathname}`;

/** A refused connection to a name with several addresses has its reasons inside, and no message. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as Partial<AggregateError & NodeJS.ErrnoException>;
  return errors?.map(reasonOf).join(', ') || message || code || String(error);
}
