/** Asks servers over HTTP as their clients do: compressed answers, a user or a token, certificates; and with limits on size and time. */
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { type Static, Type } from '../../documents/schema.ts';
import { Secret } from '../../documents/secret.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { readSecret, type SecretSource } from '../../secrets.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

const TlsOptions = Type.Object(
  {
    ca: Type.Optional(
      Type.String({ minLength: 1, description: 'file of the certificates that are trusted, PEM; those of Node if not given' }),
    ),
    cert: Type.Optional(Type.String({ minLength: 1, description: 'file of the certificate that is shown, PEM' })),
    key: Type.Optional(Type.String({ minLength: 1, description: 'file of its key, PEM' })),
    serverName: Type.Optional(
      Type.String({ minLength: 1, description: 'the name in the certificate of the server, if not that of the URL' }),
    ),
  },
  closed,
);

/** Who asks, where the server wants to know. */
export const AccessOptions = {
  username: Type.Optional(Type.String({ minLength: 1, description: 'the user, for basic authentication; needs password' })),
  password: Type.Optional(described(Secret, 'the password of the user: {"env": "NAME"} or {"file": "path"}')),
  token: Type.Optional(described(Secret, 'the token, for bearer authentication: {"env": "NAME"} or {"file": "path"}')),
  tls: Type.Optional(described(TlsOptions, 'certificates, as files relative to the manager file: ca, cert, key, serverName')),
};
const Access = Type.Object(AccessOptions, closed);
export type Access = Readonly<Static<typeof Access>>;

export interface Asked {
  readonly url: URL;
  readonly access: Access;
  readonly headers?: Readonly<Record<string, string>>;
  /** Before a token; `Bearer` if not given. */
  readonly scheme?: string;
  /** Longest answer that is read, bytes, after it was unpacked. */
  readonly maxBytes: number;
}

export interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

/** The URL, checked. @throws HomeostatError H007 */
export function urlOf(text: string, probe: string): URL {
  if (!URL.canParse(text)) throw new HomeostatError('H007', `probe ${probe}: "${text}" is not a URL such as http://127.0.0.1:9100/metrics`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new HomeostatError('H007', `probe ${probe}: the URL must begin with http: or https:, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new HomeostatError('H007', `probe ${probe}: a URL is no place for a password; use "username" and "password"`);
  return url;
}

/** @throws HomeostatError H007 if the options contradict each other */
export function checkAccess({ username, password, token }: Access, probe: string): void {
  if ((username === undefined) !== (password === undefined))
    throw new HomeostatError('H007', `probe ${probe}: "username" and "password" need each other`);
  if (username !== undefined && token !== undefined) throw new HomeostatError('H007', `probe ${probe}: give either "username" or "token"`);
}

/** One request on a connection of its own. Secrets and certificates are read for each, so that new ones count. @throws HomeostatError H411 */
export async function ask(asked: Asked, source: SecretSource, signal: AbortSignal): Promise<Answered> {
  const { url, access, maxBytes } = asked;
  const headers = { 'accept-encoding': 'gzip, deflate', 'user-agent': 'homeostat', ...asked.headers, ...authorization(asked, source) };
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    headers,
    agent: false,
    signal,
    ...(access.tls === undefined ? {} : certificates(access.tls, source.directory)),
  });
  // Its errors are met below, where the answer is awaited; one that comes later must not end the manager.
  request.on('error', () => {});
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
      request.end();
    });
    const body = await bodyOf(response, maxBytes);
    if (body === undefined) throw new HomeostatError('H411', `the answer of ${shownUrl(url)} is longer than ${maxBytes} bytes (maxBytes)`);
    return { status: response.statusCode ?? 0, type: response.headers['content-type'], body };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (thrown instanceof HomeostatError) throw thrown;
    throw new HomeostatError('H411', `${shownUrl(url)} does not answer: ${reasonOf(thrown)}`, { cause: thrown });
  } finally {
    request.destroy();
  }
}

/** The URL as it may be shown: without its query, which may hold what is secret. */
export const shownUrl = (url: URL): string => `${url.origin}${url.pathname}`;

function authorization({ access, scheme = 'Bearer' }: Asked, source: SecretSource): Record<string, string> {
  if (access.token !== undefined) return { authorization: `${scheme} ${readSecret(access.token, source, 'token')}` };
  if (access.username === undefined || access.password === undefined) return {};
  const pair = `${access.username}:${readSecret(access.password, source, 'password')}`;
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

function certificates({ ca, cert, key, serverName }: NonNullable<Access['tls']>, directory: string): Record<string, string> {
  const read = (name: string, file: string | undefined): Record<string, string> => {
    if (file === undefined) return {};
    try {
      return { [name]: readFileSync(resolve(directory, file), 'utf8') };
    } catch (thrown) {
      throw new HomeostatError('H411', `tls.${name}: ${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  return { ...read('ca', ca), ...read('cert', cert), ...read('key', key), ...(serverName === undefined ? {} : { servername: serverName }) };
}

/** The whole body, unpacked; undefined if it is longer than `maxBytes`, however small it was when packed. */
async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const coding = response.headers['content-encoding']?.trim().toLowerCase();
  const unpacker = coding === 'gzip' || coding === 'x-gzip' ? createGunzip() : coding === 'deflate' ? createInflate() : undefined;
  if (unpacker !== undefined) response.on('error', (error) => unpacker.destroy(error)).pipe(unpacker);
  const plain: Readable = unpacker ?? response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of plain as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A refused connection to a name with several addresses has its reasons inside, and no message. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as Partial<AggregateError & NodeJS.ErrnoException>;
  return errors?.map(reasonOf).join(', ') || message || code || String(error);
}
