/** One HTTP exchange on a connection of its own: nothing is kept open between calls, so no stale connection can spoil one. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TlsFiles } from './tls.ts';

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** A Unix socket to call instead of the URL's host. */
  readonly socketPath?: string;
  /** What an https call shows and trusts beside the defaults. */
  readonly tls?: TlsFiles;
  /** How much of the answer is read; ANSWER_BYTES if not given. */
  readonly mostBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The beginning of the body, at most `mostBytes`. */
  readonly text: string;
}

/** How much of an answer is read unless more is asked for. */
export const ANSWER_BYTES = 2_048;

/** The answer. @throws what node:http throws: its `code` says how far the call came; TypeError for a URL that is none. */
export function httpCall(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(call.url);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const most = call.mostBytes ?? ANSWER_BYTES;
    const { method, headers, signal, socketPath, tls } = call;
    const outgoing = send(url, { method, headers: { ...headers }, agent: false, signal, ...(socketPath && { socketPath }), ...tls });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answer = () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).subarray(0, most).toString('utf8'),
        });
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes < most) return;
        answer();
        outgoing.destroy();
      });
      incoming.once('end', answer);
      // The status has come, which is what counts; the rest of the body is lost.
      incoming.once('error', answer);
    });
    outgoing.end(call.body);
  });
}
