/** How the API says no: one shape for every error, with a code of the closed list, a sentence and what is wrong where. */
import { type ErrorCode, type Finding, HomeostatError, messageOf } from '../errors.ts';

export interface ErrorAnswer {
  readonly code: ErrorCode;
  readonly message: string;
  readonly findings: readonly Finding[];
}

/** An error that has its own HTTP status. */
export class Refusal extends HomeostatError {
  readonly status: number;

  constructor(status: number, code: ErrorCode, message: string, findings: readonly Finding[] = []) {
    super(code, message, { findings });
    this.name = 'Refusal';
    this.status = status;
  }
}

export const answerOf = ({ code, message, findings }: HomeostatError): ErrorAnswer => ({ code, message, findings });

interface HttpError {
  readonly statusCode?: number;
  readonly code?: string;
}

/** Any thrown value as an answer. `bytes`: the limit of a request. */
export function refusalOf(thrown: unknown, bytes: number): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof HomeostatError)
    return new Refusal(thrown.code === 'H005' ? 404 : thrown.retryable ? 503 : 400, thrown.code, thrown.message, thrown.findings);
  const { statusCode = 500, code } = thrown as HttpError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new Refusal(413, 'H202', `the request is larger than ${bytes} bytes (limits.messageBytes); send less at a time`);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new Refusal(415, 'H502', 'send JSON, with the header content-type: application/json');
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return new Refusal(400, 'H002', 'the request has no body; send JSON');
  if (statusCode < 500)
    return new Refusal(
      statusCode,
      code === 'FST_ERR_CTP_INVALID_JSON_BODY' || thrown instanceof SyntaxError ? 'H002' : 'H502',
      messageOf(thrown),
    );
  return new Refusal(500, 'H307', `the API failed: ${messageOf(thrown)}`);
}

type Query = Readonly<Record<string, unknown>>;

/** A text in the query; undefined: not given. */
export function textIn(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new Refusal(400, 'H502', `"${name}" must be given once and not be empty`);
}

export function neededTextIn(query: Query, name: string): string {
  const text = textIn(query, name);
  if (text === undefined) throw new Refusal(400, 'H502', `"${name}" is missing; add ?${name}=…`);
  return text;
}

/** A whole number in the query, within bounds. */
export function numberIn(query: Query, name: string, fallback: number, least: number, most: number): number {
  const text = textIn(query, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Refusal(400, 'H502', `"${name}" is ${JSON.stringify(text)}; it must be a whole number from ${least} to ${most}`);
}
