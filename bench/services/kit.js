/** What the benchmarks over real servers share: servers, processes of Homeostat, domains spread over all partitions, a producer, and those who listen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import kafkajs from 'kafkajs';
import pino from 'pino';
import { SystemClock } from '../../dist/clock.js';
import { openKafka } from '../../dist/log/kafka.js';
import { encodeBatch } from '../../dist/services/batch-format.js';
import { Joiner } from '../../dist/services/pieces.js';
import { partitionOf, topicNames } from '../../dist/services/topics.js';
import { decodeOrder, decodeStep } from '../../dist/services/wire.js';
import { startInflux, startKafka } from '../../test/servers/index.ts';
import { policies, random } from '../farm.js';

const { Kafka, logLevel } = kafkajs;
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const clock = new SystemClock();
export const PARTITIONS = 8;
const quiet = pino({ level: 'silent' });

/** Names of domains, as many for each partition. */
export function domains(each = 1, partitions = PARTITIONS) {
  const found = Array.from({ length: partitions }, () => []);
  for (let i = 0; found.some((list) => list.length < each); i++) {
    const name = `farm${i}`;
    const list = found[partitionOf(name, partitions)];
    if (list.length < each) list.push(name);
  }
  return found.flat();
}

export const ALARM = {
  name: 'answer-the-alarm',
  scope: { type: 'server' },
  priority: 100,
  conditions: { all: [{ fact: 'alarm', operator: 'greaterThan', value: { fact: 'answered' } }] },
  cooldown: '10ms',
  actions: [{ command: 'answer', params: { to: { fact: 'alarm' } } }],
};

const PROPERTIES = Array.from({ length: 10 }, (_, i) => `p${i}`);

/** Servers with ten properties in each domain, a hundred policies of three comparisons, and an alarm that is answered once. */
export function farm({ name, broker, influx, each, perDomain, rules = 100, session = '6s' }) {
  const names = domains(each);
  const ids = names.flatMap((domain) => Array.from({ length: perDomain }, (_, i) => `${domain}/s${String(i).padStart(5, '0')}`));
  const document = {
    domain: 'bench',
    mode: 'act',
    types: {
      farm: {},
      server: {
        properties: {
          ...Object.fromEntries([...PROPERTIES, 'alarm'].map((p) => [p, { stale: 'never' }])),
          answered: { initial: 0, stale: 'never' },
        },
        commands: {
          note: { actuator: 'log', resource: 'note', idempotent: true },
          // An alarm is over when it has been answered.
          answer: { actuator: 'sink', property: 'answered', resource: 'answered', idempotent: true },
        },
      },
    },
    elements: Object.fromEntries([...names.map((domain) => [domain, { type: 'farm' }]), ...ids.map((id) => [id, { type: 'server' }])]),
    actuators: { sink: { kind: 'set' } },
    policies: ['rules.json'],
    api: { port: 0 },
    services: { name, partitions: PARTITIONS, session, kafka: { brokers: [broker] } },
    ...(influx === undefined ? {} : { history: { influx: { url: influx, database: name } } }),
  };
  return { document, rules: { policies: [...policies(rules).map((policy) => ({ ...policy, cooldown: '30s' })), ALARM] }, ids };
}

/** The servers, and what must be ended in the end. */
export class Kit {
  #ends = [];
  #started = 0;
  #admin;
  processes = [];

  async servers({ influx = false } = {}) {
    this.kafka = await startKafka({ heap: 512 });
    this.#ends.push(() => this.kafka.stop());
    if (influx) {
      this.influx = await startInflux();
      this.#ends.push(() => this.influx.stop());
    }
    this.log = await openKafka({
      kafka: { brokers: [this.kafka.broker] },
      secrets: { environment: {}, directory: '.' },
      clock,
      log: quiet,
    });
    this.#ends.push(() => this.log.close());
    this.folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
    this.#ends.push(async () => rmSync(this.folder, { recursive: true, force: true }));
    return this;
  }

