/** How the compiler says what is wrong: every mistake with its place, none stops the search for more. */
import { type ErrorCode, type Finding, HomeostatError, messageOf } from '../errors.ts';

/** A place in a file. */
export interface Place {
  readonly file: string;
  readonly pointer: string;
}

export const at = (place: Place, ...parts: (string | number)[]): Place => ({
  file: place.file,
  pointer: place.pointer + parts.map((part) => `/${escapePointer(String(part))}`).join(''),
});

/** A key as part of a JSON pointer (RFC 6901). */
export const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** What was found may be as long as its file: of that the beginning is enough, in characters. */
const LONGEST_MESSAGE = 600;

export class Findings {
  readonly list: Finding[] = [];
  readonly #said = new Set<string>();
  #repeated = 0;

  /** Says it once: what several policies rest on is wrong for each of them, and corrected in one place. */
  error(code: ErrorCode, place: Place, message: string, remedy?: string): void {
    const said = JSON.stringify([code, place.file, place.pointer, message]);
    if (this.#said.has(said)) {
      this.#repeated++;
      return;
    }
    this.#said.add(said);
    this.list.push({
      code,
      severity: 'error',
      file: place.file,
      pointer: place.pointer,
      message: message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}…`,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }

  /** The result of `make`, or undefined with the HomeostatError that it threw as a finding. */
  attempt<T>(place: Place, make: () => T): T | undefined {
    try {
      return make();
    } catch (thrown) {
      if (!(thrown instanceof HomeostatError)) throw thrown;
      this.error(thrown.code, place, messageOf(thrown));
      return undefined;
    }
  }

  /** In place of all that was found. */
  replace(list: readonly Finding[]): void {
    this.list.splice(0, this.list.length, ...list);
  }

  /** How many errors were found, those that were said before too. */
  get errors(): number {
    return this.list.filter((finding) => finding.severity === 'error').length + this.#repeated;
  }
}
