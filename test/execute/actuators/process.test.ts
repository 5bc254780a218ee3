import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Actuator, Result } from '../../../src/execute/actuators/actuator.ts';
import { processKind } from '../../../src/execute/actuators/process.ts';
import type { ProcessOptions } from '../../../src/execute/actuators/process-options.ts';
import type { OwnedProcess } from '../../../src/execute/actuators/process-table.ts';
import { makeRig, never, order, type Rig, until } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
  rig.put('shop', 'shop');
  rig.put('shop/worker', 'worker', { seconds: 60 });
});
afterEach(() => rig.end());

const SLEEP: ProcessOptions = { run: ['sleep', '{seconds}'], publishes: ['state', 'pid'] };
/** Does not heed TERM: what is ignored stays so over exec. Says "deaf" when it has begun to. */
const DEAF: ProcessOptions = { run: ['sh', '-c', 'trap "" TERM; echo deaf; exec sleep 60'], grace: '50ms' };

const make = (options: ProcessOptions): Actuator => processKind.create(options, rig.context);
const give = (actuator: Actuator, operation: string): Promise<Result> => actuator.execute(order(operation, 'shop/worker'), never);
const logOf = (element: string): string => readFileSync(join(rig.context.folder, 'logs', `${element}.log`), 'utf8');
const only = async (): Promise<OwnedProcess> => {
  const all = await rig.processes();
  expect(all).toHaveLength(1);
  return all[0]!;
};

test('start runs the program in a session of its own, with its output in a file and its command in its environment', async () => {
  const env = { GREETING: 'hello {name}' };
  const run = ['sh', '-c', 'echo "$GREETING, $HOMEOSTAT_ELEMENT of $HOMEOSTAT_COMMAND, $INHERITED {{seconds}}={seconds}"; exec sleep 60'];
  const actuator = make({ run, env, publishes: ['state', 'pid'] });
  const first = order('start', 'shop/worker');
  const result = await actuator.execute(first, never);
  const process = await only();
  expect(process).toMatchObject({ element: 'shop/worker', command: first.command.id, leader: true });
  expect(result.status).toBe('succeeded');
  expect(result.observations).toMatchObject([
    { element: 'shop/worker', property: 'state', value: 'running', source: 'hand' },
    { element: 'shop/worker', property: 'pid', value: process.pid },
  ]);
  expect(actuator.processes?.()).toMatchObject([{ element: 'shop/worker', pid: process.pid }]);
  await until(() => logOf('shop/worker').endsWith('\n'));
  expect(logOf('shop/worker')).toBe(`hello worker, shop/worker of ${first.command.id}, yes {seconds}=60\n`);
});

test('start does nothing where a process runs, whichever command started it, and the same command twice is done once', async () => {
  const actuator = make(SLEEP);
  const first = order('start', 'shop/worker');
  await actuator.execute(first, never);
  const { pid } = await only();
  expect((await actuator.execute(first, never)).status).toBe('succeeded');
  expect((await give(actuator, 'start')).status).toBe('succeeded');
  expect((await only()).pid).toBe(pid);
});

test('two orders at once start one process', async () => {
  const actuator = make(SLEEP);
  const results = await Promise.all([give(actuator, 'start'), give(actuator, 'start')]);
  expect(results.map((result) => result.status)).toEqual(['succeeded', 'succeeded']);
  await only();
});

test('stop ends the process and its helpers, and stopping again is done already', async () => {
  const actuator = make({ run: ['sh', '-c', 'sleep 60 & sleep 60 & wait'], publishes: ['state'] });
  await give(actuator, 'start');
  await until(async () => (await rig.processes()).length === 3);
  const result = await give(actuator, 'stop');
  expect(result).toMatchObject({ status: 'succeeded', observations: [{ property: 'state', value: 'exited' }] });
  expect(await rig.processes()).toEqual([]);
  expect(actuator.processes?.()).toMatchObject([{ element: 'shop/worker', pid: null }]);
  expect(await give(actuator, 'stop')).toMatchObject({ status: 'succeeded', detail: 'shop/worker has no process' });
});

