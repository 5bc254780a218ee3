import { tmpdir } from 'node:os';
import { hostKind } from '../../../src/monitor/probes/host.ts';
import { context, sampled, until, valuesOf } from './support.ts';

test('a machine has memory, disks and load, and a share of its CPU from the second look on', async () => {
  const probe = hostKind.create({ disks: { temp: tmpdir() } }, context());
  const first = valuesOf(await sampled(probe));
  expect(Object.keys(first).sort()).toEqual(
    [
      'load1',
      'load15',
      'load5',
      'memoryAvailableBytes',
      'memoryUsedBytes',
      'memoryUsedShare',
      'tempAvailableBytes',
      'tempUsedShare',
    ].sort(),
  );
  for (const share of [first.memoryUsedShare, first.tempUsedShare]) {
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  }
  expect(first.memoryAvailableBytes).toBeGreaterThan(1_000_000);
  const cpu = await until(async () => valuesOf(await sampled(probe)).cpu?.toString());
  expect(Number(cpu)).toBeGreaterThanOrEqual(0);
  expect(Number(cpu)).toBeLessThanOrEqual(1);
});

test('a disk that is not there is reported, and the rest is published', async () => {
  const probe = hostKind.create({ disks: { gone: './no-such-folder', temp: '.' } }, context());
  const measurement = await sampled(probe);
  expect(measurement.wrong).toMatch(/^disk gone: .*ENOENT/);
  const values = valuesOf(measurement);
  expect(values).toHaveProperty('tempUsedShare');
  expect(values).toHaveProperty('load1');
  expect(values).not.toHaveProperty('goneUsedShare');
});
