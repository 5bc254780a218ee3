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

test('a wrong line is told with its number', async () => {
  const folder = folderWith({ 'rules.json': POLICIES, 'facts.jsonl': '{"load":2}\n{load:2}\n' });
  expect(await homeostat(['eval', 'rules.json', '--facts', 'facts.jsonl'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('H002  facts.jsonl, line 2 is not valid JSON'),
  });
  expect(await homeostat(['eval', 'rules.json', '--facts', '-'], folder, '[1]')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('standard input, line 1 is [1]; write one object of facts a line'),
  });
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
