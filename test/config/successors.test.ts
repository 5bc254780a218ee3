/** How a manager file names files of policies that are to follow others, and what is said of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFiles } from '../../src/cli/checked.ts';
import { loadConfiguration } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'homeostat-successors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scope = { type: 'farm' };
const policy = (name: string, operator: string, value: number, by: number) => ({
  name,
  scope,
  conditions: { all: [{ fact: 'load', operator, value }] },
  cooldown: '10s',
  actions: [{ command: 'scale', params: { by } }],
});
const GROW = policy('grow', 'greaterThan', 80, 1);
const SHRINK = policy('shrink', 'lessThan', 20, -1);
const withdraw = { conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 95 }] }, for: '10s' };
const canary = { share: 0.5, for: '10m', withdraw };

const MANAGER = {
  mode: 'act',
  types: {
    farm: {
      properties: { load: {}, servers: { initial: 1, stale: 'never' } },
      commands: { scale: { actuator: 'set', operation: 'set', property: 'servers', effects: { load: 'falls' } } },
    },
  },
  elements: { shop: { type: 'farm' }, mill: { type: 'farm' } },
};

const FILE = join(folder, 'homeostat.json');

function write(entries: readonly unknown[], fresh: readonly unknown[] = [GROW, SHRINK]): string {
  writeFileSync(join(folder, 'old.json'), JSON.stringify({ policies: [GROW, SHRINK] }));
  writeFileSync(join(folder, 'new.json'), JSON.stringify({ policies: fresh }));
  writeFileSync(FILE, JSON.stringify({ ...MANAGER, policies: entries }));
  return FILE;
}

const errors = (entries: readonly unknown[], fresh?: readonly unknown[]) =>
  loadConfiguration(write(entries, fresh)).findings.filter(({ severity }) => severity === 'error');

const told = (entries: readonly unknown[], fresh?: readonly unknown[]) =>
  errors(entries, fresh).map(({ code, file, pointer, message }) => [code, file === FILE ? pointer : `${file}${pointer}`, message]);

test('a shadow and a canary are right beside the file that they are to follow', () => {
  expect(errors(['old.json', { file: 'new.json', of: 'old.json', shadow: true }])).toEqual([]);
  expect(errors(['old.json', { file: './new.json', of: './old.json', canary }])).toEqual([]);
  const { configuration } = loadConfiguration(FILE);
  expect(configuration!.setup.sets).toMatchObject([
    { called: 'old.json', version: expect.stringMatching(/^[0-9a-f]{12}$/) },
    { called: 'new.json', successor: { of: 'old.json', canary: { withdraw: { scope } } } },
  ]);
  expect([...configuration!.blueprint.policies.keys()]).toEqual(['grow', 'shrink']);
  expect([...configuration!.blueprint.challengers.keys()]).toEqual(['grow', 'shrink', `canary ${configuration!.setup.sets![1]!.version}`]);
});

test.each([
  [{ file: 'new.json', of: 'odl.json', shadow: true }, ['H005', '/policies/1/of', 'no file of the list is named "odl.json"']],
  [{ file: 'new.json', of: 'old.json' }, ['H003', '/policies/1', 'a file that is to follow another is tried in one of two ways']],
  [{ file: 'new.json', of: 'old.json', shadow: true, canary }, ['H003', '/policies/1', 'in one of two ways']],
  [{ file: 'new.json', of: 'old.json', canary: { for: '1m', withdraw } }, ['H003', '/policies/1/canary', 'a canary needs one way']],
  [
    { file: 'new.json', of: 'old.json', canary: { ...canary, labels: { a: 'b' } } },
    ['H003', '/policies/1/canary', 'a canary needs one way'],
  ],
  [
    {
      file: 'new.json',
      of: 'old.json',
      canary: { ...canary, withdraw: { conditions: { all: [{ fact: 'laod', operator: 'equal', value: 1 }] } } },
    },
    ['H103', '/policies/1/canary/withdraw/conditions/all/0/fact', 'laod'],
  ],
  [{ file: 'new.json', of: 'old.json', canary: { ...canary, for: 'long' } }, ['H003', '/policies/1/canary/for', 'found "long"']],
  [{ file: 'new.json', of: 'old.json', cannary: canary }, ['H004', '/policies/1/cannary', 'did you mean "canary"?']],
])('%# a mistake is told with its place', (entry, [code, pointer, message]) => {
  expect(told(['old.json', entry])).toContainEqual([code, pointer, expect.stringContaining(message!)]);
});

test('two canaries of one file, and names that another file has, are refused', () => {
  const entry = { file: 'new.json', of: 'old.json', canary };
  writeFileSync(join(folder, 'third.json'), JSON.stringify({ policies: [{ ...GROW, name: 'third' }] }));
  expect(told(['old.json', entry, { ...entry, file: 'third.json' }])).toContainEqual([
    'H006',
    '/policies/1/of',
    expect.stringContaining('two canaries'),
  ]);
  expect(told(['old.json', 'third.json', entry], [{ ...GROW, name: 'third' }])).toContainEqual([
    'H006',
    expect.stringContaining('new.json/policies/0/name'),
    expect.stringContaining('the name "third" is used by'),
  ]);
});

test('without one scope for all new policies it must be said what is watched', () => {
  const fresh = [GROW, { ...SHRINK, scope: { element: 'shop' } }];
  expect(told(['old.json', { file: 'new.json', of: 'old.json', canary }], fresh)).toContainEqual([
    'H003',
    '/policies/1/canary/withdraw',
    expect.any(String),
  ]);
  expect(told(['old.json', { file: 'new.json', of: 'old.json', canary }], [])).toContainEqual([
    'H003',
    '/policies/1/canary/withdraw',
    expect.any(String),
  ]);
  const watched = { ...canary, withdraw: { ...withdraw, scope } };
  expect(told(['old.json', { file: 'new.json', of: 'old.json', canary: watched }], fresh)).toEqual([]);
});

test('check looks at each version with what is beside it, and not at the one with the other', () => {
  // Each alone is well apart; the old way up and the new way down would fight.
  const early = policy('shrink', 'lessThan', 90, -1);
  const late = policy('grow', 'greaterThan', 95, 1);
  const codes = (entry: object, fresh: readonly unknown[]) =>
    checkFiles([write(['old.json', entry], fresh)]).findings.map(({ code, file }) => [code, file]);
  const tried = { file: 'new.json', of: 'old.json', canary };
  const alone = checkFiles([write(['old.json'])]).findings.map(({ code, file }) => [code, file]);
  expect(alone.filter(([code]) => code === 'H210')).toEqual([]);
  expect(codes(tried, [late, early]).filter(([code]) => code === 'H210')).toEqual([]);
  expect(codes({ file: 'new.json', of: 'old.json', shadow: true }, [late, early]).filter(([code]) => code === 'H210')).toEqual([]);
  expect(codes(tried, [GROW, early]).filter(([code]) => code === 'H210')).toEqual([['H210', join(folder, 'new.json')]]);
});

test('a lenient load leaves out what is wrong of a new version, and keeps the rest', () => {
  const wrong = { ...SHRINK, actions: [{ command: 'fly' }] };
  write(['old.json', { file: 'new.json', of: 'old.json', canary }], [GROW, wrong]);
  const { configuration } = loadConfiguration(FILE, { lenient: true });
  expect([...configuration!.blueprint.challengers.keys()]).toEqual(['grow', expect.stringMatching(/^canary /)]);
  expect([...configuration!.blueprint.policies.keys()]).toEqual(['grow', 'shrink']);
});
