import { systemdKind } from '../../../src/execute/actuators/systemd.ts';
import { checkSystemd } from '../../../src/execute/actuators/systemd-options.ts';
import { parseShow } from '../../../src/execute/actuators/systemd-unit.ts';
import { makeRig, never, order, type Rig, until } from './rig.ts';
import { type Systemd, standIn } from './systemd-rig.ts';

let rig: Rig;
let systemd: Systemd;
beforeEach(() => {
  rig = makeRig();
  rig.put('shop/web', 'service', { limit: 40 });
  systemd = standIn(rig);
  systemd.put('app@web.service');
});
afterEach(() => rig.end());

const make = (options = {}) =>
  systemd.make({ unit: 'app@{name}.service', publishes: ['state', 'subState', 'pid', 'restarts'], ...options });
const give = (operation: string, params = {}, options = {}) => make(options).execute(order(operation, 'shop/web', params), never);

test('a unit is started, restarted, reloaded and stopped, and its state and process are read back', async () => {
  const started = await give('start');
  expect(started).toMatchObject({
    status: 'succeeded',
    observations: [
      { element: 'shop/web', property: 'state', value: 'active', source: 'hand' },
      { property: 'subState', value: 'running' },
      { property: 'pid', value: expect.any(Number) },
      { property: 'restarts', value: 0 },
    ],
  });
  expect(started.detail).toMatch(/^app@web\.service: start done: active \(running\), process [0-9]+$/);
  expect(await give('start')).toMatchObject({ detail: expect.stringContaining('nothing to do') });
  expect(await give('restart')).toMatchObject({ status: 'succeeded' });
  expect(await give('reload')).toMatchObject({ status: 'succeeded' });
  // A unit without a process has no pid, and none is told as zero.
  expect(await give('stop')).toMatchObject({
    status: 'succeeded',
    observations: [{ value: 'inactive' }, { value: 'dead' }, { property: 'restarts' }],
  });
  expect(await give('stop')).toMatchObject({ detail: expect.stringContaining('nothing to do') });
  expect(systemd.effects()).toEqual(['start', 'restart', 'reload', 'stop'].map((verb) => `${verb} app@web.service`));
});

test('properties are set with their placeholders replaced', async () => {
  const set = { CPUQuota: '{to}%', MemoryMax: '{limit}M' };
  expect(await give('setProperty', { to: 50 }, { set, runtime: true })).toMatchObject({ status: 'succeeded' });
  expect(systemd.effects()).toEqual(['set-property app@web.service CPUQuota=50% MemoryMax=40M']);
  expect(await give('setProperty', { to: 1 }, { set: { Nonsense: '1' } })).toMatchObject({
    status: 'failed',
    retryable: false,
    detail: expect.stringContaining('unknown property'),
  });
});

test('the user’s own manager is asked if that is said', async () => {
  await give('start', {}, { user: true });
  expect(systemd.read('managers')).toMatch(/^(user\n)+$/);
});

test('a unit that fails to start may start another time; one that is not there will not', async () => {
  systemd.flag('broken');
  expect(await give('start')).toMatchObject({
    status: 'failed',
    retryable: true,
    detail: expect.stringContaining('failed because the control process exited with error code'),
  });
  expect(await give('start', {}, { unit: 'none.service' })).toEqual({
    status: 'failed',
    detail: 'the unit none.service is not-found',
    retryable: false,
  });
  systemd.put('masked.service', 'LoadState=masked\nActiveState=inactive');
  expect(await give('start', {}, { unit: 'masked.service' })).toMatchObject({ detail: 'the unit masked.service is masked' });
});

test('where there is no systemd that is said, in its words', async () => {
  systemd.flag('away');
  expect(await give('start')).toMatchObject({
    status: 'failed',
    retryable: false,
    detail: expect.stringContaining('not been booted with systemd'),
  });
  expect(await give('start', {}, { systemctl: ['/nowhere/systemctl'] })).toMatchObject({ status: 'failed', retryable: false });
});

