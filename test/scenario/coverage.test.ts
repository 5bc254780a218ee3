import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '../../src/cli/test.ts';
import { shareOf } from '../../src/scenario/index.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

interface Told {
  readonly status: number;
  readonly lines: readonly string[];
}

async function tested(files: readonly string[], options: { coverage?: boolean; coverageMin?: number; json?: boolean }): Promise<Told> {
  const lines: string[] = [];
  const status = await runTests(files, { json: false, ...options, out: (line) => lines.push(line) });
  return { status, lines };
}

test('the raising scenarios show all that there is to show', async () => {
  const { status, lines } = await tested([join(ROOT, 'test/scenario/raising')], { coverageMin: 1 });
  expect(status).toBe(0);
  expect(lines.at(-1)).toMatch(/^coverage 100 %: 4 of 4 policies fired, 8 of 8 gates held, 6 of 6 comparisons/);
});

test('of the example this-host, what no scenario shows is named with its place, and too little of it ends with 1', async () => {
  const folder = join(ROOT, 'examples/this-host');
  const { status, lines } = await tested([folder], { coverageMin: 0.9 });
  expect(status).toBe(1);
  const from = lines.findIndex((line) => line.startsWith('coverage'));
  expect(lines.slice(from).map((line) => line.replace(folder, ''))).toEqual([
    'coverage 80 %: 4 of 5 policies fired, 8 of 10 gates held, 4 of 5 comparisons were both true and false',
    '  more-work-than-cores  /rules/host.json#/policies/1',
    '    never fired',
    '    never held back by for',
    '    never held back by cooldown',
    '    loadPerCore > 2 was never true  /policies/1/conditions/all/0',
    'coverage is below 90 %, which is asked for',
  ]);
  expect((await tested([folder], { coverageMin: 0.8 })).status).toBe(0);
  const json = await tested([folder], { coverage: true, json: true });
  const { coverage, failed } = JSON.parse(json.lines.join(''));
  expect({ failed, status: json.status, share: coverage.share, policies: coverage.policies }).toEqual({
    failed: 0,
    status: 0,
    share: 0.8,
    policies: { of: 5, covered: 4 },
  });
  expect(coverage.of[1]).toMatchObject({
    policy: 'more-work-than-cores',
    pointer: '/policies/1',
    fired: 0,
    gates: [
      { gate: 'for', held: 0 },
      { gate: 'cooldown', held: 0 },
    ],
    comparisons: [{ text: 'loadPerCore > 2', true: 0 }],
  });
});

test('a run without the option says nothing of coverage', async () => {
  const { lines } = await tested([join(ROOT, 'examples/this-host')], {});
  expect(lines.at(-1)).toBe('4 passed, 0 failed');
});

const place = (scenario: object): string => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-coverage-'));
  mkdirSync(join(folder, 'scenarios'));
  const put = (name: string, document: unknown) => writeFileSync(join(folder, name), JSON.stringify(document));
  const add = (name: string, fact: string, value: number) => ({
    name,
    scope: { type: 'farm' },
    priority: value,
    conditions: { all: [{ fact, operator: 'greaterThan', value }] },
    actions: [{ command: 'scale', params: { to: value } }],
  });
  put('homeostat.json', {
    types: {
      farm: {
        properties: { load: { deadZone: { low: 0, high: 5 } }, heat: {}, servers: {} },
        commands: { scale: { actuator: 'set', resource: 'servers', property: 'servers', merge: 'max', effects: { load: 'falls' } } },
      },
    },
    elements: { shop: { type: 'farm', properties: { servers: 1 } } },
    policies: ['rules.json'],
  });
  put('rules.json', { policies: [add('by-load', 'load', 3), add('by-heat', 'heat', 4)] });
  put('scenarios/one.json', { every: '1s', expect: [], others: 'allowed', ...scenario });
  return folder;
};

async function coveredIn(scenario: object) {
  const folder = place(scenario);
  try {
    const { lines } = await tested([folder], { coverage: true, json: true });
    const { coverage, scenarios } = JSON.parse(lines.join(''));
    expect(scenarios).toMatchObject([{ passed: true, findings: [] }]);
    return coverage;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a dead zone of the property that is moved, and what was merged into another command, are seen', async () => {
  const held = await coveredIn({ series: { 'shop/load': '4x3', 'shop/heat': '9x3' } });
  expect(held.of.map(({ fired, gates }: never) => ({ fired, gates }))).toEqual([
    { fired: 0, gates: [{ gate: 'dead-zone', held: 1 }] },
    { fired: 0, gates: [{ gate: 'dead-zone', held: 1 }] },
  ]);
  const merged = await coveredIn({ series: { 'shop/load': '8x3', 'shop/heat': '9x3' } });
  expect(merged.of.map(({ fired }: { fired: number }) => fired)).toEqual([1, 1]);
});

test('a comparison of what is unknown is neither true nor false', async () => {
  const { of } = await coveredIn({ series: { 'shop/load': '1x2 8x2', 'shop/heat': '_x4' } });
  // Four steps of the series, and one of the outcome.
  expect(of.map(({ comparisons }: { comparisons: object[] }) => comparisons[0])).toEqual([
    { pointer: '/policies/0/conditions/all/0', text: 'load > 3', true: 3, false: 2 },
    { pointer: '/policies/1/conditions/all/0', text: 'heat > 4', true: 0, false: 0 },
  ]);
});

test('nothing to cover is all of it', () => {
  expect(shareOf([]).share).toBe(1);
});
