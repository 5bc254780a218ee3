/** A broker that lets in only who it knows: TLS with an authority of the test's own, users by SCRAM and PLAIN, tokens, client certificates, and rights. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KafkaServer, startKafka } from './kafka.ts';

export interface Certificates {
  readonly folder: string;
  /** Files, PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface SecureKafka {
  readonly server: KafkaServer;
  readonly certificates: Certificates;
  /** Users and passwords over TLS: `127.0.0.1:port`. */
  readonly sasl: string;
  /** Client certificates. */
  readonly mutual: string;
  stop(): Promise<void>;
}

/** An authority, and a certificate for server and clients of 127.0.0.1. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority');
  openssl('req', ...fresh, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=homeostat-test');
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,DNS:kafka.test,IP:127.0.0.1\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'request.pem', '-out', 'cert.pem', ...signed);
  return { folder, ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
}

/** `alice` may do anything, `bob` nothing that is not granted; each password is the name and `-secret`. */
export async function startSecureKafka(): Promise<SecureKafka> {
  const certificates = makeCertificates();
  const store = join(certificates.folder, 'store.pem');
  writeFileSync(store, readFileSync(certificates.key, 'utf8') + readFileSync(certificates.cert, 'utf8'));
  const security = 'org.apache.kafka.common.security';
  const users = ['alice', 'bob'];
  const scram = `${security}.scram.ScramLoginModule required;`;
  try {
    const server = await startKafka({
      listeners: { SASL_SSL: 'SASL_SSL', SSL: 'SSL' },
      scram: users.flatMap((name) => ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((kind) => `${kind}=[name=${name},password=${name}-secret]`)),
      properties: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': store,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': certificates.ca,
        'listener.name.ssl.ssl.client.auth': 'required',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'listener.name.sasl_ssl.plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required ${users
          .map((name) => `user_${name}="${name}-secret"`)
          .join(' ')};`,
        'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
        'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
        // Takes tokens that nobody signed, which is for tests only.
        'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config': `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS;User:alice;User:CN=homeostat-test',
      },
    });
    return {
      server,
      certificates,
      sasl: `127.0.0.1:${server.portOf('SASL_SSL')}`,
      mutual: `127.0.0.1:${server.portOf('SSL')}`,
      async stop() {
        await server.stop();
        rmSync(certificates.folder, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    rmSync(certificates.folder, { recursive: true, force: true });
    throw thrown;
  }
}

/** A token that a test broker believes. */
export function tokenFor(user: string, seconds = 600): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  return `${part({ alg: 'none' })}.${part({ sub: user, iat: now + Math.min(0, seconds * 2), exp: now + seconds })}.`;
}
