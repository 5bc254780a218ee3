/** Follows the lines of a file as they are written, over its rotation by rename and by truncation. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { HomeostatError, messageOf } from '../../errors.ts';

const CHUNK_BYTES = 64 * 1_024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** One line, without its end. */
export interface Line {
  readonly text: string;
  /** Where it stands, for a message: `line 3`. */
  readonly place: string;
  /** It is the first of its file, and names the columns of the others. */
  readonly header: boolean;
  /** It was longer than allowed, and `text` is only its beginning. */
  readonly tooLong: boolean;
}

type Take = (line: Line) => void;

export interface TailOptions {
  /** Where to begin in a file that is there already. One that appears later is read from its start. */
  readonly from: 'start' | 'end';
  /** Whether the first line of each file names columns. It is handed on wherever reading begins. */
  readonly header: boolean;
  /** Longest line that is kept, bytes. */
  readonly maxLineBytes: number;
}

/** An open file, and how far it has been read. */
interface Opened {
  readonly handle: FileHandle;
  readonly identity: string;
  /** Where reading began, bytes: lines are counted from there. */
  start: number;
  offset: number;
  lines: number;
  /** The beginning of a line whose end is not there yet. */
  rest: Buffer;
  overflow: boolean;
}

const unread = (start: number) => ({ start, offset: start, lines: 0, rest: NOTHING, overflow: false });

export class Tail {
  readonly #path: string;
  readonly #options: TailOptions;
  #current: Opened | undefined;
  /** A file that was renamed away. Whoever writes it may need a moment to notice, so it is read once more. */
  #left: Opened | undefined;
  #from: 'start' | 'end';
  #stopped = false;

  constructor(path: string, options: TailOptions) {
    this.#path = path;
    this.#options = options;
    this.#from = options.from;
  }

  /**
   * Hands on all lines that were ended since the last call. Calls must not overlap.
   * @throws HomeostatError H401 when the file is not there; what could still be read was handed on before.
   */
  async read(take: Take): Promise<void> {
    if (this.#left) {
      const left = this.#left;
      await this.#drain(left, take);
      if (left.rest.length > 0) this.#hand(left, take);
      this.#left = undefined;
      await left.handle.close();
    }
    if (this.#current) await this.#drain(this.#current, take);
    const next = await this.#opened(take).catch((error: unknown) => {
      throw new HomeostatError('H401', `${this.#path} cannot be read: ${messageOf(error)}`, { cause: error });
    });
    if (!next) return;
    this.#left = this.#current;
    this.#current = next;
    await this.#drain(next, take);
  }

  /** Makes a running `read` end soon. */
  stop(): void {
    this.#stopped = true;
  }

  /** Closes what is open; no `read` may run. */
  async close(): Promise<void> {
    await Promise.all([this.#left?.handle.close(), this.#current?.handle.close()]);
    this.#left = undefined;
    this.#current = undefined;
  }

  /** The file that now has the path, if it is another than the one that is read. */
  async #opened(take: Take): Promise<Opened | undefined> {
    const from = this.#from;
    // What is not there now is read from its start when it comes.
    this.#from = 'start';
    const found = await stat(this.#path, { bigint: true });
    // Opening a pipe would wait for its writer.
    if (!found.isFile()) throw new HomeostatError('H401', 'it is not a plain file');
    if (this.#current?.identity === `${found.dev}:${found.ino}`) return undefined;
    const handle = await open(this.#path, 'r');
    try {
      const { dev, ino, size } = await handle.stat({ bigint: true });
      const start = from === 'start' ? 0 : await this.#lastLine(handle, Number(size));
      if (start > 0 && this.#options.header) take(await this.#header(handle));
      return { handle, identity: `${dev}:${ino}`, ...unread(start) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Where the last line begins that has no end yet. */
  async #lastLine(handle: FileHandle, size: number): Promise<number> {
    const from = Math.max(0, size - this.#options.maxLineBytes - 1);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    return from + buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
  }

  async #header(handle: FileHandle): Promise<Line> {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(this.#options.maxLineBytes), 0, this.#options.maxLineBytes, 0);
    const end = buffer.subarray(0, bytesRead).indexOf(NEWLINE);
    return { text: textOf(buffer.subarray(0, Math.max(0, end)), true), place: 'line 1', header: true, tooLong: end < 0 };
  }

  async #drain(opened: Opened, take: Take): Promise<void> {
    const { size } = await opened.handle.stat();
    if (size < opened.offset) Object.assign(opened, unread(0));
    const chunk = Buffer.alloc(CHUNK_BYTES);
    while (!this.#stopped) {
      const { bytesRead } = await opened.handle.read(chunk, 0, chunk.length, opened.offset);
      if (bytesRead === 0) return;
      opened.offset += bytesRead;
      let bytes = chunk.subarray(0, bytesRead);
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
        this.#keep(opened, bytes.subarray(0, end));
        this.#hand(opened, take);
        bytes = bytes.subarray(end + 1);
      }
      this.#keep(opened, bytes);
    }
  }

  #keep(opened: Opened, bytes: Buffer): void {
    const room = this.#options.maxLineBytes - opened.rest.length;
    if (bytes.length > room) opened.overflow = true;
    opened.rest = Buffer.concat([opened.rest, bytes.subarray(0, room)]);
  }

  #hand(opened: Opened, take: Take): void {
    opened.lines += 1;
    const first = opened.start === 0 && opened.lines === 1;
    take({
      text: textOf(opened.rest, first),
      place: `line ${opened.lines}${opened.start === 0 ? '' : ` after byte ${opened.start}`}`,
      header: first && this.#options.header,
      tooLong: opened.overflow,
    });
    opened.rest = NOTHING;
    opened.overflow = false;
  }
}

/** Text of a line: without the carriage return of other systems, nor the mark that some put at the beginning of a file. */
function textOf(bytes: Buffer, first: boolean): string {
  const text = bytes.toString('utf8');
  return text.slice(first && text.startsWith('\uFEFF') ? 1 : 0, text.endsWith('\r') ? -1 : undefined);
}
