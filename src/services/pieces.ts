/**
 * Texts that are longer than a record may be, in several records. A broker takes a megabyte by default, and a manager file with ten thousand elements, or the
 * step that takes them in, is longer.
 */
import type { LogRecord, ReadRecord } from '../log/log.ts';

/** Characters of a piece; in UTF-8 one takes three bytes at most. */
export const PIECE_CHARS = 250_000;

/** In place of a row: that it is in so many pieces. Rows are JSON, and begin with a brace. */
const IN_PIECES = '!pieces ';
const PIECE = '!piece\t';

/** At least one. No character is cut in two. */
export function cut(text: string, chars: number): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (; text.length - at > chars; ) {
    const last = text.charCodeAt(at + chars - 1);
    const end = at + chars - (last >= 0xd800 && last <= 0xdbff && chars > 1 ? 1 : 0);
    pieces.push(text.slice(at, end));
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces;
}

/** The records of a text where all is read in order: the last has the key, and says how many there are; those before it have none. */
export function textRecords(place: Pick<LogRecord, 'topic' | 'partition'>, key: string, text: string, chars: number): LogRecord[] {
  const pieces = cut(text, chars);
  const last = pieces.length === 1 ? key : `${key} /${pieces.length}`;
  return pieces.map((value, i) => ({ ...place, key: i === pieces.length - 1 ? last : null, value }));
}

/** The key that such a text was given; null: the record is not its last. */
export const keyOf = ({ key }: Pick<ReadRecord, 'key'>): string | null => key?.replace(/ \/\d+$/, '') ?? null;

/** Puts such texts together again. */
export class Joiner {
  readonly #pieces: { readonly text: string; readonly offset: number }[] = [];

  /** The text when its last piece is given, with the offset of its first. One whose first pieces are not kept any more is left out. */
  take({ key, value, offset }: ReadRecord): { readonly text: string; readonly first: number } | undefined {
    if (value === null) return undefined;
    this.#pieces.push({ text: value, offset });
    if (key === null) return undefined;
    const pieces = this.#pieces.splice(0);
    const count = Number(/ \/(\d+)$/.exec(key)?.[1] ?? 1);
    return pieces.length === count ? { text: pieces.map(({ text }) => text).join(''), first: pieces[0]!.offset } : undefined;
  }
}

/** The records of a row in a compacted topic: each piece has a key of its own, which the row takes again when it changes. */
export function rowRecords(place: Pick<LogRecord, 'topic' | 'partition'>, key: string, text: string | null, chars: number): LogRecord[] {
  if (text === null || text.length <= chars) return [{ ...place, key, value: text }];
  const pieces = cut(text, chars);
  return [
    ...pieces.map((value, i) => ({ ...place, key: `${PIECE}${i}\t${key}`, value })),
    { ...place, key, value: `${IN_PIECES}${pieces.length}` },
  ];
}

/** All rows as they are, of all that was read of such a topic; pieces of what is whole by now, or gone, are left out. @throws Error if a piece is missing */
export function rowsOf(texts: ReadonlyMap<string, string>): Map<string, string> {
  const rows = new Map<string, string>();
  for (const [key, text] of texts) {
    if (key.startsWith(PIECE)) continue;
    rows.set(key, text.startsWith(IN_PIECES) ? joined(texts, key, Number(text.slice(IN_PIECES.length))) : text);
  }
  return rows;
}

function joined(texts: ReadonlyMap<string, string>, key: string, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const piece = texts.get(`${PIECE}${i}\t${key}`);
    if (piece === undefined) throw new Error(`piece ${i + 1} of ${count} of ${key} is missing`);
    return piece;
  }).join('');
}
