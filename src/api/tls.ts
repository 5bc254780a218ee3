/** The certificate of the API: read, tried, and read again when it was renewed. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { TlsDocument } from '../documents/api.ts';
import { HomeostatError, messageOf } from '../errors.ts';

export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: 'TLSv1.2';
}

/** What the server is started with. @throws HomeostatError H341 if a file cannot be read, or key and certificate do not belong together */
export function serverTls({ cert, key, clientCa }: TlsDocument, directory: string, where = 'api.tls'): ServerTls {
  const read = (what: string, path: string): Buffer => {
    try {
      return readFileSync(resolve(directory, path));
    } catch (thrown) {
      throw new HomeostatError('H341', `${where}.${what}: ${path} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  const parts = { cert: read('cert', cert), key: read('key', key), ...(clientCa === undefined ? {} : { ca: read('clientCa', clientCa) }) };
  try {
    createSecureContext(parts);
  } catch (thrown) {
    throw new HomeostatError(
      'H341',
      `${where}: ${cert} and ${key} cannot be used: ${messageOf(thrown)}; both must be PEM, without a passphrase, and belong together`,
      { cause: thrown },
    );
  }
  return { ...parts, requestCert: clientCa !== undefined, rejectUnauthorized: clientCa !== undefined, minVersion: 'TLSv1.2' };
}

/** The mark by which the command line on this machine knows the certificate again, whatever name it was made out to. */
export const fingerprintOf = ({ cert }: ServerTls): string => new X509Certificate(cert).fingerprint256;
