/** One request to the API of a manager. By TLS it must show the certificate that the manager wrote down, whatever name that was made out to. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { Address } from '../api/address.ts';

export interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface Received {
  readonly status: number;
  readonly text: string;
}

export function request({ url, fingerprint }: Pick<Address, 'url' | 'fingerprint'>, path: string, sent: Sent): Promise<Received> {
  const target = new URL(path, url);
  const { method, headers, signal, body } = sent;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, signal, agent: false as const };
    // Not the chain of signatures is asked but the certificate itself, before anything is sent: the token must not reach anybody else.
    const asked = target.protocol === 'https:' ? secure(target, { ...options, rejectUnauthorized: false }) : plain(target, options);
    asked.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    if (target.protocol !== 'https:') return void asked.end(body);
    asked.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        const shown: Partial<PeerCertificate> = socket instanceof TLSSocket ? socket.getPeerCertificate() : {};
        if (fingerprint !== undefined && shown.fingerprint256 === fingerprint) asked.end(body);
        else asked.destroy(new Error('it shows another certificate than the one that api.json in its folder names'));
      });
    });
  });
}
