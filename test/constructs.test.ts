/** The table of all constructs in docs/policies.md is whole: every key of the schema is in it, and each row leads to a page and a test that know it. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GATES } from '../src/analyze/gates/index.ts';
import { DECORATORS, OPERATORS } from '../src/analyze/operators.ts';
import { TEMPORAL } from '../src/analyze/temporal.ts';
import { CONDITION_DEFINITION } from '../src/documents/policy.ts';
import { GAUGE_KINDS } from '../src/monitor/gauges/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Row {
  readonly names: readonly string[];
  readonly page: string;
  readonly test: string;
  readonly explained: string;
}

const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** The rows of the section, in order. */
const ROWS: readonly Row[] = read('docs/policies.md')
  .split('## Every construct')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => /^\| `/.test(line))
  .map((line) => {
    const [names = '', page = '', test = '', explained = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { names: codes(names), page: /\(([^)#]+)/.exec(page)![1]!, test: codes(test)[0]!, explained };
  });

type Schema = { readonly [key: string]: unknown };

/** The keys directly inside a schema, whatever unions and lists are in between. */
function keysOf(schema: Schema): Map<string, Schema> {
  const keys = new Map<string, Schema>();
  const visit = (node: Schema | undefined): void => {
    if (node === undefined || node.$ref !== undefined) return;
    for (const branch of [...((node.anyOf as Schema[]) ?? []), ...((node.allOf as Schema[]) ?? [])]) visit(branch);
    if (node.type === 'array') visit(node.items as Schema);
    for (const [key, value] of Object.entries((node.properties as Record<string, Schema>) ?? {})) keys.set(key, value);
  };
  visit(schema);
  return keys;
}

const policies = JSON.parse(read('schemas/policies.schema.json')) as { properties: { policies: Schema } };
const POLICY = keysOf(policies.properties.policies);

/** Parts of which the table speaks under the construct that they are borrowed from. */
const BORROWED = new Set([
  'levels',
  'remedies',
  'otherwise',
  'escalate',
  'compensate',
  'actions',
  'params',
  'target',
  'utility',
  'deadZone',
]);

/** The names below a key: those inside it and, but for what is borrowed, inside those. */
function namesBelow(key: string, schema: Schema): string[] {
  return [...keysOf(schema)].flatMap(([name, inner]) => [
    name,
    ...(BORROWED.has(key) || BORROWED.has(name) ? [] : namesBelow(name, inner)),
  ]);
}

test.each([...POLICY.keys()])('the key %s and all inside it are in the table', (key) => {
  const row = ROWS.find(({ names }) => names[0] === key) ?? ROWS.find(({ names }) => names.includes(key));
  expect(row?.names).toBeDefined();
  if (key === 'utility' || key === 'setPoints') return;
  const missing = namesBelow(key, POLICY.get(key)!).filter(
    (name) => !row!.names.includes(name) && !ROWS.some((other) => other.names[0] === name),
  );
  expect(missing).toEqual([]);
});

test('every operator, decorator and part of a condition is in the table', () => {
  const listed = new Set(ROWS.flatMap(({ names }) => names));
  const all = [
    ...Object.keys(OPERATORS),
    ...Object.keys(TEMPORAL),
    ...Object.keys(DECORATORS),
    ...Object.keys(CONDITION_DEFINITION.properties),
  ];
  // What json-rules-engine knows and what has no influence on the truth is told on the page itself.
  expect(all.filter((name) => !listed.has(name) && !['params', 'name', 'priority'].includes(name))).toEqual([]);
});

/** Gauges with a section and a scenario of their own. */
const JUDGING = ['anomaly', 'forecast', 'fuzzy', 'machine', 'pattern', 'suspicion', 'swing', 'vote'];

test.each(JUDGING)('all options of the gauge %s are in the table', (kind) => {
  const { options } = GAUGE_KINDS.find((gauge) => gauge.kind === kind)!;
  const row = ROWS.find(({ names }) => names[0] === kind);
  expect([...keysOf(options as Schema).keys()].filter((name) => !row!.names.includes(name))).toEqual([]);
});

test('every gate is where explain is said to show something', () => {
  const shown = ROWS.flatMap(({ explained }) => codes(explained));
  const own = ['set-aside', 'paused', 'mode'];
  expect(GATES.map(({ name }) => name).filter((name) => !shown.includes(name) && !own.includes(name))).toEqual([]);
});

test.each(ROWS.map((row) => [row.names.join(', '), row] as const))(
  '%s: the page shows it and the test tries it',
  (_, { names, page, test: path, explained }) => {
    expect(explained).not.toBe('');
    const text = read(`docs/${page}`);
    const own = names.filter((name, i) => i === 0 || !ROWS.some((row) => row.names[0] === name));
    expect(own.filter((name) => !text.includes(name))).toEqual([]);
    expect(existsSync(join(ROOT, 'test', path))).toBe(true);
    const folder = path.slice(0, path.lastIndexOf('/'));
    const tried = [path, ...(folder === 'differential' ? ['differential/generate.ts'] : [])].map((file) => read(`test/${file}`)).join('\n');
    expect(names.slice(0, 1).filter((name) => !tried.includes(name))).toEqual([]);
  },
);
