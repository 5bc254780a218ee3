/** Which series are meant, written as Prometheus writes it: `http_requests_total{code=~"5..",method!="GET"}`. */
import { HomeostatError } from '../../errors.ts';
import { compilePattern } from '../../pattern.ts';
import type { Labels } from './exposition.ts';

export interface Selector {
  readonly text: string;
  readonly name: string;
  readonly fits: (labels: Labels) => boolean;
}

type Matcher = (labels: Labels) => boolean;

const NAME = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\}\s*)?$/s;
const MATCHER = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(,|$)/y;

/** @throws HomeostatError H413 where it is wrong, with what is. */
export function parseSelector(text: string): Selector {
  const [, name, inside = ''] = NAME.exec(text) ?? [];
  if (name === undefined) throw wrong(text, 'begin with the name of a metric');
  const matchers: Matcher[] = [];
  for (let at = 0; inside.slice(at).trim() !== ''; ) {
    MATCHER.lastIndex = at;
    const [, label, operator, quoted] = MATCHER.exec(inside) ?? [];
    if (label === undefined)
      throw wrong(text, `write label="value", label!="value", label=~"pattern" or label!~"pattern" at "${inside.slice(at).trim()}"`);
    at = MATCHER.lastIndex;
    matchers.push(matcherOf(label, operator!, unquoted(quoted!)));
  }
  return { text, name, fits: (labels) => matchers.every((matcher) => matcher(labels)) };
}

/** A label that is absent is empty. A pattern must fit the whole value. */
function matcherOf(label: string, operator: string, value: string): Matcher {
  if (operator === '=') return (labels) => (labels.get(label) ?? '') === value;
  if (operator === '!=') return (labels) => (labels.get(label) ?? '') !== value;
  const { found } = compilePattern(`^(?:${value})$`);
  return operator === '=~' ? (labels) => found(labels.get(label) ?? '') : (labels) => !found(labels.get(label) ?? '');
}

const unquoted = (quoted: string): string =>
  quoted.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => (letter === 'n' ? '\n' : letter));
const wrong = (text: string, remedy: string) => new HomeostatError('H413', `the selector ${JSON.stringify(text)} is wrong: ${remedy}`);
