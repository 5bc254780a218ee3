/** What a manager that died suddenly leaves behind, and what its next life makes of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Actuator, Order } from '../../../src/execute/actuators/actuator.ts';
import { processKind } from '../../../src/execute/actuators/process.ts';
import type { ProcessOptions } from '../../../src/execute/actuators/process-options.ts';
import type { Life } from './life.ts';
import { makeRig, never, order, type Rig, until } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
  rig.put('web', 'farm');
  rig.put('web/worker', 'worker');
});
afterEach(() => rig.end());

const here = fileURLToPath(new URL('.', import.meta.url));
/** Each start writes the command that it was for. */
const run = ['sh', '-c', 'echo "$HOMEOSTAT_COMMAND"; exec sleep 60'];
const ONE: ProcessOptions = { run, publishes: ['state'] };
const POOL: ProcessOptions = { ...ONE, pool: { type: 'server', name: 'server-{n}' } };
const starts = (element: string): string[] =>
  readFileSync(join(rig.context.folder, 'logs', `${element}.log`), 'utf8')
    .trim()
    .split('\n');
const started = (element: string) => until(() => starts(element)[0] !== '');

/** Gives the order in a process of its own, which is killed at the given passing of the fail point. */
async function liveUntil(options: ProcessOptions, given: Order, point: string, time = 1): Promise<void> {
  const elements = ['web', 'web/worker', 'web/server-1', 'web/server-2', 'web/server-3'].flatMap((id) => rig.context.target(id) ?? []);
  const life: Life = { options, elements, order: given, owner: rig.owner, folder: rig.folder, dieAt: { point, time } };
  const loader = pathToFileURL(join(here, 'ts-loader.mjs')).href;
  const child = spawn(process.execPath, ['--import', loader, join(here, 'life.ts'), JSON.stringify(life)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH ?? '' },
    timeout: 20_000,
  });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
}

async function nextLife(options: ProcessOptions): Promise<Actuator> {
  const actuator = processKind.create(options, rig.context);
  await actuator.adopt?.(['web', 'web/worker', 'web/server-1', 'web/server-2'].flatMap((id) => rig.context.target(id) ?? []));
  return actuator;
}

test.each(['start', 'restart'])(
  'died after the spawn of a %s: the process is found, and the command has been carried out',
  async (operation) => {
    const given = order(operation, 'web/worker');
    await liveUntil(ONE, given, 'afterSpawn');
    const [left] = await rig.processes();
    const actuator = await nextLife(ONE);
    expect(actuator.processes?.()).toMatchObject([{ pid: null }, { element: 'web/worker', pid: left!.pid }]);
    expect(await actuator.inquire?.(given, never)).toMatchObject({ status: 'succeeded', observations: [{ value: 'running' }] });
    expect((await actuator.execute(given, never)).status).toBe('succeeded');
    expect(await rig.processes()).toEqual([left]);
    await started('web/worker');
    expect(starts('web/worker')).toEqual([given.command.id]);
  },
);

test('died when all was done: a process of an earlier life is restarted, stopped and noticed like any other', async () => {
  await liveUntil(ONE, order('start', 'web/worker'), 'outcome');
  const [left] = await rig.processes();
  const actuator = await nextLife(ONE);
  expect((await actuator.execute(order('restart', 'web/worker'), never)).status).toBe('succeeded');
  const [process_] = await rig.processes();
  expect(process_!.pid).not.toBe(left!.pid);
  expect((await actuator.execute(order('stop', 'web/worker'), never)).status).toBe('succeeded');
  expect(await rig.processes()).toEqual([]);
});

test('died between the kill and the start of a restart: the command is not done, and doing it does the rest', async () => {
  await (await nextLife(ONE)).execute(order('start', 'web/worker'), never);
  const given = order('restart', 'web/worker');
  await liveUntil(ONE, given, 'beforeSpawn');
  expect(await rig.processes()).toEqual([]);
  const actuator = await nextLife(ONE);
  expect(await actuator.inquire?.(given, never)).toBeUndefined();
  expect((await actuator.execute(given, never)).status).toBe('succeeded');
  expect(await rig.processes()).toMatchObject([{ element: 'web/worker', command: given.command.id }]);
});

