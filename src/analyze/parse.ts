/**
 * From the words of a condition to a tree that can be judged. Every mistake is reported with its place, the remedy and a suggestion:
 * json-rules-engine finds most of these only when it meets them, or never.
 */
import type { ConditionDocument } from '../documents/policy.ts';
import type { ErrorCode } from '../errors.ts';
import { isObject, shown } from '../json.ts';
import { nearest } from '../suggest.ts';
import type { Condition } from './conditions.ts';
import { WORDS, type Words } from './operators.ts';
import { parseTest } from './parse-test.ts';

/** Takes a mistake: its code, the JSON pointer to it, what is wrong, and the remedy. */
export type Report = (code: ErrorCode, pointer: string, message: string, remedy?: string) => void;

/** What may be said, beside json-rules-engine's language and ours. */
export interface Language {
  /** With the words of the program that embeds Homeostat; the built-in ones if not given. */
  readonly words?: Words;
  /** Whether facts may be objects, so that paths lead somewhere; true if not given. */
  readonly paths?: boolean;
}

export interface ParseOptions extends Language {
  /** An empty `any` or `all` is true, as in json-rules-engine, and no mistake. */
  readonly allowEmpty?: boolean;
}

/** What stays the same while one condition is read. */
export interface Reading {
  readonly named: Readonly<Record<string, ConditionDocument>>;
  readonly report: Report;
  readonly allowEmpty: boolean;
  readonly words: Words;
  readonly paths: boolean;
  /** Conditions read so far: those that are named may multiply. */
  parts: number;
  /** Named conditions that need no second look, where only mistakes are sought. */
  readonly seen?: Set<string>;
}

/** Conditions of more parts, with all that they name, or of more levels, are a mistake. */
const MAX_PARTS = 10_000;
const MAX_DEPTH = 100;

const KEYS = ['all', 'any', 'not', 'condition', 'fact', 'operator', 'value', 'path', 'params', 'name', 'priority'];
const FORMS = ['all', 'any', 'not', 'condition', 'fact'];
const OF_TESTS = ['operator', 'value', 'path', 'params'];

/**
 * Reads a condition, with the named conditions of its file; undefined if there was a mistake.
 *
 * @param pointer the JSON pointer of the condition in its file; those of mistakes, and of the comparisons, start with it
 */
export function parseCondition(
  document: unknown,
  named: Readonly<Record<string, ConditionDocument>>,
  report: Report,
  pointer = '',
  { allowEmpty = false, words = WORDS, paths = true }: ParseOptions = {},
): Condition | undefined {
  return parse({ named, report, allowEmpty, words, paths, parts: 0 }, document, pointer, []);
}

/** Reports what is wrong with the named conditions of a file, used or not. */
export function checkNamed(
  named: Readonly<Record<string, ConditionDocument>>,
  report: Report,
  { words = WORDS, paths = true }: Language = {},
): void {
  // Whether one may be empty is for the policy to say that uses it.
  const reading: Reading = { named, report, allowEmpty: true, words, paths, parts: 0, seen: new Set() };
  for (const name of Object.keys(named)) realize(reading, name, []);
}

type Parsed = Condition | undefined;

function parse(reading: Reading, document: unknown, pointer: string, within: readonly string[], depth = 0): Parsed {
  const { report } = reading;
  if (++reading.parts > MAX_PARTS) {
    if (reading.parts === MAX_PARTS + 1)
      report('H102', pointer, `the condition has more than ${MAX_PARTS} parts, with those of the named conditions`, 'name fewer of them');
    return undefined;
  }
  if (!isObject(document)) {
    report('H102', pointer, `found ${shown(document)} where a condition must be`, 'write an object with all, any, not, condition or fact');
    return undefined;
  }
  if (depth > MAX_DEPTH) {
    report('H102', pointer, `the condition is nested more than ${MAX_DEPTH} levels deep`, 'write it flatter');
    return undefined;
  }
  const forms = FORMS.filter((key) => document[key] !== undefined);
  const wrongKeys = keysOf(reading, document, pointer, forms[0]);
  if (forms.length !== 1) {
    if (forms.length > 0 || !wrongKeys)
      report(
        'H102',
        pointer,
        `a condition must have exactly one of all, any, not, condition and fact; found ${forms.join(', ') || 'none'}`,
        forms.length > 1 ? 'put each into a condition of its own, in one "all" or "any"' : 'add "fact", "operator" and "value"',
      );
    return undefined;
  }
  const form = forms[0]!;
  const parsed = formOf(reading, form, document, pointer, within, depth);
  return wrongKeys ? undefined : parsed;
}

