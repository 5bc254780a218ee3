/** Asks a running manager over its API. */
import { type Address, readAddress } from '../api/address.ts';
import type { ErrorAnswer } from '../api/answers.ts';
import { deadline, SystemClock } from '../clock.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { request } from './request.ts';

export interface CallOptions {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly timeoutMs?: number;
  /** Instead of the owner's: what may be done is then what its roles allow. */
  readonly token?: string | undefined;
}

const TIMEOUT_MS = 15_000;

/** The answer of a manager. @throws HomeostatError H305 if it does not answer, or the error that it answers with */
export async function call<T>(
  address: Address,
  path: string,
  { method = 'GET', body, timeoutMs = TIMEOUT_MS, token = address.token }: CallOptions = {},
): Promise<T> {
  const { url } = address;
  const { signal, done } = deadline(
    new SystemClock(),
    timeoutMs,
    new HomeostatError('H305', `the manager at ${url} does not answer within ${timeoutMs / 1_000} s`),
  );
  try {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const sent = { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const { status, text } = await request(address, path, sent);
    const answer: unknown = JSON.parse(text);
    if (status >= 200 && status < 300) return answer as T;
    const { code, message, findings } = answer as ErrorAnswer;
    throw new HomeostatError(code, message, { findings });
  } catch (thrown) {
    if (thrown instanceof HomeostatError) throw thrown;
    const cause = signal.aborted ? signal.reason : thrown;
    if (cause instanceof HomeostatError) throw cause;
    throw new HomeostatError('H305', `the manager at ${url} does not answer: ${messageOf(cause)}`, { cause: thrown });
  } finally {
    done();
  }
}

/** Asks the manager that runs on a folder; undefined: none runs there, or it has just gone. */
export async function callIfRunning<T>(folder: string, path: string, options: CallOptions = {}): Promise<T | undefined> {
  const address = readAddress(folder);
  if (address === undefined) return undefined;
  try {
    return await call<T>(address, path, options);
  } catch (thrown) {
    // A pid may have been given to another process since: the folder then tells as much.
    if (thrown instanceof HomeostatError && thrown.code === 'H305') return undefined;
    throw thrown;
  }
}
