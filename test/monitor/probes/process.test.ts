import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { HomeostatError } from '../../../src/errors.ts';
import type { ManagedProcess } from '../../../src/monitor/probes/probe.ts';
import { processKind } from '../../../src/monitor/probes/process.ts';
import { child, context, sampled, until, valuesOf } from './support.ts';

test('a process that burns CPU shows a share of a core, its memory and its threads; the first look has no share yet', async () => {
  const { pid } = child('sh', '-c', 'while :; do :; done');
  const probe = processKind.create({ pid }, context());
  const first = valuesOf(await sampled(probe));
  expect(first).toEqual({ memoryBytes: expect.any(Number), pid, state: 'running', threads: 1 });
  expect(first.memoryBytes).toBeGreaterThan(0);
  await until(async () => {
    const { cpu } = valuesOf(await sampled(probe));
    return Number(cpu) > 0.05 ? Number(cpu) : undefined;
  });
});

test('a frozen process is stopped, uses no CPU, and runs again when it is let go', async () => {
  const { pid } = child('sh', '-c', 'while :; do :; done');
  const probe = processKind.create({ pid }, context());
  process.kill(pid, 'SIGSTOP');
  await until(async () => valuesOf(await sampled(probe)).state === 'stopped');
  const frozen = await until(async () => {
    const values = valuesOf(await sampled(probe));
    return values.cpu === 0 ? values : undefined;
  });
  expect(frozen).toEqual({ cpu: 0, memoryBytes: expect.any(Number), pid, state: 'stopped', threads: 1 });
  process.kill(pid, 'SIGCONT');
  await until(async () => valuesOf(await sampled(probe)).state === 'running');
});

test('a process that sleeps is running: whether it works at the moment of a look is chance', async () => {
  const { pid } = child('sleep', '600');
  const probe = processKind.create({ pid }, context());
  await until(async () => valuesOf(await sampled(probe)).state === 'running');
});

test('a process that was killed has exited, and has neither memory nor CPU', async () => {
  const killed = child('sleep', '600');
  const probe = processKind.create({ pid: killed.pid }, context());
  await sampled(probe);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await sampled(probe)).toEqual({ samples: [{ element: 'shop/server-1', property: 'state', value: 'exited' }] });
});

test('a process that has ended and that its parent has not reaped has exited', async () => {
  // The shell becomes a program that never waits for children.
  const parent = child('sh', '-c', 'sleep 0 & exec tail -f /dev/null');
  const zombie = await until(() =>
    readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .find((pid) => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))),
  );
  const probe = processKind.create({ pid: zombie }, context());
  expect(valuesOf(await sampled(probe))).toEqual({ state: 'exited' });
});

test('all processes of an actuator are measured, each for its own element, and one without a process has exited', async () => {
  const [first, second] = [child('sleep', '600'), child('sleep', '600')];
  let managed: ManagedProcess[] = [
    { element: 'shop/server-1', pid: first.pid },
    { element: 'shop/server-2', pid: second.pid },
    { element: 'shop/server-3', pid: null },
  ];
  const asked: string[] = [];
  const processesOf = (actuator: string) => {
    asked.push(actuator);
    return managed;
  };
  const probe = processKind.create({ actuator: 'servers' }, context({ element: 'shop', processesOf }));
  const states = async () => (await sampled(probe)).samples.filter((s) => s.property === 'state').map((s) => `${s.element} ${s.value}`);
  expect(await states()).toEqual(['shop/server-1 running', 'shop/server-2 running', 'shop/server-3 exited']);
  expect(asked).toEqual(['servers']);

  // A new process of an element begins a new count of CPU time, and its state is never seen beside the id of the one before.
  managed = [{ element: 'shop/server-1', pid: second.pid }];
  const { samples } = await sampled(probe);
  expect(samples.map((s) => s.property)).toEqual(['memoryBytes', 'pid', 'state', 'threads']);
  expect(valuesOf({ samples })).toMatchObject({ pid: second.pid, state: 'running' });
});

test('an actuator that is not there makes the measurement fail with its own error', async () => {
  const processesOf = () => {
    throw new HomeostatError('H005', 'there is no actuator "servers"');
  };
  const probe = processKind.create({ actuator: 'servers' }, context({ processesOf }));
  await expect(sampled(probe)).rejects.toThrow('there is no actuator "servers"');
});

test.each([{}, { pid: 1, actuator: 'servers' }])('options %j are refused: it needs either pid or actuator', (options) => {
  expect(() => processKind.create(options, context())).toThrow(expect.objectContaining({ code: 'H007' }));
});
