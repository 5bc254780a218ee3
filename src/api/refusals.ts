/** Tells the log of requests that were refused: the first of each sort at once, and how many more there were once a minute. Never what they carried. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';

const QUIET_MS = 60_000;

export interface RefusedRequest {
  readonly status: number;
  readonly from: string;
  readonly method: string;
  readonly url: string;
}

export class RefusalLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #told = new Map<number, { at: number; more: number }>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  tell({ status, from, method, url }: RefusedRequest): void {
    const now = this.#clock.now();
    const before = this.#told.get(status);
    if (before !== undefined && now - before.at < QUIET_MS) {
      before.more++;
      return;
    }
    this.#told.set(status, { at: now, more: 0 });
    // A path may be misspelt and a query may hold a password: of the one only the beginning is said, and nothing of the other.
    this.#log.warn(
      { status, from, method, path: url.split('?')[0]!.slice(0, 200), more: before?.more ?? 0 },
      'a request to the API was refused',
    );
  }
}