test('a process that does not heed TERM gets KILL after the grace time', async () => {
  const actuator = make(DEAF);
  await give(actuator, 'start');
  await until(() => logOf('shop/worker') === 'deaf\n');
  expect((await give(actuator, 'stop')).status).toBe('succeeded');
  expect(await rig.processes()).toEqual([]);
});

test('a helper that its process has left behind is ended too', async () => {
  const actuator = make({ run: ['sh', '-c', '(trap "" TERM; echo deaf; exec sleep 60) & exec sleep 60'], grace: '50ms' });
  await give(actuator, 'start');
  await until(() => logOf('shop/worker') === 'deaf\n');
  process.kill((await rig.processes()).find((each) => each.leader)!.pid, 'SIGKILL');
  await until(async () => (await rig.processes()).every((each) => !each.leader));
  expect(await rig.processes()).toHaveLength(1);
  expect((await give(actuator, 'stop')).status).toBe('succeeded');
  expect(await rig.processes()).toEqual([]);
});

test('restart puts a new process in the place of the old', async () => {
  const actuator = make(SLEEP);
  await give(actuator, 'start');
  const old = await only();
  const again = order('restart', 'shop/worker');
  expect((await actuator.execute(again, never)).status).toBe('succeeded');
  const process = await only();
  expect(process.pid).not.toBe(old.pid);
  expect(process.command).toBe(again.command.id);
  expect((await actuator.execute(again, never)).status).toBe('succeeded');
  expect((await only()).pid).toBe(process.pid);
});

test('restart kills a frozen process at once, without its grace time', async () => {
  const actuator = make({ ...SLEEP, grace: '1d' });
  await give(actuator, 'start');
  const old = await only();
  process.kill(old.pid, 'SIGSTOP');
  await until(async () => (await only()).frozen);
  expect((await give(actuator, 'restart')).status).toBe('succeeded');
  expect((await only()).pid).not.toBe(old.pid);
});

test('restart leaves a process alone that was started after the command was given', async () => {
  const actuator = make(SLEEP);
  const waiting = order('restart', 'shop/worker');
  await give(actuator, 'start');
  const { pid } = await only();
  expect((await actuator.execute(waiting, never)).status).toBe('succeeded');
  expect((await only()).pid).toBe(pid);
});

test('a process of ours that ends by itself is told at once; one that ends by order is not', async () => {
  const actuator = make(SLEEP);
  await give(actuator, 'start');
  await give(actuator, 'restart');
  expect(rig.emitted).toEqual([]);
  process.kill((await only()).pid, 'SIGKILL');
  await until(() => rig.emitted.length > 0);
  expect(rig.emitted).toMatchObject([{ kind: 'observation', element: 'shop/worker', property: 'state', value: 'exited', source: 'hand' }]);
  expect(actuator.processes?.()).toMatchObject([{ element: 'shop/worker', pid: null }]);
});

test('what is not published is not told', async () => {
  const actuator = make({ run: ['sleep', '60'] });
  expect((await give(actuator, 'start')).observations).toEqual([]);
  process.kill((await only()).pid, 'SIGKILL');
  await until(() => rig.logged.some((line) => line.msg === 'a process has ended'));
  expect(rig.emitted).toEqual([]);
});

test('a program that is not there, an element that is not there and a placeholder without a value fail for good', async () => {
  const absent = await give(make({ run: ['/nowhere/program'] }), 'start');
  expect(absent).toMatchObject({ status: 'failed', retryable: false });
  expect(absent.detail).toContain('/nowhere/program cannot be run');
  const unnamed = await give(make({ run: ['sleep', '{hours}'] }), 'restart');
  expect(unnamed).toMatchObject({ status: 'failed', retryable: false });
  expect(unnamed.detail).toContain('{hours} in "{hours}" has no value; known here: command, id, name, seconds, term, type');
  rig.drop('shop/worker');
  expect(await give(make(SLEEP), 'start')).toMatchObject({ status: 'failed', retryable: false, detail: 'there is no element shop/worker' });
});

