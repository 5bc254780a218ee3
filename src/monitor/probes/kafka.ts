/** The kafka probe: values from a topic of JSON, of any cluster. Its group remembers how far it has read. */

import type { Cancel } from '../../clock.ts';
import { type Static, Type } from '../../documents/schema.ts';
import { KafkaDocument, SaslDocument, TlsDocument } from '../../documents/services.ts';
import { messageOf } from '../../errors.ts';
import type { Log, Membership, ReadRecord } from '../../log/log.ts';
import { checkRecords, RecordOptions, recordReader } from './kafka-records.ts';
import type { Probe, ProbeContext, ProbeKind, ProbeSink, Sample } from './probe.ts';

const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });
const { brokers } = KafkaDocument.properties;

const Options = Type.Object(
  {
    brokers: described(brokers, 'brokers of the cluster to ask first, as host:port'),
    tls: Type.Optional(
      described(TlsDocument, 'encrypts the connection, as in services.kafka.tls; {} trusts the authorities that Node trusts'),
    ),
    sasl: Type.Optional(
      described(SaslDocument, 'who we are, as in services.kafka.sasl; secrets as { "env": "NAME" } or { "file": "path" }'),
    ),
    topic: Type.String({ minLength: 1, maxLength: 249, pattern: '^[A-Za-z0-9._-]+$', description: 'the topic' }),
    group: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'the group that it reads as: its position is kept by the brokers. Made from element and name if not given',
      }),
    ),
    from: Type.Optional(
      Type.Union([Type.Literal('start'), Type.Literal('end')], {
        description: 'where a group begins that has no position yet; end if not given',
      }),
    ),
    ...RecordOptions,
  },
  { additionalProperties: false },
);
type Options = Readonly<Static<typeof Options>>;

/** Opens the log of a cluster; what it has to say of its connection goes to `trouble`. */
export type OpenLog = (options: Options, context: ProbeContext, trouble: (reason: string) => void) => Promise<Log>;

const SESSION_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** How often the position is noted. What came since is read again after a crash, and known again by source and time. */
const NOTE_MS = 5_000;
const EXCERPT = 500;

export const kafkaKind: ProbeKind<Options> = {
  kind: 'kafka',
  description: 'values from a topic of JSON documents, of any Kafka cluster',
  options: Options,
  templates: ['elementFrom'],
  create: (options, context) => kafkaProbe(options, context, openCluster),
};

/** With another way to open the log, for tests. @throws HomeostatError H007 */
export function kafkaProbe(options: Options, context: ProbeContext, open: OpenLog): Probe {
  checkRecords(options, context.name);
  return new Reader(options, context, open);
}

