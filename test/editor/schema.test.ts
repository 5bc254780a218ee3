import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PolicyFile, pathOf } from '../../src/documents/trial.ts';
import { projectSchemas } from '../../src/editor/index.ts';
import { Editor } from './service.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

const MANAGER = {
  types: {
    farm: {
      properties: { responseTime: { unit: 'ms', deadZone: { low: 150, high: 250 } }, servers: {}, maxServers: {} },
      commands: { scale: { actuator: 'set', property: 'servers' } },
    },
    server: { properties: { load: {}, mood: { gauge: { kind: 'mean', of: 'face', window: '10s' } } }, commands: { restart: {} } },
  },
  elements: { shop: { type: 'farm' }, 'shop/web': { type: 'server' }, hall: { type: 'farm' } },
  probes: [{ name: 'till', kind: 'push', element: 'shop' }],
  policies: ['rules.json', 'plain.json'],
};
const RULES = {
  defaults: { scope: { type: 'farm' } },
  conditions: { busy: { fact: 'responseTime', operator: 'greaterThan', value: 200 } },
  policies: [
    {
      name: 'grow',
      suite: 'day',
      setPoints: { target: 200 },
      conditions: { condition: 'busy' },
      actions: [{ command: 'scale', params: { by: 1 } }],
    },
    {
      name: 'heal',
      scope: { type: 'server' },
      conditions: { fact: 'load', operator: 'greaterThan', value: 1 },
      actions: [{ command: 'restart' }],
    },
  ],
};

let folder: string;
let policies: Editor;
let scenario: Editor;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-editor-'));
  for (const [name, content] of Object.entries({ 'homeostat.json': MANAGER, 'rules.json': RULES, 'plain.json': [{ name: 'old' }] }))
    writeFileSync(join(folder, name), JSON.stringify(content));
  const schemas = projectSchemas(join(folder, 'homeostat.json'));
  policies = new Editor(schemas['policies.schema.json']!);
  scenario = new Editor(schemas['scenario.schema.json']!);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FARM = ['responseTime', 'servers', 'maxServers'];
const policy = (text: string): string => `{ "policies": [{ "name": "x", ${text} }] }`;

test('a fact completes to the properties of the type, of relatives and of elements', async () => {
  const farm = await policies.offers(policy('"scope": { "type": "farm" }, "conditions": { "all": [{ "fact": "|" }] }'));
  expect(farm).toEqual(
    expect.arrayContaining([
      ...FARM,
      'parent.load',
      'children.load.mean',
      'children.load.p99',
      'children.count',
      'shop/web.load',
      'hall.servers',
    ]),
  );
  expect(farm).not.toContain('load');
  const server = await policies.offers(policy('"scope": { "type": "server" }, "conditions": { "fact": "|" }'));
  expect(server).toEqual(expect.arrayContaining(['load', 'mood', 'parent.servers']));
  for (const name of FARM) expect(server).not.toContain(name);
});

test('a scope by element has the names of its type, and a file default holds where a policy has no scope', async () => {
  expect(await policies.offers(policy('"scope": { "element": "shop/web" }, "conditions": { "fact": "|" }'))).toContain('load');
  const text = '{ "defaults": { "scope": { "type": "server" } }, "policies": [{ "conditions": { "fact": "|" } }] }';
  const offers = await policies.offers(text);
  expect(offers).toContain('load');
  expect(offers).not.toContain('servers');
  const plain = await policies.offers('[{ "conditions": { "fact": "|" } }]');
  expect(plain).toEqual(expect.arrayContaining(['load', 'servers']));
});

test('facts complete wherever a policy names one', async () => {
  for (const place of [
    '"conditions": { "not": { "any": [{ "fact": "|" }] } }',
    '"conditions": { "fact": "servers", "operator": "lessThan", "value": { "fact": "|" } }',
    '"deadZone": { "fact": "|", "low": 1, "high": 2 }',
    '"actions": [{ "command": "scale", "params": { "to": { "fact": "|" } } }]',
    '"expect": { "within": "1s", "conditions": { "fact": "|" } }',
    '"expect": { "within": "1s", "conditions": {}, "otherwise": [{ "command": "scale", "params": { "by": { "fact": "|" } } }] }',
  ])
    expect({ place, offers: await policies.offers(policy(`"scope": { "type": "farm" }, ${place}`)) }).toEqual({
      place,
      offers: expect.arrayContaining(FARM),
    });
});

