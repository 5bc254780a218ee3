import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, homeostat, startManager, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

test('what init writes is right, passes its test and runs as printed', async () => {
  const here = folderWith();
  const { status, stdout } = await homeostat(['init', 'x'], here);
  expect(status).toBe(0);
  const folder = join(here, 'x');
  const typed = [...stdout.matchAll(/^ {2}(cd x|homeostat [a-z]+)/gm)].map(([, command]) => command);
  expect(typed).toEqual(['cd x', 'homeostat test', 'homeostat run', 'homeostat status', 'homeostat explain', 'homeostat journal']);
  expect(await homeostat(['check'], folder)).toMatchObject({ status: 0 });
  expect(await homeostat(['test'], folder)).toMatchObject({ status: 0, stdout: expect.stringContaining('1 passed, 0 failed') });
  const program = await startManager(folder);
  expect(JSON.parse((await homeostat(['status', '--json'], folder)).stdout)).toMatchObject({
    mode: 'observe',
    running: true,
    setAside: [],
  });
  expect(await homeostat(['explain', 'this-host'], folder)).toMatchObject({ status: 0, stdout: expect.stringContaining('cpu-is-busy') });
  program.child.kill();
  expect((await program.ended).status).toBe(0);
});

test('it names schemas that are there, so that an editor can help', async () => {
  const folder = folderWith();
  await homeostat(['init'], folder);
  for (const file of ['homeostat.json', 'rules/host.json', 'scenarios/cpu-is-busy.json']) {
    const { $schema } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    expect(JSON.parse(readFileSync(join(folder, file, '..', $schema), 'utf8'))).toMatchObject({ type: 'object' });
  }
});

test('it overwrites nothing, and then writes nothing', async () => {
  const folder = folderWith({ 'rules/host.json': '{}' });
  expect(await homeostat(['init', '.'], folder)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('rules/host.json is there already, and nothing was written'),
  });
  expect(readdirSync(folder)).toEqual(['rules']);
  expect(await homeostat(['init', 'rules/host.json/below-a-file'], folder)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('cannot be written'),
  });
});
