/** A root of our own and certificates that it signs, made by openssl in a fresh folder. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Names: what the certificate is made out to. All paths are of PEM files. */
export function makeCertificates(names: readonly string[] = ['DNS:localhost', 'IP:127.0.0.1']): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-tls-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', path('ca.key'), '-out', path('ca.pem'), '-days', '2', '-subj', '/CN=Homeostat test root');
  openssl('req', ...key, '-keyout', path('key.pem'), '-out', path('cert.csr'), '-subj', '/CN=homeostat test');
  writeFileSync(path('names.ext'), `subjectAltName=${names.join(',')}\n`);
  const signed = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', path('names.ext')];
  openssl('x509', '-req', '-in', path('cert.csr'), ...signed, '-out', path('cert.pem'));
  return { folder, ca: path('ca.pem'), cert: path('cert.pem'), key: path('key.pem') };
}
