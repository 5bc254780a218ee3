/** Watches the manager through its API while the script runs, over its death and return. */
import type { Cancel, Clock } from '../../clock.ts';
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

  /** One look at the status, and at what is new in the journal. */
  async look(): Promise<void> {
    try {
      this.#api ??= await connectToApi(this.#folder);
      const status = await this.#api.status();
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
    for (;;) {
      const entries = await api.journal(this.journal.at(-1)?.seq ?? 0);
      this.journal.push(...entries);
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