test('died after the start, and the process too: the command is not carried out a second time', async () => {
  const given = order('restart', 'web/worker');
  await liveUntil(ONE, given, 'outcome');
  await started('web/worker');
  process.kill((await rig.processes())[0]!.pid, 'SIGKILL');
  await until(async () => (await rig.processes()).length === 0);
  const actuator = await nextLife(ONE);
  expect(await actuator.inquire?.(given, never)).toBeUndefined();
  const result = await actuator.execute(given, never);
  expect(result).toMatchObject({ status: 'succeeded', observations: [{ property: 'state', value: 'exited' }] });
  expect(result.detail).toContain('has ended since');
  expect(starts('web/worker')).toEqual([given.command.id]);
  expect(await rig.processes()).toEqual([]);
});

test('died in a scale, and one of its processes was started anew by another command and has ended: the scale does not start it a second time', async () => {
  const given = order('scale', 'web', { to: 2 });
  const first = await nextLife(POOL);
  expect((await first.execute(given, never)).status).toBe('succeeded');
  rig.put('web/server-2', 'server');
  const healing = order('restart', 'web/server-2');
  expect((await first.execute(healing, never)).status).toBe('succeeded');
  await until(() => starts('web/server-2').length === 2);
  const victim = (await rig.processes()).find(({ element }) => element === 'web/server-2')!;
  process.kill(victim.pid, 'SIGKILL');
  await until(async () => (await rig.processes()).length === 1);
  const result = await (await nextLife(POOL)).execute(given, never);
  expect(result.detail).toContain('web/server-2 was started as');
  expect(starts('web/server-2')).toEqual([given.command.id, healing.command.id]);
});

test('died in the middle of a scale: the next life does the remainder, and tells of all', async () => {
  const given = order('scale', 'web', { to: 3 });
  await liveUntil(POOL, given, 'afterSpawn', 2);
  expect((await rig.processes()).map((each) => each.element)).toEqual(['web/server-1', 'web/server-2']);
  const actuator = await nextLife(POOL);
  expect(await actuator.inquire?.(given, never)).toBeUndefined();
  const result = await actuator.execute(given, never);
  expect(result.status).toBe('succeeded');
  expect(result.appeared?.map((each) => each.element)).toEqual(['web/server-1', 'web/server-2', 'web/server-3']);
  expect(actuator.processes?.()).toHaveLength(3);
  for (const n of [1, 2, 3]) {
    await started(`web/server-${n}`);
    expect(starts(`web/server-${n}`)).toEqual([given.command.id]);
  }
});

test('died when a scale was done: it is found done, with the members that the model does not hold', async () => {
  const given = order('scale', 'web', { to: 2 });
  await liveUntil(POOL, given, 'outcome');
  const actuator = await nextLife(POOL);
  const result = await actuator.inquire?.(given, never);
  expect(result).toMatchObject({ status: 'succeeded', appeared: [{ element: 'web/server-1' }, { element: 'web/server-2' }] });
  expect(result?.observations?.[0]).toMatchObject({ property: 'servers', value: 2 });
  expect(actuator.processes?.().map((each) => each.pid)).toEqual((await rig.processes()).map((each) => each.pid));
});

test('a scale that broke off and whose deadline has passed is told with what is there', async () => {
  const given = order('scale', 'web', { to: 3 });
  await liveUntil(POOL, given, 'afterSpawn', 1);
  const late = { ...given, command: { ...given.command, deadlineAt: given.command.issuedAt } };
  expect(await (await nextLife(POOL)).inquire?.(late, never)).toMatchObject({
    status: 'timedOut',
    appeared: [{ element: 'web/server-1' }],
    observations: [{ property: 'servers', value: 1 }, { property: 'state' }],
  });
});

test('a stop is found done where there is no process, and is to be done where there is one', async () => {
  const actuator = await nextLife(ONE);
  expect(await actuator.inquire?.(order('stop', 'web/worker'), never)).toMatchObject({ status: 'succeeded' });
  await actuator.execute(order('start', 'web/worker'), never);
  expect(await actuator.inquire?.(order('stop', 'web/worker'), never)).toBeUndefined();
});