test('types, elements, targets, commands, their params and named conditions complete', async () => {
  expect(await policies.offers(policy('"scope": { "type": "|" }'))).toEqual(expect.arrayContaining(['farm', 'server']));
  expect(await policies.offers(policy('"scope": { "element": "|" }'))).toEqual(expect.arrayContaining(['shop', 'shop/web', 'hall']));
  const actions = (text: string) => policy(`"scope": { "type": "farm" }, "actions": [{ ${text} }]`);
  const own = await policies.offers(actions('"command": "|"'));
  expect(own).toEqual(expect.arrayContaining(['scale', 'notify']));
  expect(own).not.toContain('restart');
  expect(await policies.offers(actions('"target": "shop/web", "command": "|"'))).toContain('restart');
  expect(await policies.offers(actions('"target": "parent", "command": "|"'))).toEqual(expect.arrayContaining(['scale', 'restart']));
  expect(await policies.offers(actions('"command": "scale", "target": "|"'))).toEqual(
    expect.arrayContaining(['self', 'parent', 'shop/web']),
  );
  expect(await policies.offers(actions('"command": "scale", "params": { | }'))).toEqual(expect.arrayContaining(['by', 'to']));
  expect(await policies.offers(policy('"scope": { "type": "farm" }, "event": { "type": "|" }'))).toContain('scale');
  expect(await policies.offers(policy('"scope": { "type": "farm" }, "conditions": { "condition": "|" }'))).toContain('busy');
});

test('names of policies, suites, set-points and probes complete where a policy sets them, and are marked where they are misspelt', async () => {
  const own = (text: string) => policy(`"scope": { "type": "farm" }, "conditions": {}, "actions": [{ "target": "homeostat", ${text} }]`);
  expect(await policies.offers(own('"command": "|"'))).toEqual(['setInterval', 'setMode', 'setPoint', 'switchSuite']);
  expect(await policies.offers(own('"command": "setMode", "params": { "policy": "|" }'))).toEqual(
    expect.arrayContaining(['grow', 'heal', 'old']),
  );
  expect(await policies.offers(own('"command": "setPoint", "params": { "policy": "grow", "name": "|" }'))).toContain('target');
  expect(await policies.offers(own('"command": "switchSuite", "params": { "suite": "|" }'))).toContain('day');
  expect(await policies.offers(own('"command": "setInterval", "params": { "probe": "|" }'))).toContain('till');
  expect(await policies.offers(policy('"scope": { "type": "farm" }, "conditions": { "fact": "|" }'))).toContain('setPoint.target');
  const marked = async (text: string) => (await policies.problems(own(text))).map((problem) => problem.marked);
  expect(await marked('"command": "setMode", "params": { "policy": "grow", "mode": "observe" }')).toEqual([]);
  expect(await marked('"command": "setMode", "params": { "policy": "gorw", "mode": "observ" }')).toEqual(['"gorw"', '"observ"']);
  expect(await marked('"command": "setMode", "params": { "policy": { "expression": "name" }, "mode": "act" }')).toEqual([]);
  expect(await marked('"command": "scale"')).toEqual(['"scale"']);
});

test('a misspelt name is marked at its place, and what is right is not', async () => {
  const misspelt = async (text: string) => (await policies.problems(policy(text))).map(({ marked }) => marked);
  const rest = '"actions": [{ "command": "scale", "params": { "by": 1 } }]';
  const right = '"conditions": { "fact": "responseTime", "operator": "greaterThan", "value": 1 }';
  expect(await misspelt(`"scope": { "type": "farm" }, ${right}, ${rest}`)).toEqual([]);
  expect(
    await misspelt(`"scope": { "type": "farm" }, "conditions": { "fact": "responsTime", "operator": "greaterThan", "value": 1 }, ${rest}`),
  ).toEqual(['"responsTime"']);
  expect(
    await misspelt(`"scope": { "type": "farm" }, "conditions": { "fact": "load", "operator": "greaterThan", "value": 1 }, ${rest}`),
  ).toEqual(['"load"']);
  expect(await misspelt(`"scope": { "type": "frm" }, ${right}, ${rest}`)).toEqual(['"frm"']);
  expect(await misspelt(`"scope": { "element": "shp" }, ${right}, ${rest}`)).toEqual(['"shp"']);
  expect(await misspelt(`"scope": { "type": "farm" }, ${right}, "actions": [{ "command": "scael" }]`)).toEqual(['"scael"']);
  expect(await misspelt(`"scope": { "type": "farm" }, ${right}, "actions": [{ "target": "shop/web", "command": "scale" }]`)).toEqual([
    '"scale"',
  ]);
  expect(await misspelt(`"scope": { "type": "farm" }, ${right}, ${rest}, "cooldwn": "1s"`)).toEqual(['"cooldwn"']);
  // What may come at run time is no mistake.
  expect(
    await misspelt(
      `"scope": { "element": "shop/web/3" }, "conditions": { "fact": "shop/x.load", "operator": "equal", "value": 1 }, ${rest}`,
    ),
  ).toEqual([]);
  expect(
    await misspelt(`"scope": { "type": "farm" }, "conditions": { "fact": "shop/x.laod", "operator": "equal", "value": 1 }, ${rest}`),
  ).toEqual(['"shop/x.laod"']);
  expect((await policies.problems(policy(`"scope": { "type": "farm" }, ${right}, "actions": [{ "command": "scael" }]`)))[0]?.message).toBe(
    'a farm has no such command',
  );
});

