/** What waits to be published: in order, bounded, each with its promise. What was sent and not acknowledged when a connection ends goes first in the next. */
import { messageOf } from '../errors.ts';
import { NotSent, type Publication } from './connection.ts';

interface Letter {
  readonly publication: Publication;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** It was handed to the broker at least once. */
  begun: boolean;
  /** Nobody waits for it any more. */
  given: boolean;
}

export class Outbox {
  readonly #limit: number;
  readonly #waiting: Letter[] = [];
  #underWay: Letter[] = [];
  #send: ((publication: Publication) => Promise<void>) | undefined;
  #window = 0;
  #sent = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#waiting.length + this.#underWay.length;
  }

  get sent(): number {
    return this.#sent;
  }

  put(publication: Publication, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new NotSent(messageOf(signal.reason), false));
      if (this.waiting >= this.#limit)
        return reject(new NotSent(`${this.#limit} messages wait to be sent (mqtt.queue); this one was not taken`, true));
      const letter: Letter = {
        publication,
        begun: false,
        given: false,
        resolve: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      };
      const abort = () => {
        letter.given = true;
        const at = this.#waiting.indexOf(letter);
        if (at >= 0) this.#waiting.splice(at, 1);
        const reason = messageOf(signal?.reason);
        letter.reject(
          letter.begun ? new Error(`sent, and not acknowledged by the broker: ${reason}`) : new NotSent(`not sent: ${reason}`, false),
        );
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(letter);
      this.#flow();
    });
  }

  /** A connection is there: it takes `window` messages of which it has not acknowledged one. */
  open(send: (publication: Publication) => Promise<void>, window: number): void {
    this.#send = send;
    this.#window = window;
    this.#flow();
  }

  /** The connection is gone. */
  shut(): void {
    this.#send = undefined;
    const again = this.#underWay.filter((letter) => !letter.given);
    this.#underWay = [];
    this.#waiting.unshift(...again);
  }

  /** Nothing will be sent any more. */
  giveUp(reason: string): void {
    this.shut();
    for (const letter of this.#waiting.splice(0))
      letter.reject(letter.begun ? new Error(`sent, and not acknowledged by the broker: ${reason}`) : new NotSent(reason, true));
  }

  #flow(): void {
    while (this.#send !== undefined && this.#waiting.length > 0 && this.#underWay.length < this.#window) {
      const letter = this.#waiting.shift()!;
      letter.begun = true;
      this.#underWay.push(letter);
      const send = this.#send;
      send(letter.publication).then(
        () => {
          this.#sent++;
          this.#over(letter);
          letter.resolve();
        },
        (error: Error) => {
          // Where the connection has ended, `shut` came before and has put it back.
          if (this.#send === send) this.#refused(letter, error);
        },
      );
    }
  }

  /** The broker has answered that it does not take it. */
  #refused(letter: Letter, error: Error): void {
    this.#over(letter);
    letter.reject(new NotSent(`the broker refuses it: ${error.message}`, false));
  }

  #over(letter: Letter): void {
    const at = this.#underWay.indexOf(letter);
    if (at >= 0) this.#underWay.splice(at, 1);
    this.#flow();
  }
}
