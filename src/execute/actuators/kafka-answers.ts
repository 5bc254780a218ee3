/** The answers that come on a topic, told apart by the id of their command. The group remembers how far they were read, so that a next life finds its own. */
import { createHash } from 'node:crypto';
import type { Cancel } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log, Membership, Offsets, ReadRecord } from '../../log/log.ts';
import { at, documentOf } from '../../mqtt/pick.ts';
import type { ActuatorContext, Result } from './actuator.ts';
import type { KafkaActuatorOptions } from './kafka-options.ts';
import { succeeded } from './results.ts';

type AnswerOptions = NonNullable<KafkaActuatorOptions['answer']>;

const SUCCEEDED = ['succeeded', 'ok', 'done'];
const SESSION_MS = 10_000;
/** How often the position is noted. What came since is read again by the next life. */
const NOTE_MS = 5_000;
/** Answers that are kept for who asks later: answers to commands of an earlier life may come before it is asked for them. */
const REMEMBERED = 10_000;
const LONGEST_TEXT = 300;

export class KafkaAnswers {
  readonly #options: AnswerOptions;
  readonly #context: ActuatorContext;
  readonly #waiting = new Map<string, (result: Result) => void>();
  readonly #seen = new Map<string, Result>();
  readonly #positions = new Map<number, number>();
  #membership: Promise<Membership> | undefined;
  #noting: Cancel = () => {};
  #closed = false;

  constructor(options: AnswerOptions, context: ActuatorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** The answer to a command. Rejects with the reason of the signal when that is aborted first. */
  expect(command: string, signal: AbortSignal): Promise<Result> {
    const before = this.#seen.get(command);
    if (before) return Promise.resolve(before);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(command);
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(command, (result) => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(command);
        resolve(result);
      });
    });
  }

  /** Begins to read, once. A group that has no position yet reads all that the topic has kept. */
  listen(log: Log): Promise<Membership> {
    this.#membership ??= this.#join(log).catch((thrown) => {
      this.#membership = undefined;
      throw thrown;
    });
    return this.#membership;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#noting();
    const membership = await this.#membership?.catch(() => undefined);
    if (!membership) return;
    await this.#note(membership);
    await membership.leave();
  }

  async #join(log: Log): Promise<Membership> {
    const { topic } = this.#options;
    const { owner, name } = this.#context;
    const group = this.#options.group ?? `homeostat-${createHash('sha256').update(owner).digest('hex').slice(0, 12)}-${name}`;
    let membership: Membership | undefined;
    let assigned: readonly number[] = [];
    const seek = async (partition: number) => {
      const { [topic]: noted }: Offsets = await membership!.noted(partition);
      if (assigned.includes(partition)) membership!.seek(topic, partition, noted ?? 0);
    };
    const seekAll = () => {
      if (!membership) return;
      for (const partition of assigned)
        seek(partition).catch((thrown) =>
          this.#context.log.warn({ topic, partition, reason: messageOf(thrown) }, 'answers cannot be read'),
        );
    };
    membership = await log.join(
      { group, topics: [topic], spread: 'single', sessionMs: SESSION_MS },
      {
        assigned: (partitions) => {
          assigned = partitions;
          this.#positions.clear();
          seekAll();
        },
        records: (_, partition, records, next) => {
          for (const record of records) this.#take(record);
          this.#positions.set(partition, next);
        },
        lost: (reason) => this.#context.log.warn({ topic, reason }, 'the group of answers has lost us; it is joined again'),
      },
    );
    seekAll();
    this.#later(membership);
    return membership;
  }

  #later(membership: Membership): void {
    this.#noting = this.#context.clock.after(NOTE_MS, () => {
      void this.#note(membership).finally(() => {
        if (!this.#closed) this.#later(membership);
      });
    });
  }

  async #note(membership: Membership): Promise<void> {
    const noted = [...this.#positions].map(([partition, next]) => membership.note(partition, { [this.#options.topic]: next }));
    this.#positions.clear();
    await Promise.allSettled(noted);
  }

  #take({ value }: ReadRecord): void {
    const { idFrom = '/id', statusFrom, succeeded: words = SUCCEEDED, detailFrom } = this.#options;
    const document = documentOf(Buffer.from(value ?? ''));
    const id = at(document, idFrom);
    if (typeof id !== 'string') return;
    const word = statusFrom === undefined ? undefined : at(document, statusFrom);
    const said = [word, detailFrom === undefined ? undefined : at(document, detailFrom)].filter((one) => one !== undefined);
    const detail = (said.join(': ') || 'answered').slice(0, LONGEST_TEXT);
    const isDone = statusFrom === undefined || words.includes(String(word));
    const result: Result = isDone ? succeeded(detail) : { status: 'failed', detail };
    this.#seen.set(id, result);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!);
    this.#waiting.get(id)?.(result);
  }
}