test('a scenario completes and checks policies, commands, elements and properties', async () => {
  const head = '"every": "1s"';
  expect(await scenario.offers(`{ ${head}, "expect": [{ "policy": "|" }] }`)).toEqual(expect.arrayContaining(['grow', 'heal', 'old']));
  expect(await scenario.offers(`{ ${head}, "people": [{ "at": "1s", "approve": { "policy": "|" } }] }`)).toContain('grow');
  expect(await scenario.offers(`{ ${head}, "expect": [{ "command": { "command": "|" } }] }`)).toEqual(
    expect.arrayContaining(['scale', 'restart']),
  );
  expect(await scenario.offers(`{ ${head}, "expect": [{ "element": "|" }] }`)).toContain('shop/web');
  expect(await scenario.offers(`{ ${head}, "series": { | } }`)).toEqual(expect.arrayContaining(['shop/responseTime', 'shop/web/load']));
  expect(await scenario.offers(`{ ${head}, "elements": { "a": { "type": "|" } } }`)).toEqual(expect.arrayContaining(['farm', 'server']));
  expect(await scenario.offers(`{ ${head}, "elements": { "a": { "type": "farm", | } } }`)).toEqual(expect.arrayContaining(FARM));

  const marked = async (text: string) => (await scenario.problems(`{ ${head}, ${text} }`)).map((problem) => problem.marked);
  expect(
    await marked(
      '"series": { "a/load": "1", "a/face": "1" }, "elements": { "a": { "type": "server", "load": 1 } }, "expect": [{ "policy": "grow" }]',
    ),
  ).toEqual([]);
  expect(await marked('"expect": [{ "policy": "gorw" }]')).toEqual(['"gorw"']);
  expect(await marked('"series": { "a/laod": "1" }, "expect": []')).toEqual(['"a/laod"']);
  expect(await marked('"elements": { "a": { "type": "server", "servers": 1 } }, "expect": []')).toEqual(['"servers"']);
  expect(
    await marked(
      '"expect": [{ "would": { "command": "scael" }, "reading": { "shop/servers": 1, "shop/parent.load": 1, "shop/server": 1 } }]',
    ),
  ).toEqual(['"scael"', '"shop/server"']);
});

/** Manager files below a folder, with the files of policies that they name and the scenarios beside. */
function projects(): { manager: string; policies: string[]; scenarios: string[] }[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) visit(join(path, entry.name));
      else if (entry.name === 'homeostat.json') found.push(join(path, entry.name));
    }
  };
  for (const root of ['examples', 'rules', 'test/scenario']) visit(join(ROOT, root));
  return found.map((manager) => {
    const here = dirname(manager);
    const scenarios = join(here, 'scenarios');
    return {
      manager,
      policies: ((JSON.parse(readFileSync(manager, 'utf8')).policies ?? []) as PolicyFile[]).map((entry) => join(here, pathOf(entry))),
      scenarios: [
        ...(existsSync(scenarios) ? readdirSync(scenarios).map((name) => join(scenarios, name)) : []),
        ...readdirSync(here)
          .filter((name) => name.endsWith('.scenario.json'))
          .map((name) => join(here, name)),
      ],
    };
  });
}

describe.each(projects().map((project) => [project.manager.slice(ROOT.length), project] as const))('%s', (_name, project) => {
  test('its policies and scenarios are right by the schemas made for it', async () => {
    const schemas = projectSchemas(project.manager);
    const [ofPolicies, ofScenarios] = [new Editor(schemas['policies.schema.json']!), new Editor(schemas['scenario.schema.json']!)];
    expect(project.policies.length).toBeGreaterThan(0);
    for (const file of project.policies)
      expect({ file, problems: await ofPolicies.problems(readFileSync(file, 'utf8')) }).toEqual({ file, problems: [] });
    for (const file of project.scenarios)
      expect({ file, problems: await ofScenarios.problems(readFileSync(file, 'utf8')) }).toEqual({ file, problems: [] });
  });
});
