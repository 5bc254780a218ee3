/**
 * Reads what exporters expose: Prometheus' text format 0.0.4 and OpenMetrics 1.0. Our own parser, because none on npm knows both with timestamps, escapes
 * and exemplars. Only lines of metrics that are wanted are read in full: an exporter has thousands, and a probe wants a few.
 */
import { excerpt } from './values.ts';

export type ExpositionFormat = 'text' | 'openmetrics';
export type Labels = ReadonlyMap<string, string>;

export interface ExposedSample {
  readonly name: string;
  readonly labels: Labels;
  /** May be NaN or infinite, as exporters write it. */
  readonly value: number;
  /** Ms since 1970, where the exporter gives one. */
  readonly time?: number;
}

export interface Exposition {
  readonly samples: readonly ExposedSample[];
  /** By name of metric, in OpenMetrics without the endings of its samples such as `_total`. */
  readonly types: ReadonlyMap<string, string>;
  /** The first wrong lines; the others hold. */
  readonly wrong?: string;
  /** Whether the end was there; a text without `# EOF` in OpenMetrics was cut off. */
  readonly whole: boolean;
}

/** What a content type says of the format. Anything else is taken for text, as Prometheus does. */
export const formatOf = (contentType: string | undefined): ExpositionFormat =>
  /^\s*application\/openmetrics-text\b/i.test(contentType ?? '') ? 'openmetrics' : 'text';

export function parseExposition(text: string, format: ExpositionFormat, wants: (name: string) => boolean): Exposition {
  const samples: ExposedSample[] = [];
  const types = new Map<string, string>();
  let wrong: string | undefined;
  let more = 0;
  let ended = false;
  let number = 0;
  for (let from = 0; from < text.length && !ended; ) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    number++;
    const line = text.slice(from, text.charCodeAt(to - 1) === 13 ? to - 1 : to);
    from = to + 1;
    if (line.startsWith('#')) {
      const type = TYPE.exec(line);
      if (type !== null) types.set(type[1]!, type[2]!);
      ended = format === 'openmetrics' && line === '# EOF';
      continue;
    }
    const sample = readLine(line, format, wants);
    if (typeof sample === 'object') samples.push(sample);
    else if (sample !== undefined && wrong === undefined) wrong = `line ${number}: ${sample}: ${excerpt(line)}`;
    else if (sample !== undefined) more++;
  }
  return {
    samples,
    types,
    whole: ended || format === 'text',
    ...(wrong === undefined ? {} : { wrong: more === 0 ? wrong : `${wrong}; ${more} more wrong lines` }),
  };
}

const TYPE = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+([A-Za-z]+)[ \t]*$/;
const NAME = /[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)/y;
const LABEL = /[ \t]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)*)")[ \t]*(=?)[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"[ \t]*/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A sample, or what is wrong with the line; undefined: there is nothing that is wanted. */
function readLine(line: string, format: ExpositionFormat, wants: (name: string) => boolean): ExposedSample | string | undefined {
  NAME.lastIndex = 0;
  let name = NAME.exec(line)?.[1];
  let at = name === undefined ? 0 : NAME.lastIndex;
  if (name !== undefined && !wants(name)) return undefined;
  while (line[at] === ' ' || line[at] === '\t') at++;
  if (at === line.length) return name === undefined ? undefined : 'there is no value';
  const labels = new Map<string, string>();
  if (line[at] === '{') {
    at++;
    for (;;) {
      while (line[at] === ' ' || line[at] === '\t') at++;
      if (line[at] === '}') break;
      LABEL.lastIndex = at;
      const [, bare, quoted, equals] = LABEL.exec(line) ?? [];
      if (bare === undefined && quoted === undefined) return 'a label is wrong';
      at = LABEL.lastIndex;
      if (equals === '') {
        // A quoted text alone is the name, where that has characters that names could not have of old.
        if (quoted === undefined || name !== undefined) return 'a label has no value';
        name = plain(quoted);
        if (!wants(name)) return undefined;
      } else {
        QUOTED.lastIndex = at;
        const value = QUOTED.exec(line)?.[1];
        if (value === undefined) return 'the value of a label is not in quotation marks';
        at = QUOTED.lastIndex;
        const key = bare ?? plain(quoted!);
        if (labels.has(key)) return `the label ${key} is there twice`;
        labels.set(key, plain(value));
      }
      if (line[at] === ',') at++;
      else if (line[at] !== '}') return 'the labels have no end';
    }
    at++;
  }
  if (name === undefined) return 'there is no name';
  const [value, written, ...rest] = line
    .slice(at)
    .trim()
    .split(/[ \t]+/);
  const measured = numberOf(value ?? '');
  if (measured === undefined) return `"${excerpt(value ?? '')}" is no number`;
  // What comes after # is an exemplar: one of the measurements that were counted, which is not our business.
  const exemplar = format === 'openmetrics' && (written === '#' || rest[0] === '#');
  if (rest.length > 0 && !exemplar) return 'there is something after the time';
  if (written === undefined || written === '#') return { name, labels, value: measured };
  const instant = NUMBER.test(written) ? Number(written) : Number.NaN;
  if (!Number.isFinite(instant)) return `the time "${excerpt(written)}" is no number`;
  return { name, labels, value: measured, time: format === 'openmetrics' ? Math.round(instant * 1_000_000) / 1_000 : instant };
}

function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  return infinite === null ? undefined : infinite[1] === '-' ? -Infinity : Infinity;
}

/** `\n`, `\"` and `\\`; before anything else a backslash is itself. */
const plain = (text: string): string =>
  text.includes('\\') ? text.replace(/\\([n"\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)) : text;
