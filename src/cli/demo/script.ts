/**
 * What is done to the farm, and when. The script knows balancer, load generator and processes, and nothing of what Homeostat sees or decides;
 * it writes down what it does, so that others can judge the run by that.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../../clock.ts';
import type { Farm, ServerView } from './farm.ts';
import { isGone } from './left.ts';
import { SCRIPT_LOG } from './place.ts';

export const RATE = { calm: 45, surge: 180 } as const;
const FEWEST_SERVERS = 3;

/** Lengths of the scenes. One that waits for healing goes on at the next mark all the same: the script has a length of its own. */
const SCENES_MS = { calm: 10_000, killed: 9_000, frozen: 11_000, surge: 34_000, after: 26_000 } as const;
/** Over Kafka nobody restarts the manager: another takes its domain over when its session has run out, and the surge goes on for as much longer. */
const TAKEOVER_MS = 12_000;
export const LENGTH_MS: number = Object.values<number>(SCENES_MS).reduce((a, b) => a + b, 0);
/** How long the manager stays dead: as long as a supervisor takes to notice. */
const MANAGER_AWAY_MS = 500;
const LONGEST_WAIT_FOR_GROWTH_MS = 15_000;

export type Scene = 'starting' | keyof typeof SCENES_MS | 'over';

/** One line of the script's log. */
export interface Deed {
  readonly event: string;
  readonly time: number;
  readonly port?: number;
  readonly pid?: number;
  /** The balancer's time when it was asked, for counts of requests. */
  readonly seen?: number;
  readonly [more: string]: unknown;
}

/** Requests that a server had been given and could not answer: those pending at the first look, and those it was given until the second. */
export const atRisk = (before: ServerView, after: ServerView): number =>
  before.pending + after.sent - before.sent - (after.refused - before.refused);

/** What the script itself has counted, at the balancer. */
export interface Toll {
  inFlightAtKill: number;
  sentToFrozen: number;
}

export interface ScriptOptions {
  readonly farm: Farm;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a command that changes the size of the farm is under way: the hardest moment for the manager to die. */
  readonly scaling: () => boolean;
  /** The process that decides about the farm now, as far as is known. */
  readonly decider: () => number | undefined;
  readonly onDeed: (deed: Deed) => void;
  /** Told when the manager ends and nobody has killed it. */
  readonly onManagerLost: (how: string) => void;
}

export class Script {
  readonly deeds: Deed[] = [];
  readonly toll: Toll = { inFlightAtKill: 0, sentToFrozen: 0 };
  readonly #options: ScriptOptions;
  scene: Scene = 'starting';

  constructor(options: ScriptOptions) {
    this.#options = options;
  }

