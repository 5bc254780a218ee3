/** What the answer to an HTTP request, or its absence, says of the command that was sent. */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Result } from './actuator.ts';
import type { HttpAnswer } from './http-call.ts';
import { failureOf, refused } from './results.ts';

/** The request did not reach anyone, so it has done nothing. */
const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EMFILE', 'ENOENT'];
/** Answers below 500 that another time may differ: a time-out, too early, too many. */
const PASSING = [408, 425, 429];
/** No target may hold its next attempt up for longer, ms; a deadline usually ends the waiting long before. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

export const isGood = (status: number): boolean => status >= 200 && status < 300;
export const mayPass = (status: number): boolean => status >= 500 || PASSING.includes(status);
export const describeAnswer = ({ status, text }: Pick<HttpAnswer, 'status' | 'text'>): string =>
  text === '' ? `status ${status}` : `status ${status}: ${text.trim()}`;

/** Its certificate is not the one that was expected, so nothing was sent to it, and nothing will be. */
const NOT_TRUSTED =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;

const codeOf = (thrown: unknown): string => String((thrown as { code?: unknown } | null)?.code ?? '');

/** Nobody was reached, so nothing can have been done. */
export const wasNotReached = (thrown: unknown): boolean => NOT_REACHED.includes(codeOf(thrown));

/** What it means that no answer came: nothing was done if nobody was reached; otherwise nobody knows. */
export function resultOfSilence(thrown: unknown, signal: AbortSignal): Result {
  if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason) };
  if (thrown instanceof HomeostatError) return failureOf(thrown);
  if (NOT_TRUSTED.test(codeOf(thrown))) return refused(`not sent, the target is not trusted: ${messageOf(thrown)}`);
  const detail = `no answer: ${messageOf(thrown) || codeOf(thrown)}`;
  return { status: wasNotReached(thrown) ? 'failed' : 'unknown', detail, retryable: true };
}

/** How long an answer asks to be left alone (Retry-After: seconds or a date), ms; undefined if it does not. `wall` is the time of day now. */
export function retryAfterMs({ headers }: Pick<HttpAnswer, 'headers'>, wall: number): number | undefined {
  const asked = headers['retry-after'];
  if (asked === undefined) return undefined;
  const ms = /^[0-9]+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - wall;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS) : undefined;
}

/** A failed attempt with what its answer says of another. */
export function failedBy(answer: HttpAnswer, wall: number): Result {
  const retryable = mayPass(answer.status);
  const pause = retryable ? retryAfterMs(answer, wall) : undefined;
  return { status: 'failed', detail: describeAnswer(answer), retryable, ...(pause !== undefined && { retryAfterMs: pause }) };
}
