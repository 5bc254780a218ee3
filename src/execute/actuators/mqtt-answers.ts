/** The answers of devices to commands, told apart by the command's id: in MQTT 5 the correlation data, else a place in the payload. */
import { messageOf } from '../../errors.ts';
import { type MqttConnection, NotSent } from '../../mqtt/connection.ts';
import type { Arrived } from '../../mqtt/frames.ts';
import { at, documentOf } from '../../mqtt/pick.ts';
import { fillTopic, filterOf } from './mqtt-topic.ts';
import type { Values } from './placeholders.ts';

export interface AnswerOptions {
  readonly topic?: string;
  readonly idFrom?: string;
  readonly statusFrom?: string;
  readonly succeeded?: readonly string[];
  readonly never?: readonly string[];
  readonly detailFrom?: string;
}

export interface Answer {
  readonly meaning: 'succeeded' | 'failed' | 'never';
  readonly text: string;
}

const SUCCEEDED = ['succeeded', 'ok', 'done'];
const NEVER = ['never'];
const LONGEST_TEXT = 300;

/** Filters that are subscribed to at a time. */
const LISTENING = 1_000;

interface Waiting {
  readonly answer: (answer: Answer) => void;
}

export class Answers {
  readonly #options: AnswerOptions;
  readonly #connection: MqttConnection;
  readonly #waiting = new Map<string, Waiting>();
  readonly #subscriptions = new Map<string, { readonly ready: Promise<void>; readonly close: () => void }>();
  readonly #template: string;

  constructor(options: AnswerOptions, connection: MqttConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#template = options.topic ?? `homeostat/${connection.clientId}/answers`;
  }

  /** Where a device should answer. */
  topicOf(values: Values): string {
    return fillTopic(this.#template, values);
  }

  /** The next answer to a command. Rejects when the signal is aborted. */
  expect(command: string, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(command);
        reject(new Error(`sent, and not answered: ${messageOf(signal.reason)}`));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(command, {
        answer: (answer) => {
          signal.removeEventListener('abort', abort);
          this.#waiting.delete(command);
          resolve(answer);
        },
      });
    });
  }

  /** Resolves when answers will reach us: a command that is sent before that may be answered in vain. */
  async listening(values: Values, signal: AbortSignal): Promise<void> {
    const filter = filterOf(this.#template) ?? this.topicOf(values);
    let subscription = this.#subscriptions.get(filter);
    if (subscription === undefined) {
      if (this.#subscriptions.size >= LISTENING) this.#forgetOldest();
      subscription = this.#connection.subscribe({ filter, qos: 1, acknowledged: 'taken', take: (message) => this.#take(message) });
      this.#subscriptions.set(filter, subscription);
    }
    await beforeAborted(subscription.ready, signal);
  }

  close(): void {
    for (const { close } of this.#subscriptions.values()) close();
    this.#subscriptions.clear();
  }

  #take({ payload, correlation, retained }: Arrived): void {
    if (retained) return;
    const { idFrom = '/id', statusFrom, succeeded = SUCCEEDED, never = NEVER, detailFrom } = this.#options;
    const document = documentOf(payload);
    const named = at(document, idFrom);
    const id = correlation !== undefined ? correlation.toString('utf8') : typeof named === 'string' ? named : undefined;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) return;
    const word = statusFrom === undefined ? undefined : at(document, statusFrom);
    const meaning =
      statusFrom === undefined || succeeded.includes(String(word)) ? 'succeeded' : never.includes(String(word)) ? 'never' : 'failed';
    const detail = detailFrom === undefined ? undefined : at(document, detailFrom);
    const text = [word, detail].filter((one) => one !== undefined).join(': ') || 'answered';
    waiting.answer({ meaning, text: text.slice(0, LONGEST_TEXT) });
  }

  #forgetOldest(): void {
    for (const [filter, { close }] of this.#subscriptions) {
      this.#subscriptions.delete(filter);
      close();
      return;
    }
  }
}

/** A subscription that is not granted in time: what waits for it was not sent. */
export function beforeAborted(ready: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new NotSent(`not sent, because its answer would not be heard: ${messageOf(signal.reason)}`, false));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void ready.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
