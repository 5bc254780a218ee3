/**
 * Placeholders in what people write: `{id}`, `{name}`, `{type}`, a property of the element, and for an actuator `{command}`, `{term}`
 * and the command's parameters. `{{x}}` stands for the text `{x}`.
 */
import { HomeostatError } from './errors.ts';
import type { Value } from './messages.ts';

export type Values = Readonly<Record<string, Value>>;

const PLACEHOLDER = /\{\{([^{}]*)\}\}|\{([A-Za-z0-9_:-]+)\}/g;

/** The last part of an element's id. */
export const nameOf = (element: string): string => element.slice(element.lastIndexOf('/') + 1);

function lookUp(name: string, template: string, values: Values): Value {
  if (Object.hasOwn(values, name)) return values[name]!;
  throw new HomeostatError(
    'H005',
    `{${name}} in "${template}" has no value; known here: ${Object.keys(values).sort().join(', ')}. Write {{${name}}} for the text itself`,
  );
}

/** The template with each placeholder replaced. @throws HomeostatError H005 for a placeholder without a value. */
export function fill(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (_, text: string | undefined, name: string) =>
    name === undefined ? `{${text}}` : String(lookUp(name, template, values)),
  );
}

/**
 * The same for a URL: values are percent-encoded, so that none can reach beyond its place; except one that begins the URL,
 * which holds its first part (`{url}/health`).
 */
export function fillUrl(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (_, text: string | undefined, name: string, at: number) => {
    if (name === undefined) return `{${text}}`;
    const value = String(lookUp(name, template, values));
    return at === 0 ? value : encodeURIComponent(value);
  });
}

/** The same for each text in a JSON value; a text that is one placeholder and nothing else becomes the value, a number say. */
export function fillJson(template: unknown, values: Values): unknown {
  if (typeof template === 'string') {
    const alone = /^\{([A-Za-z0-9_:-]+)\}$/.exec(template);
    return alone ? lookUp(alone[1]!, template, values) : fill(template, values);
  }
  if (Array.isArray(template)) return template.map((item) => fillJson(item, values));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fillJson(item, values)]));
  }
  return template;
}
