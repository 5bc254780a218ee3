/**
 * One InfluxDB over HTTP: 1.x, and 2.x and 3.x by their endpoints that are compatible with it. The only file that imports `influx`.
 * Of its client the pool of connections is used, with three traps disarmed: a host that failed once is not set aside, nothing is tried again
 * behind our back, and an answer that stops half-way does not wait for ever.
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Pool, RequestError } from 'influx/lib/src/pool.js';
import type { Clock } from '../clock.ts';
import type { InfluxConnectionDocument } from '../documents/history.ts';
import { durationMs } from '../duration.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { Value } from '../messages.ts';
import { readSecret, type SecretSource } from '../secrets.ts';

const DEFAULT_TIMEOUT = '10s';
/** An answer that is larger is cut off as an error: a query without a bound must not fill our memory. */
const LARGEST_ANSWER = 64 << 20;
/** Requests that are under way at once; more wait their turn. */
const SOCKETS = 4;

/** Why a request was not answered as it should: `away` may be better later, the others after somebody did something. */
export type Trouble = 'away' | 'denied' | 'missing' | 'refused' | 'tooLarge';

export class InfluxError extends HomeostatError {
  readonly trouble: Trouble;
  /** What the server itself says. */
  readonly reason: string;
  /** When the server wants to be asked again, if it says so. */
  readonly retryMs: number | undefined;

  constructor(trouble: Trouble, message: string, reason: string, options: { retryMs?: number | undefined; cause?: unknown } = {}) {
    super(trouble === 'away' ? 'H320' : trouble === 'denied' ? 'H321' : trouble === 'missing' ? 'H322' : 'H323', message, options);
    this.name = 'InfluxError';
    this.trouble = trouble;
    this.reason = reason;
    this.retryMs = options.retryMs;
  }
}