test('at the deadline a job that systemd has not done yet is taken back', async () => {
  systemd.flag('hang');
  const abort = new AbortController();
  const running = make().execute(order('start', 'shop/web'), abort.signal);
  await until(() => systemd.has('begun'));
  abort.abort(new Error('the deadline has passed'));
  expect(await running).toEqual({ status: 'timedOut', detail: 'the deadline has passed' });
  expect(systemd.effects()).toEqual(['cancel 4711']);
});

describe('after a crash', () => {
  /** An order whose manager died while systemd was at it. */
  const broken = async (operation: string, invocation: string, options = {}) => {
    systemd.put(
      'app@web.service',
      `LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=7\nInvocationID=${invocation}\nNRestarts=0\nJob=`,
    );
    systemd.flag('broken');
    const given = order(operation, 'shop/web');
    await make(options).execute(given, never);
    return given;
  };
  const now = (active: string, invocation: string) =>
    systemd.put(
      'app@web.service',
      `LoadState=loaded\nActiveState=${active}\nSubState=x\nMainPID=7\nInvocationID=${invocation}\nNRestarts=0\nJob=`,
    );

  test('a command of which systemd was never asked may be sent', async () => {
    for (const operation of ['start', 'stop', 'restart', 'reload', 'setProperty'])
      expect(await make().inquire?.(order(operation, 'shop/web'), never)).toBeUndefined();
  });

  test('a restart was done if another invocation has begun since', async () => {
    const given = await broken('restart', 'a1');
    now('active', 'a1');
    expect(await make().inquire?.(given, never)).toBeUndefined();
    now('active', 'b2');
    expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded' });
    // Begun and ended since: it is not started a second time.
    now('failed', 'b2');
    expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded', detail: expect.stringContaining('failed') });
  });

  test('a stop was done if the unit is down', async () => {
    const given = await broken('stop', 'a1');
    now('active', 'a1');
    expect(await make().inquire?.(given, never)).toBeUndefined();
    now('inactive', 'a1');
    expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded' });
  });

  test('of a reload nobody knows, and properties may be set again', async () => {
    await expect(make().inquire?.(await broken('reload', 'a1'), never)).rejects.toThrow('does not say whether it has');
    expect(
      await make({ set: { CPUQuota: '5%' } }).inquire?.(await broken('setProperty', 'a1', { set: { CPUQuota: '5%' } }), never),
    ).toBeUndefined();
  });

  test('a job that still runs is waited for', async () => {
    const given = await broken('restart', 'a1');
    systemd.put('app@web.service', 'LoadState=loaded\nActiveState=deactivating\nInvocationID=a1\nJob=12');
    const asked = make().inquire?.(given, never);
    setTimeout(() => now('active', 'b2'), 50);
    expect(await asked).toMatchObject({ status: 'succeeded', detail: expect.stringContaining('active') });
  });
});

test('what show writes is read, also of units that have no process', () => {
  const service =
    'LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=1432\nInvocationID=9c1a3fd2e7d04a5f8e0b6a3c1d2e4f50\nNRestarts=3\nJob=88';
  expect(parseShow(service)).toEqual({
    load: 'loaded',
    active: 'active',
    sub: 'running',
    pid: 1432,
    invocation: '9c1a3fd2e7d04a5f8e0b6a3c1d2e4f50',
    restarts: 3,
    job: 88,
  });
  const socket = 'LoadState=loaded\nActiveState=active\nSubState=listening\nInvocationID=ab';
  expect(parseShow(socket)).toMatchObject({ sub: 'listening', pid: 0, restarts: 0, job: 0 });
  expect(() => parseShow('')).toThrow('LoadState');
});

test('options that do not belong together are named, and what needs an option is refused without it', async () => {
  expect(checkSystemd({}, ['setProperty'])).toMatchObject([{ at: [], message: 'the operation setProperty needs the option "set"' }]);
  expect(checkSystemd({ runtime: true }, [])).toMatchObject([{ at: ['runtime'] }]);
  expect(checkSystemd({ set: { CPUQuota: '1%' }, runtime: true }, ['setProperty', 'start'])).toEqual([]);
  expect(await systemdKind.create({}, rig.context).execute(order('setProperty', 'shop/web'), never)).toMatchObject({ status: 'failed' });
});