test('a process is started without its log and its mark where the folder cannot be written', async () => {
  const actuator = processKind.create(SLEEP, { ...rig.context, folder: '/dev/null/x' });
  expect((await give(actuator, 'start')).status).toBe('succeeded');
  await only();
  expect(rig.logged.filter((line) => line.level === 40)).toHaveLength(2);
});

test('nothing is begun after the signal was aborted', async () => {
  const actuator = make(SLEEP);
  const result = await actuator.execute(order('start', 'shop/worker'), AbortSignal.abort(new Error('too late')));
  expect(result).toEqual({ status: 'timedOut', detail: 'too late' });
  expect(await rig.processes()).toEqual([]);
});

test('an abort in the grace time leaves the process to the next order', async () => {
  const actuator = make({ ...DEAF, grace: '1d' });
  await give(actuator, 'start');
  await until(() => logOf('shop/worker') === 'deaf\n');
  const abort = new AbortController();
  const stopping = actuator.execute(order('stop', 'shop/worker'), abort.signal);
  abort.abort(new Error('the deadline has passed'));
  expect(await stopping).toEqual({ status: 'timedOut', detail: 'the deadline has passed' });
  await only();
});

describe('ready', () => {
  const server = (readyAfterMs: number) =>
    `const http = require('node:http'); const t = Date.now();
     http.createServer((q, r) => { r.statusCode = Date.now() - t < ${readyAfterMs} ? 503 : 200; r.end(); }).listen({port}, '127.0.0.1');
     setTimeout(process.exit, 60000);`;
  const port = 20_000 + (process.pid % 10_000) * 3;
  beforeEach(() => rig.put('shop/worker', 'worker', { port }));

  test('a start has succeeded when the process answers well', async () => {
    const actuator = make({ run: ['node', '-e', server(100)], ready: { http: 'http://127.0.0.1:{port}/health', tcp: '127.0.0.1:{port}' } });
    expect((await give(actuator, 'start')).status).toBe('succeeded');
    const { status } = await fetch(`http://127.0.0.1:${port}/`);
    expect(status).toBe(200);
  });

  test('a process that is not ready in time is ended, and the next attempt of the same command starts another', async () => {
    const actuator = make({ run: ['sh', '-c', 'echo trying; exec sleep 60'], ready: { tcp: '127.0.0.1:{port}', within: '60ms' } });
    const start = order('start', 'shop/worker');
    for (const times of [1, 2]) {
      const result = await actuator.execute(start, never);
      expect(result).toMatchObject({ status: 'failed', retryable: true });
      expect(result.detail).toContain(`127.0.0.1:${port} was not ready within 60 ms; it wrote last: ${'trying\n'.repeat(times).trim()}`);
      expect(await rig.processes()).toEqual([]);
    }
  });

  test('a process that ends before it is ready has failed at once, with what it wrote last', async () => {
    const actuator = make({ run: ['sh', '-c', 'echo the port is taken; exit 1'], ready: { tcp: '127.0.0.1:{port}', within: '1h' } });
    const result = await give(actuator, 'start');
    expect(result).toMatchObject({ status: 'failed', retryable: true });
    expect(result.detail).toContain('it ended before it was ready; it wrote last: the port is taken');
  });

  test('a process of an earlier command that is not ready is left alone', async () => {
    await give(make({ run: ['sleep', '60'] }), 'start');
    const actuator = make({ run: ['sleep', '60'], ready: { tcp: '127.0.0.1:{port}', within: '60ms' } });
    expect((await give(actuator, 'start')).status).toBe('failed');
    await only();
  });
});