/** Kafka's client is loaded when the first probe of the kind begins: most managers have none. */
const openCluster: OpenLog = async ({ brokers, tls, sasl }, { clock, directory, environment, name }, trouble) => {
  const { openKafka } = await import('../../log/kafka.ts');
  const say = (details: object, message: string) => trouble(`${message}${reasonIn(details)}`);
  const log = { debug() {}, info() {}, warn: say, error: say };
  const kafka = { brokers, ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
  return openKafka({ kafka, secrets: { directory, environment }, clock, log, clientId: `homeostat-${name}` });
};

const reasonIn = (details: object): string => ('reason' in details ? ` (${String(details.reason)})` : '');

class Reader implements Probe {
  readonly #options: Options;
  readonly #context: ProbeContext;
  readonly #open: OpenLog;
  readonly #read: (record: ReadRecord) => ReturnType<ReturnType<typeof recordReader>>;
  readonly #startedAt: number;
  #sink!: ProbeSink;
  #cancel: Cancel = () => {};
  #log: Log | undefined;
  #membership: Membership | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Where reading goes on, by partition; and as it was when positions were last noted. */
  #next = new Map<number, number>();
  /** Partitions that begin at their end, and of which nothing has come yet. */
  #atEnd = new Set<number>();
  #trouble: string | undefined;
  #failing = false;
  #noting = false;
  #closed = false;

  constructor(options: Options, context: ProbeContext, open: OpenLog) {
    this.#options = options;
    this.#context = context;
    this.#open = open;
    this.#read = recordReader(options);
    this.#startedAt = context.clock.now();
  }

  follow(sink: ProbeSink): void {
    this.#sink = sink;
    this.#running = this.#connect(FIRST_PAUSE_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#running.catch(() => {});
    await this.#note();
    await this.#leave();
  }

  /** Tries until it is a member: brokers that are away, or a topic that is not there yet, must not end the manager. */
  async #connect(pauseMs: number): Promise<void> {
    const { topic, group = `homeostat.${this.#context.element}.${this.#context.name}` } = this.#options;
    try {
      this.#log = await this.#open(this.#options, this.#context, (reason) => {
        this.#trouble = reason;
      });
      if (this.#closed) return await this.#leave();
      let joined: ((membership: Membership) => void) | undefined;
      const membership = new Promise<Membership>((resolve) => {
        joined = resolve;
      });
      this.#membership = await this.#log.join(
        { group, topics: [topic], spread: 'share', sessionMs: SESSION_MS },
        {
          assigned: (partitions) => void membership.then((own) => this.#begin(own, partitions)),
          records: (_topic, partition, records, next, end) => this.#take(partition, records, next, end),
          lost: (reason) => {
            this.#next.clear();
            this.#trouble = `its place in group ${group} is lost: ${reason}`;
          },
        },
      );
      joined?.(this.#membership);
      this.#fine();
      this.#watch();
    } catch (thrown) {
      this.#fail(`topic ${topic}: ${messageOf(thrown)}`);
      await this.#leave();
      if (this.#closed) return;
      this.#cancel = this.#context.clock.after(pauseMs, () => {
        this.#running = this.#connect(Math.min(LONGEST_PAUSE_MS, pauseMs * 2));
      });
    }
  }

  /** Our partitions: each goes on where its group was. */
  async #begin(membership: Membership, partitions: readonly number[]): Promise<void> {
    this.#next.clear();
    this.#atEnd.clear();
    const { topic, from = 'end' } = this.#options;
    for (const partition of partitions) {
      try {
        const { [topic]: noted } = await membership.noted(partition);
        if (this.#closed) return;
        if (noted === undefined && from === 'end') this.#atEnd.add(partition);
        membership.seek(topic, partition, noted ?? 0);
      } catch (thrown) {
        this.#fail(`topic ${topic}, partition ${partition}: ${messageOf(thrown)}`);
      }
    }
  }

  #take(partition: number, records: readonly ReadRecord[], next: number, end: number): void {
    if (this.#closed) return;
    const { topic } = this.#options;
    const first = records[0];
    if (this.#atEnd.delete(partition) && first !== undefined && first.time < this.#startedAt) {
      // What was there before us is not asked for: go on behind it.
      this.#next.set(partition, end);
      this.#membership?.seek(topic, partition, end);
      return;
    }
    const samples: Sample[] = [];
    for (const record of records) {
      const { samples: own, wrong } = this.#read(record);
      for (const sample of own) samples.push(sample);
      if (wrong !== undefined)
        this.#sink.rejected(`${topic}/${partition}@${record.offset}: ${wrong}`, (record.value ?? '').slice(0, EXCERPT));
    }
    this.#next.set(partition, next);
    this.#trouble = undefined;
    this.#failing = false;
    this.#sink.measured({ samples });
  }

  /** Looks now and then whether the group still knows us, and tells it how far we are. */
  #watch(): void {
    this.#cancel = this.#context.clock.after(NOTE_MS, () => {
      if (this.#membership?.alive === true) this.#fine();
      else this.#fail(this.#trouble ?? 'the brokers do not answer');
      // A broker that hangs holds up the note, and must not hold up the look.
      if (!this.#noting) {
        this.#noting = true;
        this.#running = this.#note().finally(() => {
          this.#noting = false;
        });
      }
      this.#watch();
    });
  }

  async #note(): Promise<void> {
    const { topic } = this.#options;
    const notes = [...this.#next].map(([partition, next]) => this.#membership?.note(partition, { [topic]: next }));
    await Promise.allSettled(notes);
  }

  async #leave(): Promise<void> {
    const [membership, log] = [this.#membership, this.#log];
    this.#membership = undefined;
    this.#log = undefined;
    await membership?.leave().catch(() => {});
    await log?.close().catch(() => {});
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.#failing = true;
    this.#sink.failed(reason);
  }

  #fine(): void {
    this.#trouble = undefined;
    if (!this.#failing || this.#closed) return;
    this.#failing = false;
    this.#sink.measured({ samples: [] });
  }
}
