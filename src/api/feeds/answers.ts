/** How a feed says no: each dialect in the shape that its clients know. */
import { Refusal } from '../answers.ts';

/** A reason in words of the dialect. */
export class FeedRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'FeedRefusal';
    this.status = status;
  }
}

export type Dialect = 'influx1' | 'influx2' | 'own';

const CODES_2: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
  413: 'request too large',
  415: 'invalid',
  429: 'too many requests',
  503: 'unavailable',
};

export interface Told {
  readonly status: number;
  readonly body: unknown;
  readonly message: string;
}

/** Any thrown value as an answer. */
export function toldOf(thrown: unknown, dialect: Dialect): Told {
  const known = thrown instanceof FeedRefusal || thrown instanceof Refusal;
  const status = known ? thrown.status : 500;
  const message = known ? thrown.message : 'the request failed by a mistake of ours: the log of the manager has it';
  if (dialect === 'influx1') return { status, message, body: { error: message } };
  if (dialect === 'influx2') return { status, message, body: { code: CODES_2[status] ?? 'internal error', message } };
  return { status, message, body: { code: thrown instanceof Refusal ? thrown.code : status < 500 ? 'H412' : 'H307', message } };
}
