/** One exchange of JSON over HTTP on a connection of its own, so that nothing stale is ever used again. */
import { request } from 'node:http';
import { HomeostatError, messageOf } from '../../errors.ts';

export interface CallOptions {
  readonly method?: 'GET' | 'PUT' | 'DELETE';
  readonly token?: string;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** The body of a good answer, which the caller knows the shape of. @throws HomeostatError H305 for any other answer, or none. */
export async function callJson<T>(url: string, { method = 'GET', token, body, timeoutMs = 2_000 }: CallOptions = {}): Promise<T> {
  const { status, text } = await exchange(url, method, token, body, timeoutMs).catch((error: unknown) => {
    throw new HomeostatError('H305', `${url} does not answer: ${messageOf(error)}`, { cause: error });
  });
  if (status >= 300) throw new HomeostatError('H305', `${url} answers ${status}: ${text.slice(0, 200)}`);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new HomeostatError('H305', `${url} answers with something that is not JSON`, { cause: error });
  }
}

function exchange(
  url: string,
  method: string,
  token: string | undefined,
  body: unknown,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
    };
    const outgoing = request(url, { method, headers, agent: false, timeout: timeoutMs }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(content);
  });
}
