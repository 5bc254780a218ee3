/** Ways in which a document goes wrong: by a slip of the hand, by a program that fills in rubbish, or by someone who means harm. */
import type { Random } from './random.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isNode = (x: Json): x is Json[] | { [key: string]: Json } => typeof x === 'object' && x !== null;

/** All places of a document, as the node that holds each and its key there. */
function placesOf(root: Json): [holder: Json[] | { [key: string]: Json }, key: string][] {
  const places: [Json[] | { [key: string]: Json }, string][] = [];
  const visit = (node: Json): void => {
    if (!isNode(node)) return;
    for (const key of Object.keys(node)) {
      places.push([node, key]);
      visit((node as { [key: string]: Json })[key]!);
    }
  };
  visit(root);
  return places;
}

const get = (holder: Json[] | { [key: string]: Json }, key: string): Json => (holder as { [key: string]: Json })[key]!;
const set = (holder: Json[] | { [key: string]: Json }, key: string, value: Json): void => {
  // As JSON.parse would: a key of this name is a property like any other.
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
};

/** Stands for a condition that nests deeper than any program likes; it is written into the text, for cloning it would be too much already. */
const DEEPEST = '(deepest)';
const DEPTH = 5_000;

const deep = (depth: number): Json => {
  let node: Json = { fact: 'load', operator: 'equal', value: 1 };
  for (let i = 0; i < depth; i++) node = i % 2 === 0 ? { all: [node] } : { not: node };
  return node;
};

/** Values that programs stumble over. */
const RUBBISH: readonly ((random: Random) => Json)[] = [
  () => null,
  () => true,
  () => '',
  () => ' ',
  () => 0,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => -1e-320,
  () => 2 ** 53,
  () => [],
  () => ({}),
  () => [[]],
  () => 'NaN',
  () => '10 s',
  () => '-5s',
  () => '1e9d',
  () => '99999999999h',
  () => '(a+)+$',
  () => '(?:a{0,1000}){0,1000}',
  () => '[',
  () => '\\',
  () => '(?=x)',
  () => '__proto__',
  () => 'constructor',
  () => 'toString',
  () => '../../../etc/passwd',
  () => '$..[?(@.constructor)]',
  () => '\u0000',
  () => '\ud800',
  () => 'x'.repeat(10_000),
  () => '('.repeat(500),
  () => '!'.repeat(900),
  () => `${'1+'.repeat(400)}1`,
  () => '* * * * *',
  () => '60 24 32 13 8',
  () => 'Mars/Olympus',
  () => '2026-02-30T00:00Z',
  () => ({ fact: 'nothing.of.the.kind' }),
  () => ({ fact: 'load' }),
  () => ({ expression: 'load +' }),
  () => ({ expression: '[1,2].map(x, x)' }),
  () => ({ all: [] }),
  () => ({ condition: 'itself' }),
  () => deep(40),
  () => deep(200),
  () => DEEPEST,
  (random) => Array.from({ length: 2_000 }, () => random.below(10)),
];

const misspell = (text: string, random: Random): string => {
  const at = random.below(text.length + 1);
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return `${text.slice(0, at)}${random.one([...'aeiostrxZ_-./:# 0'])}${text.slice(at)}`;
    case 2:
      return text.slice(0, at) + [...text.slice(at, at + 2)].reverse().join('') + text.slice(at + 2);
    default:
      return text.toUpperCase();
  }
};

/** Changes one thing of a document in place. */
function mutateTree(root: Json, random: Random): void {
  const places = placesOf(root);
  if (places.length === 0) return;
  const [holder, key] = random.one(places);
  const [otherHolder, otherKey] = random.one(places);
  const value = get(holder, key);
  switch (random.below(9)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 1:
      return set(holder, key, random.one(RUBBISH)(random));
    case 2:
      if (!Array.isArray(holder)) {
        delete holder[key];
        set(holder, misspell(key, random), value);
      } else holder.push(structuredClone(value));
      return;
    case 3:
      if (typeof value === 'string') set(holder, key, misspell(value, random));
      else if (typeof value === 'number') set(holder, key, random.one([-value, value * 1e9, value + 0.5, value / 0 || 0, 0]));
      else if (typeof value === 'boolean') set(holder, key, !value);
      return;
    case 4:
      return set(holder, key, structuredClone(get(otherHolder, otherKey)));
    case 5: {
      const other = structuredClone(get(otherHolder, otherKey));
      set(otherHolder, otherKey, structuredClone(value));
      return set(holder, key, other);
    }
    case 6:
      return set(
        holder,
        Array.isArray(holder) ? key : random.one(['__proto__', 'constructor', 'unknown', otherKey]),
        structuredClone(get(otherHolder, otherKey)),
      );
    case 7:
      return set(holder, key, typeof value === 'string' ? [value] : typeof value === 'object' ? JSON.stringify(value) : String(value));
    default:
      return set(
        holder,
        key,
        Array.from({ length: 2 + random.below(50) }, () => structuredClone(value)),
      );
  }
}

/** Changes the text: what a broken disk, editor or merge leaves. */
function mutateText(text: string, random: Random): string {
  const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)];
  switch (random.below(5)) {
    case 0:
      return text.slice(0, a);
    case 1:
      return (
        text.slice(0, a) + random.one(['}', '{', '"', ',', '\\', '\u0000', '\ufeff', '// no', '<<<<<<<', '1e999', 'NaN']) + text.slice(a)
      );
    case 2:
      return text.slice(0, Math.min(a, b)) + text.slice(Math.max(a, b));
    case 3:
      return text + text;
    default:
      return text.replaceAll(random.one(['"', ':', ',', '[', '}']), random.one(["'", ';', '', '(']));
  }
}

/** The document with one to four mistakes, as text. */
export function mutated(document: Json, random: Random): string {
  const copy = structuredClone(document);
  for (let n = random.next() < 0.75 ? 1 : 2 + random.below(3); n > 0; n--) mutateTree(copy, random);
  const text = JSON.stringify(copy).replaceAll(
    JSON.stringify(DEEPEST),
    `${'{"not":'.repeat(DEPTH)}{"fact":"load","operator":"equal","value":1}${'}'.repeat(DEPTH)}`,
  );
  return random.next() < 0.05 ? mutateText(text, random) : text;
}
