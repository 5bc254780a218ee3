/** Where in the text of a JSON file a JSON pointer leads to. */

interface Spot {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * The place of the value that a pointer names; of a member, that of its key. Where the way ends early, the place of what was reached.
 * The text must be valid JSON; in any other, the beginning.
 */
export function spotOf(text: string, pointer: string): Spot {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const scanner = new Scanner(text);
  try {
    JSON.parse(text);
    return spotAt(text, scanner.find(parts));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { line: 1, column: 1 };
    throw thrown;
  }
}

function spotAt(text: string, offset: number): Spot {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Walks over text that is known to be valid JSON. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The offset of what the parts lead to, starting at the value that comes next. */
  find(parts: readonly string[]): number {
    this.#blank();
    let reached = this.#at;
    for (const part of parts) {
      const next = this.#enter(part);
      if (next === undefined) return reached;
      reached = next;
    }
    return reached;
  }

  /** Goes to the value of a member or item of the value that comes next; undefined: it has none of that name. */
  #enter(part: string): number | undefined {
    const open = this.#text[this.#at];
    if (open !== '{' && open !== '[') return undefined;
    this.#at++;
    for (let index = 0; ; index++) {
      this.#blank();
      if (this.#text[this.#at] === '}' || this.#text[this.#at] === ']') return undefined;
      const start = this.#at;
      const name = open === '{' ? this.#key() : String(index);
      this.#blank();
      if (name === part) return start;
      this.#value();
      this.#blank();
      if (this.#text[this.#at] === ',') this.#at++;
    }
  }

  #key(): string {
    const start = this.#at;
    this.#string();
    const key = JSON.parse(this.#text.slice(start, this.#at)) as string;
    this.#blank();
    this.#at++; // the colon
    return key;
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) if (this.#text[this.#at] === '\\') this.#at++;
    this.#at++;
  }

  #value(): void {
    let depth = 0;
    do {
      this.#blank();
      const here = this.#text[this.#at];
      if (here === '"') this.#string();
      else {
        if (here === '{' || here === '[') depth++;
        if (here === '}' || here === ']') depth--;
        this.#at++;
        if (here !== undefined && /[-0-9a-z]/i.test(here)) while (/[-+.0-9a-z]/i.test(this.#text[this.#at] ?? '')) this.#at++;
      }
    } while (depth > 0);
  }

  #blank(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}
