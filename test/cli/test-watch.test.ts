import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { put, RULES, shop, start, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

/** A load that is over 200 ms: a server is to be added. */
const SCENARIO = {
  every: '10s',
  series: { 'shop/responseTime': '100x3 260x3' },
  expect: [{ command: { command: 'scale', params: { to: 2 } } }],
};

const limited = (limit: number): string => JSON.stringify(RULES).replace('"value":200', `"value":${limit}`);

test('scenarios run again when a policy, a scenario or the manager file changes, a broken file is told, and Ctrl-C ends well', async () => {
  const folder = shop();
  put(folder, 'scenarios/slow.json', SCENARIO);
  const watching = start(['test', '--watch'], folder);
  await watching.said('1 passed, 0 failed');
  put(folder, 'rules/shop.json', limited(300));
  await watching.said('0 passed, 1 failed');
  put(folder, 'rules/shop.json', '{ "policies": [');
  await watching.said('is not valid JSON');
  // As many editors save: a new file in the place of the old one.
  put(folder, 'rules/shop.json.new', limited(200));
  renameSync(join(folder, 'rules/shop.json.new'), join(folder, 'rules/shop.json'));
  put(folder, 'scenarios/other.json', SCENARIO);
  await watching.said('2 passed, 0 failed');
  put(folder, 'homeostat.json', '{}');
  await watching.said('0 passed, 2 failed');
  rmSync(join(folder, 'scenarios'), { recursive: true });
  await watching.said('no scenario found');
  watching.child.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ status: 0 });
});

test('a folder that comes later is watched too, and with --json each run is a line', async () => {
  const folder = shop();
  put(folder, 'scenarios/slow.json', SCENARIO);
  const watching = start(['test', '--watch', '--json', '--coverage', '.'], folder);
  await watching.said('"passed":1');
  mkdirSync(join(folder, 'more/scenarios'), { recursive: true });
  put(folder, 'more/scenarios/late.json', { ...SCENARIO, manager: '../../homeostat.json' });
  await watching.said('"passed":2');
  put(folder, 'more/scenarios/late.json', { ...SCENARIO, manager: '../../homeostat.json', expect: [{ commands: 7 }] });
  await watching.said('"passed":1,"failed":1');
  watching.child.kill('SIGTERM');
  const { status, stdout } = await watching.ended;
  expect(status).toBe(0);
  for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('coverage.share');
});
