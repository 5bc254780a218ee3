import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERRORS } from '../../src/errors.ts';
import { homeostat, start, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

const doc = (name: string) => readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');

test('help and version are good, wrong usage is 2 with what was probably meant', async () => {
  const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));
  expect(await homeostat(['--version'], '/')).toMatchObject({ status: 0, stdout: `${version}\n` });
  expect(await homeostat(['run', '--help'], '/')).toMatchObject({ status: 0, stdout: expect.stringContaining('--lenient') });
  expect(await homeostat(['rnu'], '/')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Did you mean run?') });
  expect(await homeostat(['run', '--lenint'], '/')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Did you mean --lenient?'),
  });
  expect(await homeostat(['status', '--limit', 'all'], '/')).toMatchObject({ status: 2, stderr: expect.stringContaining('whole number') });
  expect((await homeostat([], '/')).status).toBe(2);
});

test('who reads what it says may stop reading', async () => {
  const one = start(['test', fileURLToPath(new URL('../../rules', import.meta.url))], '/');
  one.child.stdout?.destroy();
  expect(await one.ended).toMatchObject({ status: 0, stderr: '' });
});

test('docs/cli.md names every command and option', async () => {
  const page = doc('cli.md');
  const { stdout } = await homeostat(['--help'], '/');
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  expect(commands).toEqual([
    'init',
    'run',
    'agent',
    'check',
    'doctor',
    'schema',
    'eval',
    'status',
    'explain',
    'journal',
    'pause',
    'resume',
    'advice',
    'approve',
    'reject',
    'policies',
    'replay',
    'test',
    'demo',
  ]);
  for (const command of commands) {
    expect(page).toContain(`### ${command}`);
    const help = await homeostat([command, '--help'], '/');
    for (const [option] of help.stdout.matchAll(/--[a-z-]+/g)) if (option !== '--help') expect(page).toContain(option);
  }
});

test('docs/errors.md and the closed list of errors agree', () => {
  const rows = [...doc('errors.md').matchAll(/^\| (H[0-9]{3}) \| ([^|]+) \| (yes|no) \| ([^|]+) \|$/gm)];
  const listed = rows.map(([, code, title, retry]) => [code, title, retry]);
  expect(listed).toEqual(Object.entries(ERRORS).map(([code, { title, retryable }]) => [code, title, retryable ? 'yes' : 'no']));
  for (const [, , , , remedy] of rows) expect(remedy!.length).toBeGreaterThan(10);
});

test('docs/api.md names every endpoint', async () => {
  const { ROUTES } = await import('../../src/api/routes.ts');
  const page = doc('api.md');
  for (const { method, path } of ROUTES)
    expect(page).toContain(
      `### ${method} ${path.replace(':probe', 'PROBE').replace(':id', 'ID').replace(':version', 'VERSION').replace('*', 'ID')}`,
    );
});