/** Rows of one series of an answer: what it was grouped by, and values by the names of their columns. Times are numbers. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, Value | null>>[];
}

export interface ConnectionPorts extends SecretSource {
  readonly clock: Clock;
}

interface Answer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Raw {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name: string;
      readonly tags?: Record<string, string>;
      readonly columns: readonly string[];
      readonly values?: readonly (readonly (Value | null)[])[];
    }[];
  }[];
}

export class Connection {
  readonly #options: InfluxConnectionDocument;
  readonly #ports: ConnectionPorts;
  readonly #pool: Pool;
  readonly #agent: HttpAgent;
  readonly #timeoutMs: number;
  readonly #path: string;
  #authorization: string | undefined;

  /** Nothing is sent yet. @throws HomeostatError H008 if a secret, H001 if the file of certificates cannot be read */
  constructor(options: InfluxConnectionDocument, ports: ConnectionPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#timeoutMs = durationMs(options.timeout ?? DEFAULT_TIMEOUT);
    const url = new URL(options.url);
    const https = url.protocol === 'https:';
    const shared = { keepAlive: true, maxSockets: SOCKETS };
    this.#agent = https ? new HttpsAgent({ ...shared, ...certificates(options, ports.directory) }) : new HttpAgent(shared);
    this.#pool = new Pool({ maxRetries: 0, requestTimeout: this.#timeoutMs, backoff: NEVER_SET_ASIDE });
    const port = url.port === '' ? (https ? 443 : 80) : Number(url.port);
    this.#path = url.pathname.replace(/\/+$/, '');
    this.#pool.addHost(`${url.protocol}//${url.hostname}:${port}`, { agent: this.#agent });
    this.#authorize();
  }

  /** Where it is, for people; holds no secret. */
  get place(): string {
    return `${this.#options.url} (database ${this.#options.database})`;
  }

  get database(): string {
    return this.#options.database;
  }

  /** Writes points that are compressed line protocol with times in nanoseconds. @throws InfluxError */
  async write(body: Buffer, retentionPolicy?: string, signal?: AbortSignal): Promise<void> {
    await this.#request(
      'POST',
      '/write',
      { db: this.#options.database, ...(retentionPolicy === undefined ? {} : { rp: retentionPolicy }) },
      { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' },
      body,
      signal,
    );
  }

  /** Asks in InfluxQL. Times come back in `epoch`, counted since 1970. @throws InfluxError */
  async query(
    text: string,
    { epoch = 'ms', signal }: { epoch?: 'ms' | 'u' | 'ns'; signal?: AbortSignal } = {},
  ): Promise<readonly InfluxSeries[]> {
    const reads = /^\s*(SELECT|SHOW)\b/i.test(text);
    const query = { db: this.#options.database, epoch, q: text };
    const { body } = await this.#request(reads ? 'GET' : 'POST', '/query', query, {}, undefined, signal);
    let raw: Raw;
    try {
      raw = JSON.parse(body) as Raw;
    } catch (thrown) {
      throw new InfluxError('away', `${this.place} answers with something that is no JSON; is it an InfluxDB?`, messageOf(thrown));
    }
    const error = raw.results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) throw this.#judge(error, 200);
    return (raw.results ?? []).flatMap(({ series = [] }) =>
      series.map(({ name, tags = {}, columns, values = [] }) => ({
        name,
        tags,
        rows: values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))),
      })),
    );
  }

  /** Whether it is there: its version, and by how much its clock is ahead of ours, ms, to a second. @throws InfluxError */
  async ping(): Promise<{ readonly version: string; readonly aheadMs: number | null }> {
    const { headers } = await this.#request('GET', '/ping', {}, {});
    const date = Date.parse(String(headers.date ?? ''));
    const version = headers['x-influxdb-version'];
    return {
      version: typeof version === 'string' ? version : 'unknown',
      aheadMs: Number.isNaN(date) ? null : date - this.#ports.clock.wall(),
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #request(
    method: 'GET' | 'POST',
    path: string,
    query: Record<string, string>,
    headers: Record<string, string>,
    body?: Buffer,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { clock } = this.#ports;
    // Not AbortSignal.any: some versions of Node 20 keep what it makes for as long as the longest-lived of its signals.
    const stop = new AbortController();
    const limit = clock.after(this.#timeoutMs, () => stop.abort(new Error(`no answer within ${this.#timeoutMs} ms`)));
    const given = () => stop.abort(signal?.reason);
    if (signal?.aborted) given();
    signal?.addEventListener('abort', given, { once: true });
    try {
      const authorization = this.#authorization ?? this.#authorize();
      return await this.#ask(
        {
          method,
          path: this.#path + path,
          query,
          headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
          // The pool hands it to the request as it is, and measures it as a buffer.
          ...(body === undefined ? {} : { body: body as unknown as string }),
        },
        stop.signal,
      );
    } catch (thrown) {
      throw thrown instanceof HomeostatError ? thrown : this.#explain(stop.signal.aborted ? stop.signal.reason : thrown);
    } finally {
      limit();
      signal?.removeEventListener('abort', given);
    }
  }

  #ask(options: Parameters<Pool['stream']>[0], signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      const end = <T>(settle: (value: T) => void, value: T): void => {
        signal.removeEventListener('abort', abort);
        settle(value);
      };
      this.#pool.stream({ ...options, signal }, (error, response) => {
        if (error) return end(reject, error);
        let body = '';
        response.on('data', (part: string) => {
          body += part;
          if (body.length > LARGEST_ANSWER) response.destroy(new Error(`the answer has more than ${LARGEST_ANSWER} bytes; ask for less`));
        });
        response.on('error', (failed) => end(reject, failed));
        response.on('end', () => end(resolve, { headers: response.headers, body }));
        // Comes after `end`, unless the answer was cut off: then it settles what would wait for ever.
        response.on('close', () => end(reject, new Error('the answer was cut off')));
      });
    });
  }

  #authorize(): string | undefined {
    const { username, password, token } = this.#options;
    const what = 'history.influx';
    if (token !== undefined) this.#authorization = `Token ${readSecret(token, this.#ports, `${what}.token`)}`;
    else if (username !== undefined) {
      const secret = password === undefined ? '' : readSecret(password, this.#ports, `${what}.password`);
      this.#authorization = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
    }
    return this.#authorization;
  }

  #explain(thrown: unknown): InfluxError {
    if (thrown instanceof RequestError) {
      const { statusCode = 400, headers = {} } = thrown.res;
      const retry = Number(headers['retry-after']);
      return this.#judge(reasonIn(thrown.message), statusCode, Number.isFinite(retry) ? retry * 1_000 : undefined);
    }
    const { code } = thrown as { readonly code?: string };
    const reason = [code, messageOf(thrown)].filter((part) => part !== undefined && part !== '').join(': ');
    return new InfluxError('away', `InfluxDB at ${this.place} does not answer: ${reason}; it is asked again`, reason, { cause: thrown });
  }

  #judge(reason: string, status: number, retryMs?: number): InfluxError {
    const place = `InfluxDB at ${this.place}`;
    if (status === 401 || status === 403 || (status === 200 && /authoriz|privilege/i.test(reason))) {
      // A password or token in a file may have been replaced.
      this.#authorization = undefined;
      return new InfluxError(
        'denied',
        `${place} does not let us in: ${reason}; see the user, password or token under history.influx`,
        reason,
      );
    }
    if (status === 429 || status === 503) return new InfluxError('away', `${place} has too much to do: ${reason}`, reason, { retryMs });
    if (status === 413) return new InfluxError('tooLarge', `${place} takes no request of that size: ${reason}`, reason);
    if (status === 404 || /(database|retention policy|bucket) not found/i.test(reason))
      return new InfluxError('missing', `${place} does not have what is asked for: ${reason}`, reason);
    return new InfluxError('refused', `${place} refuses: ${reason}`, reason);
  }
}

/** The client sets a host aside for a while after a failure, and then fails every call. A pause of nothing means: never. */
const NEVER_SET_ASIDE = { getDelay: () => 0, next: () => NEVER_SET_ASIDE, reset: () => NEVER_SET_ASIDE };

/** The client puts the server's words behind some of its own. */
function reasonIn(message: string): string {
  const text = /error occurred: ([\s\S]*)$/.exec(message)?.[1] ?? message;
  try {
    const { error, message: told } = JSON.parse(text) as { error?: string; message?: string };
    return told ?? error ?? text;
  } catch {
    return text.slice(0, 500);
  }
}

function certificates({ ca }: InfluxConnectionDocument, directory: string): { ca?: string[] } {
  if (ca === undefined) return {};
  const file = resolve(directory, ca);
  try {
    return { ca: [...rootCertificates, readFileSync(file, 'utf8')] };
  } catch (thrown) {
    throw new HomeostatError('H001', `history.influx.ca: ${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** A text and a name as InfluxQL wants them, whatever is in them. */
export const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
export const identifier = (name: string): string => `"${name.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
