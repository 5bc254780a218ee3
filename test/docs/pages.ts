/** The pages of the documentation: their JSON blocks, headings and links. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = new URL('../../', import.meta.url).pathname;

/** Every page, as a path from the root. */
export const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

export const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

export interface Block {
  readonly page: string;
  /** Of its first line. */
  readonly line: number;
  readonly text: string;
}

const FENCE = /^( *)```([a-z]*)\n([\s\S]*?)^ *```$/gm;

/** The blocks of a page that are marked `json`. A block with parts left out is marked otherwise, such as `jsonc`. */
export const jsonBlocks = (page: string): Block[] => {
  const text = textOf(page);
  return [...text.matchAll(FENCE)]
    .filter((match) => match[2] === 'json')
    .map((match) => ({ page, line: text.slice(0, match.index).split('\n').length + 1, text: match[3]! }));
};

/**
 * What a block says: one JSON value, or the members of an object without its braces, or the parts of a list without its brackets, or several
 * values one after another, each beginning on a line of its own. @throws SyntaxError for anything else
 */
export function valuesOf(text: string): unknown[] {
  const readings = [() => [JSON.parse(text)], () => [JSON.parse(`{${text}}`)], () => JSON.parse(`[${text}]`)];
  for (const read of readings) {
    try {
      return read();
    } catch {
      // Perhaps another of the four.
    }
  }
  const values: unknown[] = [];
  let rest = '';
  for (const line of text.split('\n')) {
    rest += `${line}\n`;
    try {
      values.push(JSON.parse(rest));
      rest = '';
    } catch {
      // It goes on.
    }
  }
  if (values.length === 0 || rest.trim() !== '') JSON.parse(rest.trim() === '' ? text : rest);
  return values;
}

const withoutCode = (text: string): string => text.replace(FENCE, '').replace(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading] of textOf(page)
    .replace(FENCE, '')
    .matchAll(/^#{1,6} +(.*?) *$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

/** The links of a page to other pages and files of ours. */
export const linksOf = (page: string): string[] =>
  [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!).filter((link) => !/^[a-z][a-z+.-]*:/.test(link));
