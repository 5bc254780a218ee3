/** What a connection is made of, from its document: addresses, times, files and secrets. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_MAX_BYTES, DEFAULT_QUEUE, type MqttConnectionDocument } from '../documents/mqtt.ts';
import { durationMs } from '../duration.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { readSecret, type SecretSource } from '../secrets.ts';
import type { DialOptions } from './client.ts';

const DEFAULT_KEEP_ALIVE = '15s';
const DEFAULT_SESSION = '1h';
const DEFAULT_RETRY_MAX = '30s';
const PORT = 1_883;
const TLS_PORT = 8_883;

export interface MqttSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly keepAliveMs: number;
  readonly sessionMs: number;
  readonly retryMaxMs: number;
  readonly maxBytes: number;
  readonly queue: number;
}

export function settingsOf(document: MqttConnectionDocument): MqttSettings {
  const url = new URL(document.url);
  const tls = url.protocol === 'mqtts:';
  return {
    // An IPv6 address stands in brackets in a url and nowhere else.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? TLS_PORT : PORT) : Number(url.port),
    tls,
    keepAliveMs: durationMs(document.keepAlive ?? DEFAULT_KEEP_ALIVE),
    sessionMs: durationMs(document.session ?? DEFAULT_SESSION),
    retryMaxMs: durationMs(document.retryMax ?? DEFAULT_RETRY_MAX),
    maxBytes: document.maxBytes ?? DEFAULT_MAX_BYTES,
    queue: document.queue ?? DEFAULT_QUEUE,
  };
}

/**
 * What is read anew for each connection, so that a certificate or password that was replaced takes effect.
 *
 * @throws HomeostatError H008 or H001 if a secret or a file cannot be read
 */
export function credentialsOf(
  document: MqttConnectionDocument,
  source: SecretSource,
  what: string,
): Pick<DialOptions, 'username' | 'password' | 'tls'> {
  const file = (key: 'ca' | 'cert' | 'key'): Buffer | undefined => {
    const path = document.tls?.[key];
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolve(source.directory, path));
    } catch (thrown) {
      throw new HomeostatError('H001', `${what}.tls.${key}: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  const { tls } = settingsOf(document);
  const [ca, cert, key] = [file('ca'), file('cert'), file('key')];
  return {
    username: document.username,
    password: document.password === undefined ? undefined : readSecret(document.password, source, `${what}.password`),
    tls: tls
      ? {
          ...(ca && { ca }),
          ...(cert && { cert }),
          ...(key && { key }),
          ...(document.tls?.serverName !== undefined && { serverName: document.tls.serverName }),
        }
      : undefined,
  };
}
