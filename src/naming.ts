/**
 * Names of elements and properties made from what others call their things: in a template such as `web/{instance}` each placeholder stands for a
 * label, a tag or a field, whatever the source has. What a name may not hold becomes `_`, so that a path or an address can be a part of one.
 */

/** What stands under a placeholder; undefined: nothing does. A list is the id of an element by its parts, which may stay several. */
export type Look = (placeholder: string) => unknown;

/** Text and placeholders in turns: `texts` has one more than `placeholders`. */
export interface Template {
  readonly text: string;
  readonly texts: readonly string[];
  readonly placeholders: readonly string[];
}

const PLACEHOLDER = /\{([^{}]+)\}/;

export function templateOf(text: string): Template {
  const parts = text.split(PLACEHOLDER);
  return { text, texts: parts.filter((_, i) => i % 2 === 0), placeholders: parts.filter((_, i) => i % 2 === 1) };
}

/** The id of an element; undefined: a placeholder has no value. */
export const elementBy = (template: Template, look: Look): string | undefined => filled(template, look, partOfId);
/** The name of a property; undefined: a placeholder has no value. */
export const propertyBy = (template: Template, look: Look): string | undefined => filled(template, look, partOfName);

/** Which placeholders have no value. */
export const missingIn = (template: Template, look: Look): readonly string[] =>
  template.placeholders.filter((name) => textOf(look(name)) === undefined);

function filled({ texts, placeholders }: Template, look: Look, clean: (text: string) => string): string | undefined {
  let name = texts[0]!;
  for (let i = 0; i < placeholders.length; i++) {
    const found = look(placeholders[i]!);
    const value = textOf(found);
    if (value === undefined) return undefined;
    name += (Array.isArray(found) && clean === partOfId ? found.map(clean).join('/') : clean(value)) + texts[i + 1]!;
  }
  return name;
}

/** An empty label is none, as Prometheus has it. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (Array.isArray(value)) return value.join('/');
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

const NOT_OF_ID = /[^A-Za-z0-9_.:-]/g;
const NOT_OF_NAME = /[^A-Za-z0-9_:-]/g;
/** One part of a path: a slash would make two of it. No part begins with a dot. */
const partOfId = (text: string): string => text.replace(NOT_OF_ID, '_').replace(/^\./, '_');
const partOfName = (text: string): string => text.replace(NOT_OF_NAME, '_');
