/** One HTTP exchange on a connection of its own: nothing is kept open between calls, so no stale connection can spoil one. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** The beginning of the body, at most ANSWER_BYTES. */
  readonly text: string;
}

/** How much of an answer is read. */
export const ANSWER_BYTES = 2_048;

/** The answer. @throws what node:http throws: its `code` says how far the call came; TypeError for a URL that is none. */
export function httpCall(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(call.url);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(url, { method: call.method, headers: { ...call.headers }, agent: false, signal: call.signal });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answer = () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8') });
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes < ANSWER_BYTES) return;
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
