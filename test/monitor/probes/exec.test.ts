import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execKind } from '../../../src/monitor/probes/exec.ts';
import { afterwards, context, folder, lives, sampled, until, valuesOf } from './support.ts';

/** Prints a text as it is. */
const print = (text: string) => ['printf', '%s', text];

test('a number on stdout is the value of the named property', async () => {
  const probe = execKind.create({ command: print(' 42.5\n'), output: 'number', property: 'depth' }, context());
  expect(await sampled(probe)).toEqual({ samples: [{ property: 'depth', value: 42.5 }] });
});

test('lines of name and value are numbers, truth values and texts; comments and blank lines say nothing', async () => {
  const probe = execKind.create({ command: print('# queue\npending 3\n\nready true\nmode  half speed \n') }, context());
  expect(await sampled(probe)).toEqual({
    samples: [
      { property: 'pending', value: 3 },
      { property: 'ready', value: true },
      { property: 'mode', value: 'half speed' },
    ],
  });
});

test('a wrong line is reported with its number and the others are published; nan is not taken for a text', async () => {
  const probe = execKind.create({ command: print('pending 3\nload nan\nempty\nb@d 1\nready true') }, context());
  const measurement = await sampled(probe);
  expect(valuesOf(measurement)).toEqual({ pending: 3, ready: true });
  expect(measurement.wrong).toBe('line 2: load is not a finite number; 2 more wrong lines');
});

test('JSON gives the values at the top, or those at the pointers', async () => {
  const command = print('{"pending":3,"deep":{"ready":true},"list":[]}');
  expect(valuesOf(await sampled(execKind.create({ command, output: 'json' }, context())))).toEqual({ pending: 3 });
  const read = { ready: '/deep/ready', gone: '/gone' };
  const measurement = await sampled(execKind.create({ command, output: 'json', read }, context()));
  expect(measurement).toEqual({ samples: [{ property: 'ready', value: true }], wrong: 'nothing at /gone' });
});

test.each([
  ['number', 'many', 'the output is "many", not a number'],
  ['number', '', 'the output is "", not a number'],
  ['json', '{', 'the output "{" is not JSON'],
  ['json', '[1]', 'not a JSON object'],
] as const)('output %s of "%s" is a failure', async (output, text, message) => {
  const options = output === 'number' ? { command: print(text), output, property: 'x' } : { command: print(text), output };
  await expect(sampled(execKind.create(options, context()))).rejects.toThrow(message);
});

test('arguments reach the program as they are: no shell reads them', async () => {
  const probe = execKind.create({ command: print('home $HOME; echo x 1') }, context());
  expect(valuesOf(await sampled(probe))).toEqual({ home: '$HOME; echo x 1' });
});

test('the program runs in the folder of the manager file', async () => {
  const directory = folder();
  writeFileSync(join(directory, 'depth'), 'depth 7');
  expect(valuesOf(await sampled(execKind.create({ command: ['cat', 'depth'] }, context({ directory }))))).toEqual({ depth: 7 });
});

test('a status other than zero is a failure with the end of stderr, whatever was printed', async () => {
  const command = ['sh', '-c', 'echo depth 1; echo "x$(printf "%01000d" 0) no queue" >&2; exit 3'];
  const failure = await sampled(execKind.create({ command }, context())).catch((error: Error) => error.message);
  expect(failure).toMatch(/^sh ended with status 3: 0+ no queue$/);
});

test('a program that a signal ended, or that is not there, is a failure', async () => {
  await expect(sampled(execKind.create({ command: ['sh', '-c', 'kill -TERM $$'] }, context()))).rejects.toThrow('sh was ended by SIGTERM');
  await expect(sampled(execKind.create({ command: ['./no-such-program'] }, context()))).rejects.toThrow(
    './no-such-program cannot be started: spawn ./no-such-program ENOENT',
  );
});

test('a program that writes without end is ended', async () => {
  const probe = execKind.create({ command: ['yes'], maxBytes: 1_000 }, context());
  await expect(sampled(probe)).rejects.toThrow('yes wrote more than 1000 bytes');
});

/** A script whose grandchild writes its id into a file, and which then hangs. */
const hanging = (file: string) => [
  'sh',
  '-c',
  `sh -c 'echo $$ $PPID >"${file}.new"; mv "${file}.new" "${file}"; while :; do sleep 600; done'; :`,
];

async function familyIn(file: string): Promise<readonly number[]> {
  const ids = await until(() => {
    try {
      return readFileSync(file, 'utf8').trim().split(' ').map(Number);
    } catch {
      return undefined;
    }
  });
  for (const id of ids) afterwards(() => lives(id) && process.kill(id, 'SIGKILL'));
  return ids;
}

test('a script that hangs with a grandchild is gone with its whole group after the timeout', async () => {
  const file = join(folder(), 'family');
  const controller = new AbortController();
  const measuring = sampled(execKind.create({ command: hanging(file) }, context()), controller.signal);
  const family = await familyIn(file);
  expect(family.map(lives)).toEqual([true, true]);
  controller.abort(new Error('no answer within 20 ms'));
  await expect(measuring).rejects.toThrow('no answer within 20 ms');
  await until(() => !family.some(lives));
});

test('closing the probe ends the group of a script that runs', async () => {
  const file = join(folder(), 'family');
  const probe = execKind.create({ command: hanging(file) }, context());
  const measuring = sampled(probe);
  measuring.catch(() => {});
  const family = await familyIn(file);
  await probe.close();
  await expect(measuring).rejects.toThrow('the probe was closed');
  await until(() => !family.some(lives));
});

test('what a script leaves behind in its group ends with it', async () => {
  const file = join(folder(), 'left');
  const script = `sleep 600 >/dev/null 2>&1 & echo $! >"${file}"; echo depth 1`;
  const measurement = await sampled(execKind.create({ command: ['sh', '-c', script] }, context()));
  expect(valuesOf(measurement)).toEqual({ depth: 1 });
  const [left] = await familyIn(file);
  await until(() => !lives(left!));
});

test('a process that left the group and holds the output does not hold up the end of a measurement', async () => {
  const file = join(folder(), 'escaped');
  const script = `setsid sh -c 'echo $$ >"${file}.new"; mv "${file}.new" "${file}"; exec sleep 600' & wait`;
  const controller = new AbortController();
  const measuring = sampled(execKind.create({ command: ['sh', '-c', script] }, context()), controller.signal);
  await familyIn(file);
  controller.abort(new Error('no answer within 20 ms'));
  await expect(measuring).rejects.toThrow('no answer within 20 ms');
});

test('a measurement that is already aborted starts nothing', async () => {
  const file = join(folder(), 'family');
  await expect(sampled(execKind.create({ command: hanging(file) }, context()), AbortSignal.abort(new Error('too late')))).rejects.toThrow(
    'too late',
  );
});

test.each([
  [{ command: ['x'], output: 'number' as const }, '"output": "number" needs "property"'],
  [{ command: ['x'], property: 'depth' }, '"property" needs "output": "number"'],
  [{ command: ['x'], read: { a: '/a' } }, '"read" needs "output": "json"'],
  [{ command: [''] }, 'the first entry of "command" is the program'],
])('options %j are refused', (options, message) => {
  const create = () => execKind.create(options, context());
  expect(create).toThrow(message);
  expect(create).toThrow(expect.objectContaining({ code: 'H007' }));
});
