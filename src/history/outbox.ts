/**
 * Telemetry on its way to the server: lines are gathered into batches by number and age, compressed and sent one batch at a time. While the server
 * is away, or slower than what comes, batches go to the spool on disk. Who adds a line never waits.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Logger } from 'pino';
import { type Cancel, type Clock, sleep } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Batch, Spool, Stored } from './spool.ts';

const compress = promisify(gzip);

/** Batches that wait in memory before the rest goes to disk. */
const IN_MEMORY = 4;
/** Lines, of some hundred bytes each, that may wait to be compressed or put on disk by a machine that is busy; more are dropped, oldest first. */
const LINES_BEHIND = 200_000;
/** Pauses before a request is tried again: doubled each time, with some chance so that many managers do not come at once. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** How long a closing outbox tries to send what it has in memory; the rest goes to disk. */
const LAST_WORDS_MS = 2_000;

/** What became of a batch: stored but for those that the server will never take, or to be sent again. */
export type Sent =
  | { readonly kind: 'stored'; readonly refused: number }
  /** `retryMs`: when the server wants to be asked again. */
  | { readonly kind: 'away'; readonly reason: string; readonly retryMs?: number };

export interface OutboxPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly spool: Spool;
  /** Gives up when the signal says so. */
  readonly send: (batch: Batch, signal: AbortSignal) => Promise<Sent>;
}

