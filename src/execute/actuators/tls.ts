/** What a TLS connection of an actuator shows and trusts: files, named in the options and read for each connection, so that a renewed one takes effect. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';

const path = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, description: `${description}; relative to the manager file` }));

export const TlsOptions = Type.Object(
  {
    ca: path('file of the certificates that are trusted, PEM; those of the system if not given'),
    cert: path('file of the certificate that is shown, PEM'),
    key: path('file of the key of `cert`, PEM'),
    serverName: Type.Optional(
      Type.String({ minLength: 1, description: 'the name that the certificate of the server must have; that of the host if not given' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'for https; without it the authorities of the system are trusted and no certificate is shown',
  },
);
export type TlsOptions = Readonly<Static<typeof TlsOptions>>;

/** The files themselves, as node:tls wants them. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/** @throws HomeostatError H402 naming the file that cannot be read. */
export function readTls(options: TlsOptions, directory: string): TlsFiles {
  const read = (name: 'ca' | 'cert' | 'key'): TlsFiles => {
    const file = options[name];
    if (file === undefined) return {};
    try {
      return { [name]: readFileSync(resolve(directory, file), 'utf8') };
    } catch (thrown) {
      throw new HomeostatError('H402', `tls.${name}: ${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  return { ...read('ca'), ...read('cert'), ...read('key'), ...(options.serverName && { servername: options.serverName }) };
}
