/** The servers and processes of a soak, what can be done to them, and who starts again what has ended. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { SystemClock } from '../../../src/clock.ts';
import { openKafka } from '../../../src/log/kafka.ts';
import type { Log } from '../../../src/log/log.ts';
import { freePorts, type KafkaServer, type Server, startInflux, startKafka } from '../../servers/index.ts';
import { documentOf, Process } from '../faults/cluster.ts';
import { Disk } from './disk.ts';
import type { Fault } from './plan.ts';
import { CutProxy } from './proxy.ts';

export const NAME = 'soak';
export const MANAGERS = 3;
/** Whose network is cut, and whose disk is full. */
const BEHIND = 2;
const SMALL = 1;
/** A server that is restarted takes so long at most. */
const AGAIN_MS = 1_000;

export class System {
  readonly folder = mkdtempSync(join(tmpdir(), 'homeostat-soak-'));
  readonly effects = join(this.folder, 'effects');
  readonly processes: Process[] = [];
  /** Processes that ended without being told to. */
  readonly ended: string[] = [];
  kafka!: KafkaServer;
  influx!: Server;
  log!: Log;
  disk!: Disk;
  #proxy!: CutProxy;
  readonly #held = new Set<Process>();
  #supervising = true;
  #supervisor: Promise<void> = Promise.resolve();

  static async start(): Promise<System> {
    const system = new System();
    try {
      await system.#start();
    } catch (thrown) {
      await system.stop(false);
      throw thrown;
    }
    return system;
  }

  async #start(): Promise<void> {
    const [before] = (await freePorts(1)) as [number];
    this.kafka = await startKafka({ listeners: { BEHIND: 'PLAINTEXT' }, advertised: { BEHIND: before } });
    this.#proxy = new CutProxy(before, () => this.kafka.portOf('BEHIND'));
    this.influx = await startInflux();
    this.log = await openKafka({
      kafka: { brokers: [this.kafka.broker] },
      secrets: { environment: {}, directory: '.' },
      clock: new SystemClock(),
      log: pino({ level: 'silent' }),
    });
    const influx = `http://127.0.0.1:${this.influx.port}`;
    for (let i = 0; i < MANAGERS; i++) {
      const broker = i === BEHIND ? `127.0.0.1:${before}` : this.kafka.broker;
      const document = documentOf({ name: NAME, broker, effects: this.effects, influx, takes: 0.3 });
      this.processes.push(new Process(`m${i + 1}`, join(this.folder, `m${i + 1}`), document));
    }
    this.disk = new Disk(join(this.processes[SMALL]!.folder, '.homeostat'));
    for (const process of this.processes) process.start();
    this.#supervisor = this.#supervise();
  }

  /** Starts again what has ended, as the supervisor of a machine does. */
  async #supervise(): Promise<void> {
    for (; this.#supervising; await wait(500)) {
      for (const process of this.processes) {
        if (process.runs || this.#held.has(process)) continue;
        this.ended.push(`${new Date().toISOString()} ${process.name}: ${process.log().trimEnd().split('\n').at(-1)?.slice(0, 400)}`);
        process.start();
      }
    }
  }

  /** Who carries out commands: it was the last to say that it works. */
  #acting(): Process {
    const since = (process: Process) =>
      [...process.log().matchAll(/"time":"?([^",]+)"?[^\n]*the agent works/g)]
        .map(([, time]) => Number(time) || Date.parse(time!))
        .at(-1) ?? 0;
    return [...this.processes].sort((a, b) => since(b) - since(a))[0]!;
  }

  /** How often something stands in the logs of all processes. */
  said(text: string): number {
    return this.processes.reduce((sum, process) => sum + process.log().split(text).length - 1, 0);
  }

  /** Does a fault and mends it, and says what was done. */
  async suffer({ kind, which, ms, silent }: Fault): Promise<string> {
    const process = this.processes[which] ?? this.#acting();
    switch (kind) {
      case 'kill a manager':
        this.#held.add(process);
        await process.end('SIGKILL');
        await wait(ms);
        process.start();
        this.#held.delete(process);
        return `${process.name}, started again after ${ms} ms`;
      case 'freeze a manager':
        process.signal('SIGSTOP');
        await wait(ms);
        process.signal('SIGCONT');
        return `${process.name} for ${ms} ms`;
      case 'restart the broker':
        await this.kafka.restart();
        return '';
      case 'kill the broker':
        await this.kafka.kill();
        await wait(ms);
        await this.kafka.restart();
        return `for ${ms} ms`;
      case 'restart InfluxDB':
        await this.influx.restart();
        return '';
      case 'kill InfluxDB':
        await this.influx.kill();
        await wait(ms + AGAIN_MS);
        await this.influx.restart();
        return `for ${ms + AGAIN_MS} ms`;
      case 'cut the network':
        this.#proxy.cut(silent ? 'silent' : 'refused');
        await wait(ms);
        this.#proxy.mend();
        return `of ${this.processes[BEHIND]!.name} for ${ms} ms, ${silent ? 'without a word' : 'connections refused'}`;
      case 'fill the disk':
        this.disk.fill();
        await wait(ms);
        this.disk.free();
        return `of ${this.processes[SMALL]!.name} for ${ms} ms`;
    }
  }

  /** Resident memory of each process, MB. */
  memory(): number[] {
    return this.processes.map(({ pid, runs }) =>
      runs ? Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024) : 0,
    );
  }

  /** How many points InfluxDB has of a measurement, counted by a field that each has. */
  async points(measurement: string, field: string): Promise<number> {
    const query = `SELECT count("${field}") FROM "${measurement}" WHERE time > now() - 1d`;
    const url = `http://127.0.0.1:${this.influx.port}/query?db=${NAME}&q=${encodeURIComponent(query)}`;
    const answer = (await (await fetch(url)).json()) as { results: { series?: { values: [string, number][] }[] }[] };
    return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
  }

  async stop(keep: boolean): Promise<void> {
    this.#supervising = false;
    await this.#supervisor;
    for (const process of this.processes) await process.end('SIGKILL');
    this.#proxy?.close();
    await this.log?.close().catch(() => {});
    await this.influx?.stop();
    await this.kafka?.stop();
    this.disk?.unmount();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}