function formOf(
  reading: Reading,
  form: string,
  document: Record<string, unknown>,
  pointer: string,
  within: readonly string[],
  depth: number,
): Parsed {
  if (form === 'fact') return parseTest(reading, document, pointer);
  if (form === 'not') {
    const part = parse(reading, document.not, `${pointer}/not`, within, depth + 1);
    return part && { kind: 'not', part };
  }
  if (form === 'condition') return parseNamed(reading, document.condition, pointer, within, depth);
  return parseList(reading, form as 'all' | 'any', document[form], pointer, within, depth);
}

/** Reports keys that are unknown, out of place or of the wrong type; returns whether there are any. */
function keysOf({ report }: Reading, document: Record<string, unknown>, pointer: string, form: string | undefined): boolean {
  let wrong = false;
  const mistake: Report = (...said) => {
    wrong = true;
    report(...said);
  };
  const placeOf = (key: string) => `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  for (const key of Object.keys(document)) {
    if (!KEYS.includes(key))
      mistake(
        'H004',
        placeOf(key),
        `unknown key "${key}" in a condition${nearest(key, KEYS)}`,
        'take the suggested one, or remove the key',
      );
    else if (form !== undefined && form !== 'fact' && OF_TESTS.includes(key))
      mistake('H004', placeOf(key), `"${key}" means nothing beside "${form}"`, 'move it into a condition with a "fact", or remove it');
  }
  const { priority, name } = document;
  if (priority !== undefined && !(Number.isSafeInteger(priority) && (priority as number) >= 1))
    mistake(
      'H003',
      `${pointer}/priority`,
      `found ${shown(priority)} where a priority must be a whole number from 1 on`,
      'write 1, 2, …, or remove it: it changes no answer',
    );
  if (name !== undefined && typeof name !== 'string')
    mistake('H003', `${pointer}/name`, `found ${shown(name)} where a name must be a text`, 'write a text');
  return wrong;
}

function parseList(
  reading: Reading,
  kind: 'all' | 'any',
  list: unknown,
  pointer: string,
  within: readonly string[],
  depth: number,
): Parsed {
  const here = `${pointer}/${kind}`;
  if (!Array.isArray(list)) {
    reading.report('H102', here, `found ${shown(list)} where "${kind}" needs a list of conditions`, 'put the condition into [ ]');
    return undefined;
  }
  if (list.length === 0 && !reading.allowEmpty) {
    reading.report(
      'H102',
      here,
      `found an empty list, which json-rules-engine takes for true, where "${kind}" needs conditions`,
      'add a condition; or, if true is what is meant, "allowEmpty": true to the policy',
    );
    return undefined;
  }
  const parts = list.map((part, i) => parse(reading, part, `${here}/${i}`, within, depth + 1));
  if (!parts.every((part) => part !== undefined)) return undefined;
  // An `any` of nothing is true, as an `all` is.
  return { kind: parts.length === 0 ? 'all' : kind, parts };
}

function parseNamed(reading: Reading, name: unknown, pointer: string, within: readonly string[], depth: number): Parsed {
  const { named, report } = reading;
  const here = `${pointer}/condition`;
  if (typeof name !== 'string' || !Object.hasOwn(named, name)) {
    const known = Object.keys(named);
    const hint = known.length === 0 ? '; the file defines none' : nearest(String(name), known);
    report(
      'H005',
      here,
      `no condition is named ${shown(name)} in this file${hint}`,
      'take the suggested one, or define it under "conditions" of the file',
    );
    return undefined;
  }
  if (within.includes(name)) {
    const circle = [...within.slice(within.indexOf(name)), name].join(' → ');
    report('H106', here, `the named condition "${name}" contains itself: ${circle}`, 'take one of them out of the circle');
    return undefined;
  }
  return realize(reading, name, within, depth);
}

function realize(reading: Reading, name: string, within: readonly string[], depth = 0): Parsed {
  const { named, seen } = reading;
  if (seen?.has(name)) return { kind: 'all', parts: [] };
  const pointer = `/conditions/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const parsed = parse(reading, named[name], pointer, [...within, name], depth + 1);
  seen?.add(name);
  return parsed;
}
