/** A configuration that is read again says the same as one that is read for the first time, whatever of the one before is taken over. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, loadConfiguration } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'homeostat-before-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const policy = (name: string, more: object = {}) => ({
  name,
  conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 1 }] },
  actions: [{ command: 'calm' }],
  ...more,
});

const MANAGER = {
  types: { server: { properties: { load: {} }, commands: { calm: { idempotent: true } } } },
  elements: { 'shop/server-1': { type: 'server' } },
  policies: ['rules.json'],
};
const RULES = { defaults: { scope: { type: 'server' } }, policies: [policy('one'), policy('two')] };

function read(rules: object, manager: object = MANAGER, before?: Configuration) {
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(rules));
  writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(manager));
  return loadConfiguration(join(folder, 'homeostat.json'), before === undefined ? {} : { before });
}

const first = read(RULES).configuration!;

test('a policy that has not changed is taken over, and one that has is compiled anew', () => {
  const { configuration } = read({ ...RULES, policies: [policy('one', { priority: 5 }), policy('two')] }, MANAGER, first);
  expect(configuration!.blueprint.policies.get('one')!.priority).toBe(5);
  expect(configuration!.blueprint.policies.get('two')!.condition).toBe(first.blueprint.policies.get('two')!.condition);
});

test.each([
  ['nothing', RULES, MANAGER],
  ['one policy', { ...RULES, policies: [policy('one', { cooldown: '1m' }), policy('two')] }, MANAGER],
  ['the order', { ...RULES, policies: [policy('two'), policy('one')] }, MANAGER],
  ['the mode of the whole', RULES, { ...MANAGER, mode: 'act' }],
  ['the scope that policies take from their file', { ...RULES, defaults: { scope: { element: 'shop/server-1' } } }, MANAGER],
  ['a mistake in a default', { ...RULES, defaults: { scope: { typ: 'server' } } }, MANAGER],
  ['a mistake in one policy', { ...RULES, policies: [policy('one'), policy('two', { prioriti: 2 })] }, MANAGER],
  ['a second policy of the same name', { ...RULES, policies: [policy('one'), policy('one')] }, MANAGER],
  ['a key of the file that nobody knows', { ...RULES, polices: [] }, MANAGER],
  ['a property that a policy reads', RULES, { ...MANAGER, types: { server: { ...MANAGER.types.server, properties: { lod: {} } } } }],
  ['a command that a policy gives', RULES, { ...MANAGER, types: { server: { properties: { load: {} } } } }],
])('where %s has changed, it finds and makes what a first reading does', (_what, rules, manager) => {
  const again = read(rules, manager, first);
  const afresh = read(rules, manager);
  expect(again.findings).toEqual(afresh.findings);
  expect(JSON.stringify(again.configuration?.setup)).toBe(JSON.stringify(afresh.configuration?.setup));
  expect([...(again.configuration?.blueprint.policies ?? [])]).toEqual([...(afresh.configuration?.blueprint.policies ?? [])]);
});