  /** A manager file of one cluster; processes of it are started one by one. */
  cluster(name, options) {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    const influx = options.influx ? `http://127.0.0.1:${this.influx.port}` : undefined;
    const { document, rules, ids } = farm({ ...options, name, broker: this.kafka.broker, influx });
    writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(document));
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(rules));
    return { name, folder, ids, topics: topicNames(name), perDomain: options.perDomain };
  }

  start({ folder }) {
    const file = join(folder, `manager-${++this.#started}.log`);
    const out = openSync(file, 'a');
    const child = spawn(
      process.execPath,
      ['--max-semi-space-size=32', ...(process.env.BENCH_NODE ?? '').split(' ').filter(Boolean), MAIN, 'run', '--log-level', 'info'],
      {
        cwd: folder,
        stdio: ['ignore', out, out],
      },
    );
    const ended = once(child, 'exit');
    const process_ = { pid: child.pid, child, ended, file };
    this.processes.push(process_);
    return process_;
  }

  async stop(one, signal = 'SIGTERM') {
    this.processes = this.processes.filter((other) => other !== one);
    one.child.kill(signal);
    await one.ended;
  }

  async end() {
    for (const one of [...this.processes]) await this.stop(one, 'SIGKILL');
    for (const end of this.#ends.reverse()) await end().catch(() => {});
  }

  /** Follows a topic from its end on. */
  async follow(topic, take) {
    const member = {
      assigned: (partitions) => this.#seekEnds(membership, topic, partitions),
      records: (_topic, partition, records) => take(partition, records),
      lost: () => {},
    };
    let membership;
    const early = [];
    membership = { seek: (...place) => early.push(place) };
    const joined = await this.log.join(
      { group: `bench.${topic}.${process.hrtime.bigint()}`, topics: [topic], spread: 'share', sessionMs: 10_000 },
      member,
    );
    membership = joined;
    await wait(500);
    for (const place of early) joined.seek(...place);
    return () => joined.leave();
  }

  async #seekEnds(membership, topic, partitions) {
    const ends = await this.ends(topic);
    for (const partition of partitions) membership.seek(topic, partition, ends[partition]);
  }

  /** By partition: the offset that the next record gets. */
  async ends(topic) {
    this.#admin ??= await this.#connectAdmin();
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
  }

  async #connectAdmin() {
    const admin = new Kafka({ brokers: [this.kafka.broker], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    this.#ends.push(() => admin.disconnect());
    return admin;
  }

  /** When each partition last stepped, and how far it has read its observations; told by its own records. */
  async steps({ topics }) {
    const seen = new Map();
    const each = [];
    const joiners = Array.from({ length: PARTITIONS }, () => new Joiner());
    const stop = await this.follow(topics.steps, (partition, records) => {
      for (const record of records) {
        const whole = joiners[partition].take(record);
        if (whole === undefined) continue;
        const { step, now, next } = decodeStep(whole.text);
        const at = clock.now();
        seen.set(partition, { step, now, at, next: next[topics.observations] ?? 0 });
        for (const listener of each) listener(partition, step, at, now);
      }
    });
    return { seen, onStep: (listener) => each.push(listener), stop };
  }

  /** Commands as an agent reads them: committed, with their step. */
  commands({ topics }, take) {
    return this.follow(topics.commands, (_partition, records) => {
      for (const { value } of records) {
        const order = value === null ? undefined : decodeOrder(value);
        if (order?.kind === 'command') take(order.wire.command);
      }
    });
  }

  /** Waits until every partition has made a step with a manager. */
  async ready(cluster, withinMs = 60_000) {
    const began = clock.now();
    for (let p = 0; p < PARTITIONS; p++) {
      for (;;) {
        let last;
        await this.log
          .read(cluster.topics.steps, p, 0, (records) => {
            last = records.at(-1) ?? last;
          })
          .catch(() => {});
        if (last !== undefined) break;
        if (clock.now() - began > withinMs)
          throw new Error(
            `partition ${p} of ${cluster.name} makes no step; its processes said:\n${logsOf(cluster.folder).join('').slice(-3_000)}`,
          );
        await wait(100);
      }
    }
  }
}

/** Measurements as machines give them, in messages for each partition. */
export class Producer {
  #values;
  #next;
  #ids;
  #lists;

  constructor(writer, { ids, topics }, seed = 3) {
    this.writer = writer;
    this.topics = topics;
    this.#next = random(seed);
    this.#ids = ids;
    this.#lists = Array.from({ length: PARTITIONS }, (_, p) => ids.filter((id) => partitionOf(id.split('/')[0], PARTITIONS) === p));
    /** Those that have elements. */
    this.partitions = this.#lists.flatMap((list, p) => (list.length > 0 ? [p] : []));
    this.#values = new Map(ids.map((id) => [id, PROPERTIES.map(() => this.#next() * 100)]));
    this.sent = 0;
  }

  /** So many observations of the elements of one partition, as one message. */
  message(partition, count, time) {
    const list = this.#lists[partition];
    const observations = [];
    for (let i = 0; i < count; i++) {
      const element = list[Math.floor(this.#next() * list.length)];
      const p = Math.floor(this.#next() * PROPERTIES.length);
      const values = this.#values.get(element);
      const moved = values[p] + (this.#next() - 0.5) * 2;
      values[p] = moved < 0 ? -moved : moved > 100 ? 200 - moved : moved;
      observations.push({
        element,
        property: PROPERTIES[p],
        value: Math.round(values[p] * 10) / 10,
        time: time + i / 1_000,
        source: 'bench',
        everyMs: 1_000,
      });
    }
    return observations;
  }

  record(partition, observations) {
    this.sent += observations.length;
    return { topic: this.topics.observations, partition, key: null, value: encodeBatch(observations) };
  }

  alarm(number, time) {
    const element = this.#ids[number % this.#ids.length];
    return this.record(partitionOf(element.split('/')[0], PARTITIONS), [
      { element, property: 'alarm', value: number, time, source: 'bench' },
    ]);
  }
}

export const percentile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
/** What a process has for itself, MB: without the pages of the copy on its disk, which the system takes back when it wants. */
export const memoryOf = (pid) => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
/** CPU time of a process, s. */
export const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
export const logsOf = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
export { wait };
