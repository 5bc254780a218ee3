import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isAlive, ownedProcesses, signalProcess } from '../../../src/execute/actuators/process-table.ts';
import { until } from './rig.ts';

const owner = `table-${process.pid}-${process.hrtime.bigint()}`;
const children: ReturnType<typeof spawn>[] = [];

/** A process that ends by itself after a minute, and at the end of its test. */
function run(env: Record<string, string>) {
  const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH ?? '', ...env }, detached: true, stdio: 'ignore' });
  children.push(child);
  return { child, pid: child.pid! };
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});

test('the processes of an owner are found by their environment, the oldest first, and those of another are not', async () => {
  const a = run({ HOMEOSTAT_OWNER: owner, HOMEOSTAT_ELEMENT: 'shop/a', HOMEOSTAT_COMMAND: 'shop.1.0' });
  run({ HOMEOSTAT_OWNER: `${owner}x`, HOMEOSTAT_ELEMENT: 'shop/a' });
  run({ NOTE: `HOMEOSTAT_OWNER=${owner}` });
  const b = run({ HOMEOSTAT_OWNER: owner, HOMEOSTAT_ELEMENT: 'shop/b' });
  const found = await ownedProcesses(owner);
  expect(found.map(({ pid, element, command, leader, frozen }) => ({ pid, element, command, leader, frozen }))).toEqual([
    { pid: a.pid, element: 'shop/a', command: 'shop.1.0', leader: true, frozen: false },
    { pid: b.pid, element: 'shop/b', command: '', leader: true, frozen: false },
  ]);
});

test('a process that has taken over the pid of another is not taken for it, and gets no signal', async () => {
  const { pid, child } = run({ HOMEOSTAT_OWNER: owner, HOMEOSTAT_ELEMENT: 'shop/a' });
  const [found] = await ownedProcesses(owner);
  const earlier = { ...found!, startTicks: found!.startTicks - 1 };
  expect(isAlive(found!)).toBe(true);
  expect(isAlive(earlier)).toBe(false);
  expect(signalProcess(earlier, owner, 'SIGKILL')).toBe(false);
  expect(signalProcess(found!, `${owner}x`, 'SIGKILL')).toBe(false);
  expect(signalProcess({ ...found!, element: 'shop/b' }, owner, 'SIGKILL')).toBe(false);
  expect(identityOf(pid)).toEqual({ pid, startTicks: found!.startTicks });
  const ended = once(child, 'exit');
  expect(signalProcess(found!, owner, 'SIGKILL')).toBe(true);
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('a process that becomes another program again and again, which shows no environment meanwhile, is found each time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-test-'));
  const program = join(folder, 'again');
  writeFileSync(program, '#!/bin/sh\ni=0\nwhile [ $i -lt 1000 ]; do i=$((i+1)); done\nexec "$0"\n', { mode: 0o755 });
  const child = spawn(program, { env: { HOMEOSTAT_OWNER: owner, HOMEOSTAT_ELEMENT: 'shop/a' }, detached: true, stdio: 'ignore' });
  children.push(child);
  const emptyAt = () => readFileSync(`/proc/${child.pid}/environ`, 'utf8') === '';
  await until(emptyAt);
  for (let time = 0; time < 100; time++) expect(await ownedProcesses(owner)).toMatchObject([{ pid: child.pid, element: 'shop/a' }]);
  rmSync(folder, { recursive: true });
});

test("a process without an environment is nobody's", async () => {
  const child = spawn('/bin/sleep', ['60'], { env: {}, detached: true, stdio: 'ignore' });
  children.push(child);
  await until(() => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8') !== '');
  expect(await ownedProcesses(owner)).toEqual([]);
});

test('a zombie does not live', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-test-'));
  // The shell becomes a program that never waits for the child it has started; only then the child may end.
  const child = `for i in $(seq 1000); do [ -e ${folder}/go ] && exit; sleep 0.02; done`;
  const parent = spawn('sh', ['-c', `sh -c '${child}' & echo $!; exec sleep 60`], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  children.push(parent);
  const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
  expect(identityOf(pid)).toMatchObject({ pid });
  writeFileSync(join(folder, 'go'), '');
  await until(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  expect(identityOf(pid)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
