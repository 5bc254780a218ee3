/** A chain of lives of one manager on one folder: each is killed, looked at and followed by the next; the last one must bring all to rest. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownedProcesses, signalProcess } from '../../src/execute/actuators/process-table.ts';
import { checkFolder, type Found } from './crash-checks.ts';
import type { Life, Point, Told } from './crash-points.ts';
import { System } from './crash-system.ts';

/** How a life ends: by itself at a passing of a fail point, or by a hand from outside at a moment. */
export type Kill = { readonly point: Point; readonly time: number } | { readonly afterMs: number };

/** The script moves on this often. */
const BEAT_MS = 50;
/** After so many steps of a life, what it found of earlier ones is known to it. */
const SETTLED_STEPS = 5;
/** A life that has not reached its fail point by then, or not come to rest, is taken for stuck. */
const STUCK_MS = 20_000;

export class Chain {
  readonly #program: string;
  readonly #random: () => number;
  readonly #system: System;
  readonly #folder: string;
  readonly #lives: ChildProcess[] = [];
  #wanted = 2;
  #calm = false;
  #beats = 0;
  /** Steps that the present life has told of. */
  #told = 0;
  readonly #timer: NodeJS.Timeout;

  private constructor(program: string, random: () => number, system: System) {
    this.#program = program;
    this.#random = random;
    this.#system = system;
    this.#folder = join(system.folder, '.homeostat');
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS);
  }

  /** `program`: the compiled crash-manager. `random`: in [0, 1), from a seed. */
  static async begin(program: string, random: () => number): Promise<Chain> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-crash-')));
    return new Chain(program, random, await System.make(folder));
  }

  get folder(): string {
    return this.#system.folder;
  }

  /** One life to its sudden end, and what is found afterwards. @throws if anything is wrong with it */
  async kill(kill: Kill): Promise<Found> {
    const child = this.#spawn('point' in kill ? kill : null);
    const stop = 'point' in kill ? undefined : setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
    const stuck = setTimeout(() => child.kill('SIGTERM'), STUCK_MS);
    const end = await once(child, 'exit');
    clearTimeout(stop);
    clearTimeout(stuck);
    assert.deepEqual([...end], [null, 'SIGKILL'], `the life did not end by ${JSON.stringify(kill)}`);
    return this.#look();
  }

  /** The last life: it comes to rest at the wanted size, and is stopped. */
  async rest(): Promise<Found> {
    this.#calm = true;
    const child = this.#spawn(null);
    const stuck = setTimeout(() => child.kill('SIGKILL'), STUCK_MS);
    let last: Told | undefined;
    const rested = new Promise<void>((resolve) => {
      child.on('message', (told: Told) => {
        last = told;
        if (this.#isAtRest(told)) resolve();
      });
    });
    const exit = once(child, 'exit');
    await Promise.race([rested, exit]);
    if (child.exitCode === null && child.signalCode === null) child.send('stop');
    const end = await exit;
    clearTimeout(stuck);
    assert.deepEqual([...end], [0, null], `the manager did not come to rest and stop; it told last: ${JSON.stringify(last)}`);
    const named = ({ element, pid }: { element: string; pid: number | null }) => `${element} ${pid}`;
    const live = Array.from(await ownedProcesses(this.#folder), named).sort();
    const known = Array.from(last?.members ?? [], named).sort();
    assert.deepEqual(live, known, 'the processes are those that the model knows, by pid');
    return this.#look();
  }

  /** Ends all that this chain has started. `keep`: its folder stays, to be looked at. */
  async end(keep = false): Promise<void> {
    clearInterval(this.#timer);
    for (const child of this.#lives) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    for (let live = await ownedProcesses(this.#folder); live.length > 0; live = await ownedProcesses(this.#folder)) {
      for (const each of live) signalProcess(each, this.#folder, 'SIGKILL');
    }
    await this.#system.close();
    if (!keep) rmSync(this.#system.folder, { recursive: true, force: true });
  }

  #spawn(dieAt: Life['dieAt']): ChildProcess {
    const life: Life = { file: this.#system.file, commits: join(this.#system.folder, 'commits'), dieAt };
    const env = { PATH: process.env.PATH ?? '' };
    const child = spawn(process.execPath, [this.#program, JSON.stringify(life)], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#lives.push(child);
    this.#told = 0;
    child.on('message', () => this.#told++);
    child.once('exit', () => {
      this.#told = 0;
    });
    return child;
  }

  #isAtRest({ wanted, beat, members, inFlight }: Told): boolean {
    return (
      wanted === this.#wanted &&
      beat === 0 &&
      inFlight === 0 &&
      members.length === wanted &&
      members.every((m) => m.state === 'running' && m.pid !== null)
    );
  }

  /** The script: the beat goes on, the wanted size changes now and then, and now and then a process dies. */
  async #beat(): Promise<void> {
    this.#beats++;
    if (!this.#calm && this.#beats % 8 === 0) this.#wanted = 1 + Math.floor(this.#random() * 4);
    this.#system.say(this.#wanted, this.#calm ? 0 : this.#beats % 3);
    // A process that ends between its start and the mark of it, with the manager dead, may be started again (docs/recovery.md).
    if (this.#calm || this.#beats % 14 !== 0 || this.#told < SETTLED_STEPS) return;
    const live = await ownedProcesses(this.#folder);
    const victim = live[Math.floor(this.#random() * live.length)];
    if (victim !== undefined && !this.#calm) signalProcess(victim, this.#folder, 'SIGKILL');
  }

  #look(): Promise<Found> {
    return checkFolder(this.#folder, join(this.#system.folder, 'commits'), this.#system.effects());
  }
}
