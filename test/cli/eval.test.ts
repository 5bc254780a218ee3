import { folderWith, homeostat, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

const above = (fact: string, value: number, rest: object = {}) => ({
  conditions: { all: [{ fact, operator: 'greaterThan', value }] },
  event: { type: 'notify' },
  ...rest,
});
const POLICIES = [
  above('load', 1, { name: 'b', priority: 5 }),
  above('load', 1, { name: 'a', priority: 5 }),
  above('load', 3, { name: 'c', priority: 9 }),
  above('queue', 0, { name: 'd' }),
];

test('one line of facts in, one line out: by falling priority, then by name', async () => {
  const folder = folderWith({ 'rules.json': POLICIES, 'facts.jsonl': '{"load":2,"queue":1}\n\n{"load":4}\n{"load":0,"queue":null}\n' });
  const { status, stdout, stderr } = await homeostat(['eval', 'rules.json', '--facts', 'facts.jsonl'], folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toBe('{"true":["a","b","d"],"unknown":[]}\n{"true":["c","a","b"],"unknown":["d"]}\n{"true":[],"unknown":["d"]}\n');
  expect((await homeostat(['eval', 'rules.json', '--facts', '-'], folder, '{"load":2,"queue":0}')).stdout).toBe(
    '{"true":["a","b"],"unknown":[]}\n',
  );
});

test('a wrong line is told with its number and the remedy, and the others go on', async () => {
  const folder = folderWith({ 'rules.json': POLICIES, 'facts.jsonl': '{"load":2}\n{load:2}\n[1]\n{"load":4,"queue":0}\n' });
  const { status, stdout, stderr } = await homeostat(['eval', 'rules.json', '--facts', 'facts.jsonl'], folder);
  expect(status).toBe(1);
  expect(stdout).toBe('{"true":["a","b"],"unknown":["d"]}\n{"true":["c","a","b"],"unknown":[]}\n');
  expect(stderr).toMatch(/^facts.jsonl, line 2: H002 {2}it is not valid JSON: .*; write one object of facts a line, such as {"load": 3}\n/);
  expect(stderr).toContain('\nfacts.jsonl, line 3: H003  found [1]; write one object of facts a line');
});

test('plain rules need no scope; one without a name is called by its file and place; null is a value, and what is not there is unknown', async () => {
  const rule = (fact: string, operator: string, value: unknown, rest: object = {}) => ({
    conditions: { any: [{ fact, operator, value, ...rest }] },
    event: { type: 'anything at all', params: { text: null, list: [1, { a: 2 }] } },
  });
  const plain = [rule('user', 'equal', 'Ada', { path: '$.name' }), { ...rule('gone', 'equal', null), name: 'It is gone', priority: 3 }];
  const folder = folderWith({
    'rules/plain.json': plain,
    'rules/under.json': {
      policies: [rule('load', 'unknown', true), rule('load', 'changed', '10s'), rule('name', 'matches', '^web-[0-9]+$')],
    },
    'facts.jsonl': '{"user":{"name":"Ada"},"gone":null}\n{"user":{},"name":"web-7","load":1}\n',
  });
  const { stdout, stderr } = await homeostat(['eval', 'rules/plain.json', '--facts', 'facts.jsonl'], folder);
  expect(stderr).toBe('');
  expect(stdout).toBe(
    '{"true":["It is gone","rules/plain.json#/0"],"unknown":[]}\n{"true":[],"unknown":["It is gone","rules/plain.json#/0"]}\n',
  );
  expect((await homeostat(['eval', 'rules/under.json', '--facts', 'facts.jsonl'], folder)).stdout).toBe(
    '{"true":["rules/under.json#/policies/0"],"unknown":["rules/under.json#/policies/1","rules/under.json#/policies/2"]}\n' +
      '{"true":["rules/under.json#/policies/2"],"unknown":["rules/under.json#/policies/1"]}\n',
  );
});

test('files that cannot be read are 2, and policies with mistakes 1', async () => {
  const folder = folderWith({
    'rules.json': POLICIES,
    'wrong.json': [above('load', 1), { ...above('load', 1), conditions: { all: [{ fact: 'load', operator: 'over', value: 1 }] } }],
  });
  expect(await homeostat(['eval', 'gone.json', '--facts', '-'], folder, '{}')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('H001'),
  });
  expect(await homeostat(['eval', 'rules.json', '--facts', 'gone.jsonl'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('H001  gone.jsonl cannot be read'),
  });
  expect(await homeostat(['eval', 'wrong.json', '--facts', '-'], folder, '{}')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('wrong.json#/1/conditions/all/0/operator'),
  });
  expect(await homeostat(['eval', 'rules.json'], folder)).toMatchObject({ status: 2 });
});

test('a set-point is as its policy says, unless the line says otherwise', async () => {
  const conditions = { all: [{ fact: 'load', operator: 'greaterThan', value: { fact: 'setPoint.limit' } }] };
  const policy = { name: 'busy', setPoints: { limit: 10 }, conditions, actions: [{ command: 'notify' }] };
  const folder = folderWith({ 'rules.json': { policies: [policy] } });
  const lines = '{"load":11}\n{"load":11,"setPoint.limit":20}\n';
  expect((await homeostat(['eval', 'rules.json', '--facts', '-'], folder, lines)).stdout).toBe(
    '{"true":["busy"],"unknown":[]}\n{"true":[],"unknown":[]}\n',
  );
});
