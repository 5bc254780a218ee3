/** Sends an order as a message to a topic of any Kafka cluster, and learns from its replicas, or from an answer, what came of it. */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Log, LogRecord, Writer } from '../../log/log.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { readMark, writeMark } from './command-marks.ts';
import { KafkaAnswers } from './kafka-answers.ts';
import { KafkaActuatorOptions } from './kafka-options.ts';
import { partitionOfKey } from './kafka-partition.ts';
import { fill, fillJson, orderValues } from './placeholders.ts';
import { failureOf, refused, succeeded } from './results.ts';

/** Opens the cluster. */
export type OpenCluster = (options: KafkaActuatorOptions, context: ActuatorContext) => Promise<Log>;

/** For how long the number of partitions of a topic is taken for granted, ms, as by Kafka's own clients. */
const PARTITIONS_MS = 300_000;

/** Kafka's client is loaded when the first order comes: most managers have none. */
const openCluster: OpenCluster = async ({ brokers, tls, sasl }, { clock, directory, environment, log, name }) => {
  const { openKafka } = await import('../../log/kafka.ts');
  const kafka = { brokers, ...(tls && { tls }), ...(sasl && { sasl }) };
  return openKafka({ kafka, secrets: { directory, environment }, clock, log, clientId: `homeostat-${name}` });
};

/** The promise, unless the signal is aborted first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

class KafkaActuator implements Actuator {
  readonly #options: KafkaActuatorOptions;
  readonly #context: ActuatorContext;
  readonly #open: OpenCluster;
  readonly #answers: KafkaAnswers | undefined;
  readonly #partitions = new Map<string, { readonly count: number; readonly until: number }>();
  #opened: Promise<{ readonly log: Log; readonly writer: Writer }> | undefined;

  constructor(options: KafkaActuatorOptions, context: ActuatorContext, open: OpenCluster) {
    this.#options = options;
    this.#context = context;
    this.#open = open;
    this.#answers = options.answer && new KafkaAnswers(options.answer, context);
  }

  async execute(order: Order, signal: AbortSignal): Promise<Result> {
    let sent = false;
    try {
      signal.throwIfAborted();
      const before = readMark(this.#context.folder, order)?.result;
      if (before) return { ...before, detail: `done before: ${before.detail}` };
      const { writer, log } = await orAborted(this.#connect(), signal);
      const record = await this.#recordOf(order, log, signal);
      if ('status' in record) return record;
      if (this.#answers) await orAborted(this.#answers.listen(log), signal);
      const answer = this.#answers?.expect(order.command.id, signal);
      // Whoever is left waiting when the message is not written has given up by then.
      answer?.catch(() => undefined);
      signal.throwIfAborted();
      writeMark(this.#context.folder, order, { before: '' });
      sent = true;
      await orAborted(writer.write([record]), signal);
      const result = answer
        ? await answer
        : succeeded(`written to ${record.topic}/${record.partition}, acknowledged by all replicas in sync`);
      writeMark(this.#context.folder, order, { before: '', result: { status: result.status, detail: result.detail } });
      return result;
    } catch (error) {
      if (signal.aborted) return { status: 'timedOut', detail: `${sent ? 'sent, and not answered: ' : ''}${messageOf(signal.reason)}` };
      return sent ? { status: 'unknown', detail: messageOf(error), retryable: true } : failureOf(error);
    }
  }

  /** After a restart: without a mark nothing was sent. With one an answer is waited for; whether the message alone was written nobody knows. */
  async inquire(order: Order, signal: AbortSignal): Promise<Result | undefined> {
    const mark = readMark(this.#context.folder, order);
    if (!mark) return undefined;
    if (mark.result) return { ...mark.result, detail: `done before: ${mark.result.detail}` };
    if (!this.#answers) throw new HomeostatError('H402', 'it was about to be sent, and whether the brokers have it is not known');
    const { log } = await orAborted(this.#connect(), signal);
    const answer = this.#answers.expect(order.command.id, signal);
    await orAborted(this.#answers.listen(log), signal);
    return answer;
  }

  async close(): Promise<void> {
    await this.#answers?.close();
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.writer.close();
    await opened?.log.close();
  }

  async #recordOf(order: Order, log: Log, signal: AbortSignal): Promise<LogRecord | Result> {
    const values = orderValues(order, this.#context.target(order.command.element));
    const { id, element, params, term, issuedAt, deadlineAt } = order.command;
    const { key: keyTemplate = '{id}', value: template, headers = {} } = this.#options;
    const topic = fill(this.#options.topic, values);
    const partitions = await orAborted(this.#count(topic, log), signal);
    if (partitions === undefined) return refused(`there is no topic ${topic}: create it`);
    const key = fill(keyTemplate, values);
    const own = { id, element, command: order.operation, params, term, issuedAt, deadlineAt };
    const value =
      typeof template === 'string' ? fill(template, values) : JSON.stringify(template === undefined ? own : fillJson(template, values));
    const filled = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, fill(text, values)]));
    const marks = { 'homeostat-command': id, 'homeostat-term': String(term) };
    return { topic, partition: partitionOfKey(key, partitions), key, value, headers: { ...filled, ...marks } };
  }

  async #count(topic: string, log: Log): Promise<number | undefined> {
    const { clock } = this.#context;
    const known = this.#partitions.get(topic);
    if (known && known.until > clock.now()) return known.count;
    const [state] = await log.topics([topic]);
    if (state) this.#partitions.set(topic, { count: state.partitions, until: clock.now() + PARTITIONS_MS });
    return state?.partitions;
  }

  /** A cluster that was away is tried again by the next order. */
  #connect() {
    this.#opened ??= this.#begin().catch((thrown) => {
      this.#opened = undefined;
      throw thrown;
    });
    return this.#opened;
  }

  async #begin() {
    const log = await this.#open(this.#options, this.#context);
    return { log, writer: await log.writer() };
  }
}

/** With another way to open the cluster, for tests. */
export const kafkaActuator = (options: KafkaActuatorOptions, context: ActuatorContext, open: OpenCluster): Actuator =>
  new KafkaActuator(options, context, open);

export const kafkaKind: ActuatorKind<KafkaActuatorOptions> = {
  kind: 'kafka',
  description: 'sends a message to a topic of any Kafka cluster',
  options: KafkaActuatorOptions,
  create: (options, context) => kafkaActuator(options, context, openCluster),
};
