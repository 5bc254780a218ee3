/** Carries journal entries into the history until they are there: reads them again from where it stands, offers them, and moves on only when they are stored. */
import { type Clock, sleep } from '../clock.ts';
import type { NumberedEntry } from '../knowledge/store.ts';
import type { HistoryEntry, HistoryWriter } from './history.ts';

/** Entries that are offered at once. */
const AT_ONCE = 1_000;
/** How long entries wait for others to be offered with. */
const GATHER_MS = 100;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** How long a closing projection may go on with what is left. */
const LAST_WORDS_MS = 2_000;

/** How far it has come. */
export interface Position {
  /** Entries up to this number are in the history. */
  readonly seq: number;
  /** What was being offered: types of elements as they were then, so that the same entries make the same points again. */
  readonly offering?: { readonly until: number; readonly types: Readonly<Record<string, string>> };
}

export interface JournalSource {
  /** Entries after `after`, oldest first. */
  read(after: number, limit: number): readonly NumberedEntry[] | Promise<readonly NumberedEntry[]>;
  load(): Position | Promise<Position>;
  save(position: Position): void | Promise<void>;
  /** Numbers have no gaps: one that is missing was forgotten before it was stored. */
  readonly contiguous?: boolean;
}

export interface ProjectionPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: { warn(about: object, message: string): void; info(about: object, message: string): void };
  readonly source: JournalSource;
  readonly writer: Pick<HistoryWriter, 'entries'>;
  /** Names the journal in the history. */
  readonly journal: string;
  readonly typeOf: (element: string) => string | undefined;
}

export class Projection {
  readonly #ports: ProjectionPorts;
  readonly #stopping = new AbortController();
  #position: Position | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #closing = false;
  #failing = false;
  /** Entries that the journal had forgotten before they could be stored. */
  missed = 0;
  /** Number of the newest entry that is known to be in the history. */
  get seq(): number {
    return this.#position?.seq ?? 0;
  }

  constructor(ports: ProjectionPorts) {
    this.#ports = ports;
  }

  /** There may be something new. Returns at once. */
  readonly wake = (): void => {
    if (this.#closed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  };

  /** Stores what is left if that is quickly done. The rest is read again by the next life. */
  async close(): Promise<void> {
    this.#closing = true;
    if (!this.#closed && !this.#failing) {
      this.wake();
      const end = this.#ports.clock.after(LAST_WORDS_MS, () => this.#stopping.abort());
      await Promise.race([this.#running, aborted(this.#stopping.signal)]);
      end();
    }
    this.#closed = true;
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, log } = this.#ports;
    for (let tries = 0; this.#again && !this.#stopping.signal.aborted; ) {
      this.#again = false;
      // Many small steps make one request.
      if (!this.#closing) await sleep(clock, GATHER_MS, this.#stopping.signal).catch(() => {});
      try {
        while ((await this.#carry()) && !this.#stopping.signal.aborted);
        if (this.#failing) log.info({ seq: this.seq }, 'decisions are stored in the history again');
        this.#failing = false;
        tries = 0;
      } catch (thrown) {
        if (!this.#failing) log.warn({ err: thrown, seq: this.seq }, 'decisions wait in the journal until the history takes them');
        this.#failing = true;
        this.#again = true;
        const ms = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries++, 10)) * (0.5 + random() / 2);
        await sleep(clock, ms, this.#stopping.signal).catch(() => {});
      }
    }
  }

  /** Offers the next entries. False: there are none. */
  async #carry(): Promise<boolean> {
    const { source, writer } = this.#ports;
    this.#position ??= await this.#start();
    const { seq, offering } = this.#position;
    const entries = await source.read(seq, offering === undefined ? AT_ONCE : Math.min(AT_ONCE, Math.max(1, offering.until - seq)));
    const [first, last] = [entries[0], entries.at(-1)];
    if (first === undefined || last === undefined) return false;
    if (source.contiguous === true && first.seq > seq + 1) this.#missed(first.seq - seq - 1);
    const types = offering?.types ?? this.#typesOf(entries);
    this.#position = { seq, offering: { until: last.seq, types } };
    await source.save(this.#position);
    await writer.entries(entries.map((entry) => this.#entry(entry, types)));
    this.#position = { seq: last.seq };
    await source.save(this.#position);
    return true;
  }

  async #start(): Promise<Position> {
    const { source, log } = this.#ports;
    const position = await source.load();
    if (source.contiguous !== true || position.seq === 0) return position;
    // A journal that ends before the place where we stood is another one, which began anew.
    const [there] = await source.read(position.seq - 1, 1);
    if (there !== undefined) return position;
    log.info({ seq: position.seq }, 'the journal began anew; so does its way into the history');
    return { seq: 0 };
  }

  #missed(entries: number): void {
    this.missed += entries;
    this.#ports.log.warn({ entries }, 'the journal forgot entries before the history had them; raise limits.journalEntries');
  }

  #typesOf(entries: readonly NumberedEntry[]): Record<string, string> {
    const types: Record<string, string> = {};
    for (const { element } of entries) {
      const type = element === undefined ? undefined : this.#ports.typeOf(element);
      if (type !== undefined) types[element!] = type;
    }
    return types;
  }

  #entry(entry: NumberedEntry, types: Readonly<Record<string, string>>): HistoryEntry {
    const type = entry.element === undefined || !Object.hasOwn(types, entry.element) ? undefined : types[entry.element];
    return { ...entry, journal: this.#ports.journal, ...(type === undefined ? {} : { type }) };
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
