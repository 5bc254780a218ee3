/** TLS and SASL as the manager file says them, in the words of kafkajs. Secrets are read anew for each connection and kept by no one. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Clock, deadline } from '../../clock.ts';
import type { KafkaDocument, SaslDocument, TlsDocument } from '../../documents/services.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { readSecret, type SecretSource } from '../../secrets.ts';
import type { ClientOptions } from './kafkajs.ts';
import { kafkaLines } from './logging.ts';
import type { Lines } from './outage.ts';
import { tokenLogin } from './token.ts';

/** How every client of ours connects. */
export interface Security {
  /** Options of a new client. @throws HomeostatError H001 or H008 if a certificate or key cannot be read */
  client(): ClientOptions;
}

const CONNECT_MS = 3_000;
/** A broker that answers nothing for so long is taken for gone; the next attempt may meet another. */
const REQUEST_MS = 10_000;
const TOKEN_MS = 10_000;
/** A token is asked for anew when so little of its life is left. */
const TOKEN_SPARE_MS = 30_000;

export function securityOf(kafka: KafkaDocument, clientId: string, source: SecretSource, clock: Clock, lines: Lines): Security {
  // One object for all: it holds no secret, and the token that it gets from an endpoint serves every connection.
  const sasl = kafka.sasl === undefined ? undefined : saslOf(kafka.sasl, source, clock);
  return {
    client: () => ({
      clientId,
      brokers: kafka.brokers,
      connectMs: CONNECT_MS,
      requestMs: REQUEST_MS,
      log: kafkaLines(lines),
      ...(kafka.tls === undefined ? {} : { ssl: tlsOf(kafka.tls, source) }),
      ...(sasl === undefined ? {} : { sasl }),
    }),
  };
}

function tlsOf({ ca, cert, key, serverName }: TlsDocument, source: SecretSource): object {
  const pem = (path: string, what: string): string => {
    try {
      return readFileSync(resolve(source.directory, path), 'utf8');
    } catch (thrown) {
      throw new HomeostatError('H001', `services.kafka.tls.${what}: ${path} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  return {
    ...(ca === undefined ? {} : { ca: pem(ca, 'ca') }),
    ...(cert === undefined ? {} : { cert: pem(cert, 'cert') }),
    ...(key === undefined ? {} : { key: readSecret(key, source, 'services.kafka.tls.key') }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function saslOf(sasl: SaslDocument, source: SecretSource, clock: Clock): object {
  if (sasl.mechanism !== 'oauthbearer') {
    return {
      mechanism: sasl.mechanism,
      username: sasl.username,
      get password() {
        return readSecret(sasl.password, source, 'services.kafka.sasl.password');
      },
    };
  }
  if ('token' in sasl)
    return {
      mechanism: sasl.mechanism,
      authenticationProvider: tokenLogin(async () => readSecret(sasl.token, source, 'services.kafka.sasl.token')),
    };
  let held: { readonly value: string; readonly until: number } | undefined;
  let asking: Promise<{ readonly value: string; readonly until: number }> | undefined;
  return {
    mechanism: sasl.mechanism,
    authenticationProvider: tokenLogin(async () => {
      if (held !== undefined && clock.now() < held.until) return held.value;
      asking ??= askForToken(sasl, source, clock).finally(() => {
        asking = undefined;
      });
      held = await asking;
      return held.value;
    }),
  };
}

type ClientLogin = Extract<SaslDocument, { endpoint: string }>;

/** The grant of client credentials, RFC 6749 section 4.4. */
async function askForToken(sasl: ClientLogin, source: SecretSource, clock: Clock): Promise<{ value: string; until: number }> {
  const secret = readSecret(sasl.clientSecret, source, 'services.kafka.sasl.clientSecret');
  const { signal, done } = deadline(clock, TOKEN_MS, new Error(`no answer for ${TOKEN_MS} ms`));
  const fail = (why: string, cause?: unknown): HomeostatError =>
    new HomeostatError('H311', `services.kafka.sasl: ${sasl.endpoint} gives no token: ${why}`, { cause });
  try {
    const answer = await fetch(sasl.endpoint, {
      method: 'POST',
      signal,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${encodeURIComponent(sasl.clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(sasl.scope === undefined ? {} : { scope: sasl.scope }) }),
    });
    if (!answer.ok) throw fail(`it answers ${answer.status}`);
    const { access_token: value, expires_in: seconds } = (await answer.json()) as { access_token?: unknown; expires_in?: unknown };
    if (typeof value !== 'string' || value === '') throw fail('its answer has no access_token');
    const life = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 60_000;
    return { value, until: clock.now() + Math.max(0, life - Math.max(TOKEN_SPARE_MS, life / 5)) };
  } catch (thrown) {
    throw thrown instanceof HomeostatError ? thrown : fail(messageOf(thrown), thrown);
  } finally {
    done();
  }
}
