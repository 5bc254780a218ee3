/** The mqtt probe: values, and signs of life, from the topics of devices. */

import type { Cancel } from '../../clock.ts';
import { type Static, Type } from '../../documents/schema.ts';
import { durationMs } from '../../duration.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { Name } from '../../messages.ts';
import type { Arrived } from '../../mqtt/frames.ts';
import { Liveness } from '../../mqtt/liveness.ts';
import { MessageReader, mappingOptions } from '../../mqtt/mapping.ts';
import { LifeOptions, LifeReader } from '../../mqtt/online.ts';
import { Appearing, AppearOptions } from './appearing.ts';
import { at, POINTER_PATTERN } from './pointer.ts';
import type { Probe, ProbeContext, ProbeKind, ProbeSink, Sample } from './probe.ts';

const Options = Type.Object(
  {
    ...mappingOptions,
    connection: Type.Optional({ ...Name, description: 'the connection, under mqtt.connections; that of mqtt.url if not given' }),
    qos: Type.Optional(
      Type.Union([Type.Literal(0), Type.Literal(1)], {
        description:
          '0: what the broker cannot deliver in time is lost, as telemetry may be; 1: it is kept while we are away, as long as mqtt.session says. 0 if not given',
      }),
    ),
    appear: Type.Optional(AppearOptions),
    online: Type.Optional(LifeOptions),
    bootFrom: Type.Optional(
      Type.String({
        pattern: POINTER_PATTERN,
        description: 'JSON pointer of the id of the device’s life, another at each of its starts: needs online',
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Readonly<Static<typeof Options>>;
export type MqttProbeOptions = Options;

const DEFAULT_ONLINE = 'online';
/** Elements whose signs of life one probe watches. */
const WATCHED = 100_000;
/** Messages whose samples are handed on together: those that were read from the network at once. */
const TOGETHER = 256;

export const mqttKind: ProbeKind<Options> = {
  kind: 'mqtt',
  description: 'values and signs of life that devices publish to an MQTT broker',
  options: Options,
  create(options, context) {
    checkMqttProbe(options, context.name);
    return new Follower(options, context);
  },
};

/** What the schema cannot say. @throws HomeostatError H007 */
export function checkMqttProbe(options: Options, probe: string): void {
  const refuse = (message: string) => new HomeostatError('H007', `probe ${probe}: ${message}`);
  const reader = new MessageReader(`probe ${probe}`, options);
  if (options.appear !== undefined && !reader.namesElements)
    throw refuse('"appear" needs a wildcard that is the element, or "elementFrom"');
  if (options.bootFrom !== undefined && options.online === undefined) throw refuse('"bootFrom" needs "online"');
  if (options.online !== undefined) new LifeReader(`probe ${probe}: online`, options.online);
  if (options.online?.heartbeat !== undefined && durationMs(options.online.heartbeat) < 1) throw refuse('"heartbeat" is at least 1ms');
}

class Follower implements Probe {
  readonly #options: Options;
  readonly #context: ProbeContext;
  readonly #reader: MessageReader;
  readonly #property: string;
  #sink!: ProbeSink;
  #appearing: Appearing | undefined;
  #liveness: Liveness | undefined;
  #samples: Sample[] = [];
  #cancel: Cancel[] = [];
  #closed = false;

  constructor(options: Options, context: ProbeContext) {
    this.#options = options;
    this.#context = context;
    this.#reader = new MessageReader(`probe ${context.name}`, options);
    this.#property = options.online?.property ?? DEFAULT_ONLINE;
  }

  follow(sink: ProbeSink): void {
    this.#sink = sink;
    const { appear, online, connection: name, topic, qos = 0 } = this.#options;
    const { clock, element, everyMs, known } = this.#context;
    const connection = this.#context.mqtt(name);
    this.#appearing = new Appearing(appear, { clock, known, tell: sink.appeared });
    if (online !== undefined) {
      const heartbeatMs = online.heartbeat === undefined ? undefined : durationMs(online.heartbeat);
      this.#liveness = new Liveness({ heartbeatMs, everyMs, limit: WATCHED }, clock, (of, is) => this.#tellLife(of, is));
      // Of its own element a device that has never been heard is to be missed too; those of wildcards are known when they have spoken.
      if (!this.#reader.namesElements && heartbeatMs !== undefined) this.#liveness.watch(element);
    }
    const reached = { telemetry: false, life: online?.topic === undefined };
    const listening = (of: 'telemetry' | 'life') => (is: boolean, reason: string) => {
      reached[of] = is;
      this.#liveness?.listening(reached.telemetry && reached.life);
      if (!is) sink.failed(reason);
      else if (reached.telemetry && reached.life) sink.measured({ samples: [] });
    };
    const take = (message: Arrived) => this.#safely(message, () => this.#take(message));
    this.#cancel.push(connection.subscribe({ filter: topic, qos, acknowledged: 'taken', take, listening: listening('telemetry') }).close);
    if (online?.topic === undefined) return;
    const life = new LifeReader(`probe ${this.#context.name}: online`, online);
    const takeLife = (message: Arrived) => this.#safely(message, () => this.#takeLife(life, message));
    this.#cancel.push(
      connection.subscribe({ filter: online.topic, qos: 1, acknowledged: 'taken', take: takeLife, listening: listening('life') }).close,
    );
  }

  async close(): Promise<void> {
    this.#flush();
    this.#closed = true;
    this.#liveness?.close();
    for (const cancel of this.#cancel) cancel();
  }

  #take({ topic, payload, retained, tooLong }: Arrived): void {
    if (tooLong > 0) return this.#reject(topic, payload, `it has ${tooLong} bytes, more than mqtt.maxBytes`);
    const { bootFrom } = this.#options;
    const { samples, wrong, element, document } = this.#reader.read(
      topic,
      payload,
      retained,
      this.#context.clock.now(),
      bootFrom !== undefined,
    );
    if (wrong !== undefined) this.#reject(topic, payload, wrong);
    if (element !== undefined && !this.#appearing!.has(element)) {
      if (samples.length > 0) this.#reject(topic, payload, this.#appearing!.complaint(element));
      return;
    }
    // A device that sends rubbish is alive; what was kept for it says nothing of now.
    const speaker = element ?? (this.#reader.namesElements ? undefined : this.#context.element);
    if (!retained && speaker !== undefined) this.#liveness?.heard(speaker, bootOf(document, bootFrom));
    this.#put(samples);
  }

  #takeLife(reader: LifeReader, { topic, payload, retained }: Arrived): void {
    const { element = this.#context.element, alive, boot, wrong } = reader.read(topic, payload);
    if (wrong !== undefined) return this.#reject(topic, payload, wrong);
    if (alive === undefined) return;
    if (element !== this.#context.element && !this.#appearing!.has(element))
      return this.#reject(topic, payload, this.#appearing!.complaint(element));
    this.#liveness!.said(element, alive, boot, retained);
  }

  #tellLife(element: string, online: boolean): void {
    this.#put([{ element, property: this.#property, value: online, time: this.#context.clock.now() }]);
  }

  /** Samples of what was read from the network at once go on together: telling each alone costs more than reading it. */
  #put(samples: readonly Sample[]): void {
    if (this.#closed || samples.length === 0) return;
    if (this.#samples.length === 0) queueMicrotask(() => this.#flush());
    for (const sample of samples) this.#samples.push(sample);
    if (this.#samples.length >= TOGETHER) this.#flush();
  }

  #flush(): void {
    if (this.#samples.length === 0) return;
    const samples = this.#samples;
    this.#samples = [];
    this.#sink.measured({ samples });
  }

  #reject(topic: string, payload: Buffer, reason: string): void {
    this.#sink.rejected(`${topic}: ${reason}`, payload.toString('utf8', 0, 200));
  }

  /** Nothing that a device can send may stop the others. */
  #safely({ topic, payload }: Arrived, take: () => void): void {
    try {
      take();
    } catch (thrown) {
      this.#reject(topic, payload, messageOf(thrown));
    }
  }
}

function bootOf(document: unknown, pointer: string | undefined): string | undefined {
  if (pointer === undefined) return undefined;
  const boot = at(document, pointer);
  return typeof boot === 'string' || typeof boot === 'number' ? String(boot) : undefined;
}
