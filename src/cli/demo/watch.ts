/** Watches the manager through its API while the script runs, over its death and return. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '../../clock.ts';
import { HomeostatError } from '../../errors.ts';
import { type Api, connectToApi, type NumberedEntry, numberOf, type StatusView } from './api.ts';
import type { Live, Point } from './record.ts';

export const LOOK_EVERY_MS = 200;
export const FARM = 'web';

export class Watch {
  readonly points: Point[] = [];
  readonly journal: NumberedEntry[] = [];
  readonly #folder: string;
  readonly #clock: Clock;
  #api: Api | undefined;
  #status: StatusView | undefined;
  /** How far the journal of a process was read, and the step after which its entries are news. */
  #read = { pid: 0, seq: 0, after: 0 };
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #wake: Cancel = () => {};

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  get live(): Live {
    return { status: this.#status, managerAway: this.#api === undefined };
  }

  /** Whether a command that makes the farm larger is on its way and not done. */
  growing(): boolean {
    const servers = numberOf(this.#status, FARM, 'servers');
    return (
      this.#api !== undefined &&
      (this.#status?.commands ?? []).some(
        (c) => c.command === 'scale' && c.state === 'sent' && typeof c.params.to === 'number' && servers !== null && c.params.to > servers,
      )
    );
  }

  /** `onLook` is called after each look, whether or not the manager answered. */
  start(onLook: () => void): void {
    this.#loop = this.#run(onLook);
  }

  async #run(onLook: () => void): Promise<void> {
    while (!this.#stopped) {
      await this.look();
      onLook();
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(LOOK_EVERY_MS, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  /** The process whose API answers for the farm; undefined: none does now. */
  get decider(): number | undefined {
    return this.#api?.pid;
  }

  /** Of several processes the one that decides about the farm. @throws HomeostatError H305 if none does */
  async #connect(): Promise<{ api: Api; status: StatusView }> {
    for (const folder of await foldersOf(this.#folder)) {
      try {
        const api = await connectToApi(folder);
        const status = await api.status();
        if (status.elements.some(({ id }) => id === FARM)) return { api, status };
      } catch {
        // It does not decide about the farm, or not any more.
      }
    }
    throw new HomeostatError('H305', `no manager decides about ${FARM} now`);
  }

  /** One look at the status, and at what is new in the journal. */
  async look(): Promise<void> {
    try {
      const known = this.#api;
      const { api, status } = known === undefined ? await this.#connect() : { api: known, status: await known.status() };
      this.#api = api;
      this.#status = status;
      const [load, p95, servers, listed] = ['load', 'p95', 'servers', 'listed'].map((property) => numberOf(status, FARM, property)) as [
        number | null,
        number | null,
        number | null,
        number | null,
      ];
      this.points.push({ time: status.now, load, p95, servers, listed });
      await this.#readJournal(this.#api);
    } catch {
      // It is away: killed, or not up yet. The next look connects anew.
      this.#api = undefined;
    }
  }

  async #readJournal(api: Api): Promise<void> {
    // Each process numbers its copy of the journal for itself; steps go on from one to the next.
    if (api.pid !== this.#read.pid) this.#read = { pid: api.pid, seq: 0, after: this.journal.at(-1)?.step ?? 0 };
    for (;;) {
      const entries = await api.journal(this.#read.seq);
      this.journal.push(...entries.filter(({ step }) => step > this.#read.after));
      this.#read.seq = entries.at(-1)?.seq ?? this.#read.seq;
      if (entries.length === 0) return;
    }
  }

  /** The last look, when all is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#loop;
    await this.look();
  }
}

/** Where processes say where they answer: the folder of an embedded manager, or those of several over Kafka. */
async function foldersOf(state: string): Promise<readonly string[]> {
  const several = join(state, 'managers');
  const names = await readdir(several).catch(() => []);
  return names.length === 0 ? [state] : names.sort().map((name) => join(several, name));
}