  #did(event: string, more: Readonly<Record<string, unknown>> = {}): Deed {
    const { clock, farm, onDeed } = this.#options;
    const deed: Deed = { event, time: clock.now(), ...more };
    this.deeds.push(deed);
    appendFileSync(join(farm.place.folder, SCRIPT_LOG), `${JSON.stringify(deed)}\n`);
    onDeed(deed);
    return deed;
  }

  /** Plays the whole. @throws the signal's reason when it is aborted, HomeostatError when the surroundings fail. */
  async play(): Promise<void> {
    const { farm, clock, signal } = this.#options;
    await farm.start();
    this.#startManager();
    if (farm.place.servers !== undefined) this.#startManager('standbyStarted');
    await farm.until(
      `${FEWEST_SERVERS} servers are on the list`,
      30_000,
      async () => (await this.#listed()).length >= FEWEST_SERVERS,
      signal,
    );
    this.#did('ready');

    let mark = clock.now();
    const scene = async (name: keyof typeof SCENES_MS, act: () => Promise<unknown>): Promise<void> => {
      signal.throwIfAborted();
      this.scene = name;
      this.#did('scene', { scene: name });
      await act();
      mark += SCENES_MS[name] + (name === 'surge' && farm.place.servers !== undefined ? TAKEOVER_MS : 0);
      await sleep(clock, Math.max(0, mark - clock.now()), signal);
    };
    await scene('calm', () => this.#load(RATE.calm));
    await scene('killed', () => this.#killServer());
    await scene('frozen', () => this.#freezeServer());
    await scene('surge', async () => {
      this.#did('surge', { rate: RATE.surge });
      await this.#load(RATE.surge);
      await this.#killManager();
    });
    await scene('after', async () => {
      await this.#load(RATE.calm);
      this.#did('surgeOver', { rate: RATE.calm });
    });
    this.scene = 'over';
    this.#did('over');
    await farm.setRate(0);
    await farm.until('the last requests are answered', 15_000, async () => (await farm.load()).pending === 0);
  }

  #load(rate: number): Promise<unknown> {
    return this.#options.farm.setRate(rate);
  }

  async #listed(): Promise<readonly ServerView[]> {
    return (await this.#options.farm.servers()).filter((server) => server.listed);
  }

  /** The second of the list is killed while it works, and so are the requests that it has. */
  async #killServer(): Promise<void> {
    const { farm, signal } = this.#options;
    const port = (await this.#listed())[1]!.port;
    const pid = await farm.pidOf(port);
    const before = await this.#busy(port);
    process.kill(pid, 'SIGKILL');
    this.#did('killed', { port, pid, seen: before.time });
    await farm.until('the killed server is gone', 5_000, () => isGone(pid), signal);
    const after = await farm.server(port);
    this.#did('gone', { port, pid, seen: after.time });
    this.toll.inFlightAtKill = atRisk(before, after);
  }

  /** The first of the list stops in its tracks: it is there, takes connections, and does nothing. */
  async #freezeServer(): Promise<void> {
    const { farm } = this.#options;
    const port = (await this.#listed())[0]!.port;
    const pid = await farm.pidOf(port);
    const before = await this.#busy(port);
    process.kill(pid, 'SIGSTOP');
    this.#did('frozen', { port, pid, seen: before.time });
    const after = await this.#look(port, SCENES_MS.frozen - 500, (server) => !server.listed);
    this.toll.sentToFrozen = atRisk(before, after);
  }

  /** A server with work in hand, so that it matters. */
  #busy(port: number): Promise<ServerView> {
    return this.#look(port, 2_000, (server) => server.pending > 0);
  }

  /** The server as it is when it has become so, or when the time is up. */
  async #look(port: number, withinMs: number, isSo: (server: ServerView) => boolean): Promise<ServerView> {
    const { farm } = this.#options;
    let view = await farm.server(port);
    await this.#within(withinMs, async () => {
      view = await farm.server(port);
      return isSo(view);
    });
    return view;
  }

  /** Waits for something that Homeostat should do; if it does not, the script goes on, and the promises will tell. */
  async #within(ms: number, look: () => Promise<boolean>): Promise<void> {
    const { farm, signal } = this.#options;
    await farm.until('what Homeostat should do', ms, look, signal).catch(() => signal.throwIfAborted());
  }

  /** As soon as the farm is being made larger, the manager is killed in the midst of it, and started again. */
  async #killManager(): Promise<void> {
    const { farm, clock, signal, scaling, decider } = this.#options;
    await this.#within(LONGEST_WAIT_FOR_GROWTH_MS, async () => scaling());
    const manager = farm.managers.find(({ pid }) => pid === decider()) ?? farm.managers[0]!;
    farm.forget(manager);
    manager.kill('SIGKILL');
    this.#did('managerKilled', { pid: manager.pid });
    await manager.ended;
    await sleep(clock, MANAGER_AWAY_MS, signal);
    this.#startManager();
  }

  #startManager(event = 'managerStarted'): void {
    const { farm, onManagerLost } = this.#options;
    const manager = farm.startManager();
    this.#did(event, { pid: manager.pid });
    manager.ended.then((how) => {
      if (farm.managers.includes(manager)) onManagerLost(how);
    });
  }
}
