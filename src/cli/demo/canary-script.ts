/**
 * The canary's run: two farms under the same load, and a new version of the rules that is tried on one of them. Nobody takes it back but Homeostat. The manager is
 * killed while the new version is at work, and started again.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../../clock.ts';
import { connectToApi, type NumberedEntry, numberOf, type StatusView } from './api.ts';
import { FARMS, tryNew } from './canary-place.ts';
import type { Child } from './child.ts';
import type { Farm } from './farm.ts';
import { SCRIPT_LOG } from './place.ts';
import { type Deed, RATE } from './script.ts';

export interface TwoFarms {
  readonly stays: Farm;
  readonly tried: Farm;
}

export interface CanaryScriptOptions extends TwoFarms {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of each deed. */
  readonly onDeed: (deed: Deed) => void;
  /** Told when the manager ends and nobody has killed it. */
  readonly onManagerLost: (how: string) => void;
}

/** What is left of the run beside the raw logs. */
export interface CanaryRecording {
  readonly deeds: readonly Deed[];
  readonly journal: readonly NumberedEntry[];
  /** By farm: the response time and the number of servers as Homeostat knew them, by time. */
  readonly history: Readonly<Record<string, { readonly p95: Series; readonly servers: Series }>>;
}

export type Series = readonly (readonly [time: number, value: unknown])[];

const FEWEST_SERVERS = 3;
const CALM_MS = 8_000;
const AWAY_MS = 500;
/** How long each thing may take that Homeostat should do. */
const PATIENCE_MS = { start: 30_000, tried: 10_000, acted: 20_000, withdrawn: 30_000, well: 25_000 } as const;

export class CanaryScript {
  readonly deeds: Deed[] = [];
  readonly #options: CanaryScriptOptions;

  constructor(options: CanaryScriptOptions) {
    this.#options = options;
  }

  /** @throws the signal's reason when it is aborted, HomeostatError when the surroundings fail, or Homeostat does not do what is waited for */
  async play(): Promise<CanaryRecording> {
    const { stays, tried, clock, signal } = this.#options;
    await Promise.all([stays.start(), tried.start()]);
    const manager = this.#startManager();
    for (const farm of [stays, tried])
      await farm.until(`${FEWEST_SERVERS} servers are listed`, PATIENCE_MS.start, () => isWhole(farm), signal);
    await Promise.all([stays.setRate(RATE.calm), tried.setRate(RATE.calm)]);
    this.#did('ready');
    await sleep(clock, CALM_MS, signal);
    await this.#sees('both farms are well', PATIENCE_MS.start, (status) => isWell(status, FARMS.stays) && isWell(status, FARMS.tried));

    await tryNew(stays.place);
    manager.kill('SIGHUP');
    this.#did('tried');
    await this.#reads('the canary runs', PATIENCE_MS.tried, (journal) => canary(journal, 'running') !== undefined);
    await this.#reads('the new version acts', PATIENCE_MS.acted, (journal) => deedsOfNew(journal).length > 0);
    await this.#killManager(manager);
    await this.#reads('the new version is withdrawn', PATIENCE_MS.withdrawn, (journal) => canary(journal, 'withdrawn') !== undefined);
    this.#did('seenWithdrawn');
    await tried.until('the farm is whole again', PATIENCE_MS.well, () => isWhole(tried), signal);
    await this.#sees('it is well again', PATIENCE_MS.well, (status) => isWell(status, FARMS.tried));
    this.#did('well');
    await sleep(clock, CALM_MS, signal);
    this.#did('over');
    return this.#record();
  }

  async #record(): Promise<CanaryRecording> {
    const { stays, tried } = this.#options;
    const api = await connectToApi(stays.place.state);
    const [from, to] = [this.#timeOf('ready'), this.#timeOf('over')];
    const of = async (farm: string) => ({
      p95: await api.history(farm, 'p95', from, to),
      servers: await api.history(farm, 'servers', 0, to),
    });
    const history = { [FARMS.stays]: await of(FARMS.stays), [FARMS.tried]: await of(FARMS.tried) };
    const journal = await this.#journal();
    for (const farm of [stays, tried]) {
      await farm.setRate(0);
      await farm.until('the last requests are answered', 15_000, async () => (await farm.load()).pending === 0);
    }
    return { deeds: this.deeds, journal, history };
  }

  #timeOf(event: string): number {
    return this.deeds.find((deed) => deed.event === event)!.time;
  }

  async #journal(): Promise<readonly NumberedEntry[]> {
    const api = await connectToApi(this.#options.stays.place.state);
    const journal: NumberedEntry[] = [];
    for (let entries = await api.journal(0); entries.length > 0; entries = await api.journal(journal.at(-1)!.seq)) journal.push(...entries);
    return journal;
  }

  /** Waits until the journal tells of something. */
  #reads(what: string, withinMs: number, look: (journal: readonly NumberedEntry[]) => boolean): Promise<void> {
    const { stays, signal } = this.#options;
    return stays.until(what, withinMs, async () => look(await this.#journal()), signal);
  }

  /** Waits until the status is so. */
  #sees(what: string, withinMs: number, look: (status: StatusView) => boolean): Promise<void> {
    const { stays, signal } = this.#options;
    return stays.until(what, withinMs, async () => look(await (await connectToApi(stays.place.state)).status()), signal);
  }

  async #killManager(manager: Child): Promise<void> {
    const { stays, clock, signal } = this.#options;
    stays.forget(manager);
    manager.kill('SIGKILL');
    this.#did('managerKilled', { pid: manager.pid });
    await manager.ended;
    await sleep(clock, AWAY_MS, signal);
    this.#startManager();
  }

  #startManager(): Child {
    const { stays, onManagerLost } = this.#options;
    const manager = stays.startManager();
    this.#did('managerStarted', { pid: manager.pid });
    manager.ended.then((how) => {
      if (stays.managers.includes(manager)) onManagerLost(how);
    });
    return manager;
  }

  #did(event: string, more: Readonly<Record<string, unknown>> = {}): void {
    const { clock, stays, onDeed } = this.#options;
    const deed: Deed = { event, time: clock.now(), ...more };
    this.deeds.push(deed);
    appendFileSync(join(stays.place.folder, SCRIPT_LOG), `${JSON.stringify(deed)}\n`);
    onDeed(deed);
  }
}

const isWhole = async (farm: Farm): Promise<boolean> => (await farm.servers()).filter(({ listed }) => listed).length >= FEWEST_SERVERS;

/** Below the dead zone: here nothing needs to be done. */
const isWell = (status: StatusView, farm: string): boolean => (numberOf(status, farm, 'p95') ?? Number.POSITIVE_INFINITY) < 150;

/** The entry that tells of a canary what became of it. */
export const canary = (journal: readonly NumberedEntry[], is: string): NumberedEntry | undefined =>
  journal.find(({ kind, data }) => kind === 'canary' && data.is === is);

/** The commands that the new version has given. */
export function deedsOfNew(journal: readonly NumberedEntry[]): readonly NumberedEntry[] {
  const version = canary(journal, 'running')?.data.set;
  return journal.filter(({ kind, data }) => kind === 'command' && data.set === version);
}
