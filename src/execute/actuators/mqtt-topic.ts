/** Topics with placeholders: what fills one reaches no level but its own, and stands for no wildcard. */
import { isLevel } from '../../mqtt/filters.ts';
import { fill, type Values } from './placeholders.ts';
import { FinalFailure } from './results.ts';

/** @throws FinalFailure if a value would change which topic it is; HomeostatError H005 if a placeholder has no value */
export function fillTopic(template: string, values: Values): string {
  const safe = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { toString: () => level(name, String(value), template) } as unknown as string]),
  );
  return fill(template, safe);
}

function level(name: string, text: string, template: string): string {
  // The id of an element is a path by itself, and so are the levels it fills.
  if (name === 'id' ? text.split('/').every(isLevel) : isLevel(text)) return text;
  throw new FinalFailure(`{${name}} in the topic "${template}" is "${text.slice(0, 80)}", which is no level of a topic`);
}

/** The filter of all topics that a template can become: a level with a placeholder becomes a +. */
export const filterOf = (template: string): string | undefined => {
  // A placeholder for an id stands for an unknown number of levels.
  if (/\{id\}/.test(template)) return undefined;
  return template
    .split('/')
    .map((part) => (/\{[A-Za-z0-9_:-]+\}/.test(part) ? '+' : part))
    .join('/');
};
