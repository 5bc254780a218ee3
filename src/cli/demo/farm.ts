/** The running farm: balancer, load generator and manager, and what the script may ask of them and do to them. */
import { join } from 'node:path';
import { type Clock, sleep } from '../../clock.ts';
import { HomeostatError } from '../../errors.ts';
import { callJson } from './call.ts';
import { type Child, endWithUs, startNode } from './child.ts';
import { leftServers } from './left.ts';
import { LIFETIME_MS, type Place } from './place.ts';
import { device } from './services.ts';

/** A server as the balancer knows it, at the balancer's `time`. */
export interface ServerView {
  readonly time: number;
  readonly port: number;
  readonly listed: boolean;
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly pending: number;
}

export interface LoadView {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  readonly pending: number;
  readonly rate: number;
}

export interface FarmOptions {
  readonly place: Place;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  /** What starts Homeostat: its compiled command line. */
  readonly homeostat: string;
}

const LOOK_EVERY_MS = 20;

export class Farm {
  readonly place: Place;
  readonly #options: FarmOptions;
  readonly #children: Child[] = [];
  /** The managers that run; over Kafka there are two. */
  readonly managers: Child[] = [];
  #device: { stop(): Promise<void> } | undefined;

  constructor(options: FarmOptions) {
    this.place = options.place;
    this.#options = options;
  }

  /** Starts balancer and load generator; the generator is silent until it is given a rate. */
  async start(): Promise<void> {
    const { place } = this;
    const log = (name: string) => join(place.raw, `${name}${place.site}.jsonl`);
    const lifetime = ['--lifetime-ms', String(LIFETIME_MS)];
    const { balancer, load } = place.ports;
    this.#start(
      [place.program('balancer'), '--port', String(balancer), '--log', log('balancer'), ...lifetime],
      `balancer${place.site}.out`,
    );
    this.#start(
      [place.program('load'), '--port', String(load), '--target', String(balancer), '--log', log('load'), ...lifetime],
      `load${place.site}.out`,
    );
    await this.until('balancer and load generator answer', 10_000, async () => {
      await Promise.all([this.load(), this.servers()]);
      return true;
    });
    if (place.servers !== undefined) this.#device = device(place.servers, balancer, this.#options.clock);
  }

  startManager(): Child {
    const { homeostat } = this.#options;
    const manager = this.#start([homeostat, 'run', this.place.managerFile], 'manager.log');
    endWithUs(manager);
    this.managers.push(manager);
    return manager;
  }

  #start(args: readonly string[], output: string): Child {
    const { clock, environment } = this.#options;
    const child = startNode(args, { cwd: this.place.folder, environment, clock, output: join(this.place.folder, output) });
    this.#children.push(child);
    return child;
  }

  /** Asks again until the answer is true. What fails meanwhile counts as false. @throws HomeostatError H305 when the time is up. */
  async until(what: string, withinMs: number, look: () => Promise<boolean>, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const latest = clock.now() + withinMs;
    for (;;) {
      if (await look().catch(() => false)) return;
      if (clock.now() >= latest) throw new HomeostatError('H305', `not within ${withinMs / 1_000} s: ${what}`);
      await sleep(clock, LOOK_EVERY_MS, signal);
    }
  }

  setRate = (rate: number): Promise<unknown> =>
    callJson(`http://127.0.0.1:${this.place.ports.load}/rate`, { method: 'PUT', body: { rate } });
  load = (): Promise<LoadView> => callJson(`http://127.0.0.1:${this.place.ports.load}/stats`);
  server = (port: number): Promise<ServerView> => callJson(`http://127.0.0.1:${this.place.ports.balancer}/admin/servers/${port}`);

  async servers(): Promise<readonly ServerView[]> {
    const url = `http://127.0.0.1:${this.place.ports.balancer}/admin/servers`;
    return (await callJson<{ servers: readonly ServerView[] }>(url)).servers;
  }

  /** The process that serves on a port, by its own word. */
  async pidOf(port: number): Promise<number> {
    return (await callJson<{ pid: number }>(`http://127.0.0.1:${port}/health`)).pid;
  }

  /** It is none of those that run any more: whatever ends it is no surprise. */
  forget(manager: Child): void {
    const at = this.managers.indexOf(manager);
    if (at >= 0) this.managers.splice(at, 1);
  }

  async stopManagers(): Promise<void> {
    await Promise.all(this.managers.splice(0).map((manager) => manager.stop(15_000)));
    await this.#device?.stop();
    this.#device = undefined;
  }

  /** Ends all that belongs to the run, servers included, and resolves when nothing of it is left. */
  async end(): Promise<void> {
    // The manager first: it would replace the servers.
    await this.stopManagers();
    await Promise.all(this.#children.map((child) => child.stop(2_000)));
    const { clock } = this.#options;
    const latest = clock.now() + 5_000;
    for (let left = await leftServers(this.place.folder); left.length > 0; left = await leftServers(this.place.folder)) {
      for (const pid of left) killIfThere(pid);
      if (clock.now() >= latest) throw new HomeostatError('H402', `processes ${left.join(', ')} do not end`);
      await sleep(clock, LOOK_EVERY_MS);
    }
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
