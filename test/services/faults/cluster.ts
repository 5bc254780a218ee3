/** Real processes of Homeostat on a real broker, to be killed, frozen and cut off, with elements that count what is done to them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log, Writer } from '../../../src/log/log.ts';
import { encodeBatch } from '../../../src/services/batch-format.ts';
import { partitionOf, topicNames } from '../../../src/services/topics.ts';
import { watchdog } from '../../servers/process.ts';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const EFFECT = fileURLToPath(new URL('effect.sh', import.meta.url));

export const PARTITIONS = 4;

/** One domain for each partition. */
export function domains(): string[] {
  const found: string[] = [];
  for (let i = 0; found.filter(Boolean).length < PARTITIONS; i++) found[partitionOf(`farm${i}`, PARTITIONS)] ??= `farm${i}`;
  return found;
}

/**
 * Each alarm is one command. `mark` cannot be asked for, and is not repeated: where its executor dies, its outcome is unknown.
 * `tally` can be asked for by its id.
 */
export function documentOf(options: {
  readonly name: string;
  readonly broker: string;
  readonly effects: string;
  readonly influx?: string;
  /** How long an effect takes, s. */
  readonly takes?: number;
}): object {
  const { name, broker, effects, influx, takes = 0.05 } = options;
  const command = (actuator: string) => ({ actuator, resource: actuator, idempotent: false, deadline: '60s' });
  return {
    domain: 'faults',
    mode: 'act',
    types: {
      farm: {},
      server: {
        properties: Object.fromEntries(['load', 'alarm', 'bell'].map((property) => [property, { stale: 'never' }])),
        commands: { mark: command('plain'), tally: command('asked') },
      },
    },
    elements: Object.fromEntries(
      domains().flatMap((d) => [[d, { type: 'farm' }], ...[1, 2, 3].map((n) => [`${d}/s${n}`, { type: 'server' }])]),
    ),
    actuators: {
      plain: { kind: 'exec', run: ['sh', EFFECT, effects, String(takes)] },
      asked: { kind: 'exec', run: ['sh', EFFECT, effects, String(takes)], inquire: { run: ['sh', EFFECT, effects, 'inquire'] } },
    },
    policies: ['rules.json'],
    api: { port: 0 },
    services: { name, partitions: PARTITIONS, session: '6s', kafka: { brokers: [broker] } },
    ...(influx === undefined ? {} : { history: { influx: { url: influx, database: name } } }),
  };
}

const answer = (fact: string, command: string) => ({
  name: `answer-the-${fact}`,
  scope: { type: 'server' },
  priority: 100,
  conditions: { all: [{ fact, operator: 'greaterThan', value: 0 }] },
  actions: [{ command, params: { of: { fact } } }],
});
const RULES = { policies: [answer('alarm', 'mark'), answer('bell', 'tally')] };

/** A process of Homeostat with a folder of its own, as a machine has, or one that it shares. */
export class Process {
  readonly name: string;
  readonly folder: string;
  readonly logFile: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** Where the log of this life begins. */
  #begins = 0;

  constructor(name: string, folder: string, document: object) {
    this.name = name;
    this.folder = folder;
    this.logFile = join(folder, `${name}.log`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(document));
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(RULES));
    writeFileSync(this.logFile, '');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    this.#begins = this.log().length;
    const out = openSync(this.logFile, 'a');
    this.#child = spawn(process.execPath, [MAIN, 'run', '--log-level', 'info'], { cwd: this.folder, stdio: ['ignore', out, out] });
    this.#ended = once(this.#child, 'exit');
    const guard = watchdog(this.#child.pid!);
    void this.#ended.then(() => guard.stdin!.end('done\n'));
    closeSync(out);
  }

  signal(name: NodeJS.Signals): void {
    if (this.runs) this.#child!.kill(name);
  }

  async end(name: NodeJS.Signals): Promise<void> {
    this.signal('SIGCONT');
    this.signal(name);
    await this.#ended;
  }

  /** What it has logged in this life. */
  life(): string {
    return this.log(this.#begins);
  }

  /** What it has logged from a place on. */
  log(from = 0): string {
    return readFileSync(this.logFile, 'utf8').slice(from);
  }
}

/** Waits until something holds. @throws Error with `what` if it does not within so many ms */
export async function until(what: string, withinMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await wait(100)) if (await holds()) return;
  throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
}

/** Alarms for all domains in turn, each raised and then lowered, until it is told to stop. What the broker does not take is left out, as a probe would. */
export class Load {
  readonly #names;
  readonly #writer: Writer;
  #stopped = false;
  #number = 0;
  failed = 0;
  readonly #loop: Promise<void>;

  private constructor(name: string, writer: Writer, everyMs: number) {
    this.#names = topicNames(name);
    this.#writer = writer;
    this.#loop = this.#run(everyMs);
  }

  static async start(log: Log, name: string, everyMs: number): Promise<Load> {
    return new Load(name, await log.writer(), everyMs);
  }

  get sent(): number {
    return this.#number;
  }

  async #run(everyMs: number): Promise<void> {
    const all = domains();
    while (!this.#stopped) {
      const n = ++this.#number;
      const partition = n % PARTITIONS;
      const element = `${all[partition]}/s${1 + (Math.floor(n / PARTITIONS) % 3)}`;
      const about = { element, time: Date.now(), source: 'faults' };
      const property = Math.floor(n / PARTITIONS / 3) % 2 === 0 ? 'alarm' : 'bell';
      const values = Array.from({ length: 20 }, (_, i) => ({
        ...about,
        time: about.time + i / 1_000,
        property: 'load',
        value: (n + i) % 100,
      }));
      const raised = Math.floor(n / PARTITIONS / 6) % 2 === 0;
      const value = encodeBatch([...values, { ...about, property, value: raised ? n : 0 }]);
      this.#writer.write([{ topic: this.#names.observations, partition, key: null, value }]).catch(() => this.failed++);
      await wait(everyMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await this.#writer.close().catch(() => {});
  }
}