export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #limits: { readonly batch: number; readonly ageMs: number };
  #lines: string[] = [];
  #timer: Cancel | undefined;
  /** Batches of lines that are not compressed yet. */
  #raw: string[][] = [];
  #ready: Batch[] = [];
  #storing: Promise<void> | undefined;
  #sending: Promise<void> | undefined;
  #stopping = new AbortController();
  #closed = false;
  #away: string | undefined;
  /** Points that are neither in a list nor on disk: being compressed, written or sent. */
  #underWay = 0;
  #dropped = 0;
  #refused = 0;

  constructor(ports: OutboxPorts, limits: { readonly batch: number; readonly ageMs: number }) {
    this.#ports = ports;
    this.#limits = limits;
    if (ports.spool.points > 0) this.#send();
  }

  get waiting(): { readonly points: number; readonly bytes: number; readonly dropped: number; readonly refused: number } {
    const { spool } = this.#ports;
    const raw = this.#raw.reduce((sum, lines) => sum + lines.length, this.#lines.length);
    return {
      points: raw + this.#underWay + this.#ready.reduce((sum, batch) => sum + batch.points, 0) + spool.points,
      bytes: this.#ready.reduce((sum, batch) => sum + batch.body.length, 0) + spool.bytes,
      dropped: this.#dropped,
      refused: this.#refused,
    };
  }

  /** Why the server does not take anything now; undefined: it does, or was not asked yet. */
  get away(): string | undefined {
    return this.#away;
  }

  add(line: string): void {
    if (this.#closed) return;
    this.#lines.push(line);
    if (this.#lines.length >= this.#limits.batch) this.#cut();
    else this.#timer ??= this.#ports.clock.after(this.#limits.ageMs, () => this.#cut());
  }

  /** Sends what it can within a short while, and leaves the rest on disk for the next life. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#cut();
    this.#closed = true;
    const { clock, spool } = this.#ports;
    await this.#storing;
    // What is on disk stays there; what is in memory is sent now or follows it.
    if (this.#away === undefined) {
      const end = clock.after(LAST_WORDS_MS, () => this.#stopping.abort());
      await this.#sending;
      end();
    }
    this.#stopping.abort();
    await this.#sending;
    for (const batch of this.#ready.splice(0)) await this.#keep(batch);
    await spool.close();
  }

  /** What has been gathered becomes a batch. */
  #cut(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    this.#raw.push(this.#lines);
    this.#lines = [];
    for (let lines = this.#raw.reduce((sum, batch) => sum + batch.length, 0); lines > LINES_BEHIND; ) {
      const oldest = this.#raw.shift()!;
      lines -= oldest.length;
      this.#drop(oldest.length, 'telemetry comes faster than it can be compressed and put on disk');
    }
    this.#storing ??= this.#store().finally(() => {
      this.#storing = undefined;
    });
  }

  /** Compresses what was cut; what memory has no place for goes to disk. */
  async #store(): Promise<void> {
    for (let lines = this.#raw.shift(); lines !== undefined; lines = this.#raw.shift()) {
      this.#underWay += lines.length;
      const body = await compress(lines.join('\n'), { level: 1 });
      this.#underWay -= lines.length;
      const batch = { points: lines.length, body };
      if (this.#ready.length < IN_MEMORY && this.#away === undefined) this.#ready.push(batch);
      else await this.#keep(batch);
      this.#send();
    }
  }

  async #keep(batch: Batch): Promise<void> {
    const { spool, log } = this.#ports;
    this.#underWay += batch.points;
    try {
      const dropped = await spool.append(batch);
      if (dropped > 0) this.#drop(dropped, 'the spool is full; raise history.influx.spoolBytes, or free the disk');
    } catch (thrown) {
      log.error({ err: thrown }, 'the spool of the history cannot be written; see that its folder is there and the disk is not full');
      this.#drop(batch.points, messageOf(thrown));
    } finally {
      this.#underWay -= batch.points;
    }
  }

  #drop(points: number, reason: string): void {
    if (this.#dropped === 0) this.#ports.log.error({ points, reason }, 'telemetry is dropped; it is counted from now on without a word');
    this.#dropped += points;
  }

  #send(): void {
    if (this.#stopping.signal.aborted) return;
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
      if (!this.#closed && (this.#ready.length > 0 || this.#ports.spool.points > 0)) this.#send();
    });
  }

  /** Sends until nothing is left or the server is away for good. What is in memory goes first: it is the newest, and charts show it. */
  async #drain(): Promise<void> {
    const { spool } = this.#ports;
    for (let tries = 0; !this.#stopping.signal.aborted; ) {
      const ready = this.#ready.shift();
      // Who closes sends what is in memory only: the next life sends the rest.
      const stored: Stored | undefined = ready === undefined && !this.#closed ? await spool.first() : undefined;
      const batch = ready ?? stored;
      if (batch === undefined) return;
      const inMemory = ready?.points ?? 0;
      this.#underWay += inMemory;
      const sent = await this.#ports
        .send(batch, this.#stopping.signal)
        .catch((thrown: unknown): Sent => ({ kind: 'away', reason: messageOf(thrown) }));
      this.#underWay -= inMemory;
      if (sent.kind === 'stored') {
        this.#back();
        tries = 0;
        this.#refused += sent.refused;
        if (stored !== undefined) await spool.forget(stored);
        continue;
      }
      this.#gone(sent.reason);
      // From now on nothing is in memory that a kill would take with it, but for what is being gathered.
      for (const one of ready === undefined ? [] : [ready, ...this.#ready.splice(0)]) await this.#keep(one);
      if (this.#closed) return;
      await this.#pause(tries++, sent.retryMs);
    }
  }

  async #pause(tries: number, retryMs: number | undefined): Promise<void> {
    const { clock, random } = this.#ports;
    const ms = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10)) * (0.5 + random() / 2);
    await sleep(clock, Math.max(ms, Math.min(retryMs ?? 0, 60_000)), this.#stopping.signal).catch(() => {});
  }

  #gone(reason: string): void {
    if (this.#away !== reason) this.#ports.log.warn({ reason }, 'InfluxDB takes nothing; what comes waits on disk, and it is tried again');
    this.#away = reason;
  }

  #back(): void {
    if (this.#away !== undefined) this.#ports.log.info({ waiting: this.#ports.spool.points }, 'InfluxDB takes points again');
    this.#away = undefined;
  }
}
