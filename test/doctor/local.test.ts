import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { linesOf } from '../../src/cli/doctor.ts';
import { type Clock, SimulatedClock, SystemClock } from '../../src/clock.ts';
import { type Check, error, examine, type Patient, warning } from '../../src/doctor/check.ts';
import { needed, SECRETS, secretsIn, spaceVerdict, WRITABLE } from '../../src/doctor/folder.ts';
import { CHECKS } from '../../src/doctor/index.ts';
import { CERTIFICATE, CLOCK, filesVerdict, PORT, validity } from '../../src/doctor/machine.ts';
import { databaseFile } from '../../src/knowledge/database-file.ts';
import { start } from '../api/manager.ts';
import { makeCertificates } from '../certificates.ts';
import { patientWith, troublesOf } from './patient.ts';

const made: string[] = [];
const patient = (manager?: object, more?: Partial<Patient>) => {
  const one = patientWith(manager, more);
  made.push(one.folder);
  return one;
};
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('how checks are run', () => {
  const ok = (name: string, needs: string[] = []): Check => ({ name, needs, run: () => 'well' });

  test('in order; what rests on something that is wrong is skipped, and what rests on a warning is not', async () => {
    const checks: Check[] = [
      { name: 'a', run: () => error('broken', 'mend it') },
      ok('b', ['a']),
      ok('c', ['b']),
      { name: 'd', run: () => warning('old', 'renew it') },
      ok('e', ['d']),
      { ...ok('f'), concerns: () => false },
      ok('g', ['f']),
    ];
    const told: string[] = [];
    const all = await examine(checks, patient(), ({ name }) => told.push(name));
    expect(all.map(({ name, result }) => `${name} ${result}`)).toEqual(['a error', 'b skipped', 'c skipped', 'd warning', 'e ok', 'g ok']);
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e', 'g']);
  });

  test('one that never ends is given up after its time, and one that throws is a finding', async () => {
    const clock = new SimulatedClock(1_000);
    const endless: Check = { name: 'endless', withinMs: 3_000, run: () => new Promise(() => {}) };
    const wild: Check = {
      name: 'wild',
      run: () => {
        throw new Error('what nobody thought of');
      },
    };
    const examined = examine([endless, wild], patient({}, { clock }));
    clock.advanceTo(4_000);
    expect(troublesOf(await examined)).toEqual(['endless away: it took longer than 3 s', 'wild away: what nobody thought of']);
  });

  test('the worst comes first, each with its remedy', () => {
    const [first, second] = linesOf({ name: 'folder', result: 'error', troubles: [...error('broken', 'mend it')] });
    expect(first).toBe('error     folder            broken');
    expect(second!.trim()).toBe('mend it');
  });

  test('names are told once, and what a check needs stands before it', () => {
    const names = CHECKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [i, { needs = [] }] of CHECKS.entries()) for (const need of needs) expect(names.slice(0, i)).toContain(need);
  });
});

test('a machine on which all is well', async () => {
  const all = await examine(CHECKS, patient({ domain: 'shop' }));
  expect(all.filter(({ result }) => result === 'error' || result === 'away')).toEqual([]);
});

test('a folder that is a file, or that may not be written', async () => {
  const file = patient({ folder: 'state' });
  writeFileSync(join(file.folder, 'state'), 'x');
  expect(troublesOf(await examine([WRITABLE], file))[0]).toContain('is a file, and the state is to lie in');
  const closed = patient({ folder: 'closed/state' });
  mkdirSync(join(closed.folder, 'closed'));
  chmodSync(join(closed.folder, 'closed'), 0o555);
  // Root may write where it may not.
  if (process.getuid?.() !== 0) expect(troublesOf(await examine([WRITABLE], closed))[0]).toContain('cannot be written');
});

test('a real disk that is nearly full, and one that is full', async () => {
  const one = patient({ folder: 'disk/state' });
  const disk = join(one.folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    console.warn('no small disk can be mounted here (that takes root): it is only played');
    return;
  }
  try {
    const space = CHECKS.filter(({ name }) => name === 'folder' || name === 'folder.space');
    expect(troublesOf(await examine(space, one))).toEqual([
      expect.stringMatching(/^folder\.space error: the disk is nearly full: 1 MB of 1 MB are free$/),
    ]);
    expect(() => writeFileSync(join(disk, 'fill'), Buffer.alloc(2 << 20))).toThrow('ENOSPC');
    expect(troublesOf(await examine(space, one))).toEqual([`folder error: the disk of ${disk} is full`]);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
});

test('a disk that is nearly full, that has no names left, or that the state may outgrow', () => {
  const MB = 1 << 20;
  const room = { free: 10_000 * MB, size: 20_000 * MB, freeNames: 1e6, names: 2e6 };
  expect(spaceVerdict(room, 1_000 * MB)).toBe('10000 MB of 20000 MB are free');
  expect(spaceVerdict({ ...room, free: 100 * MB }, 0)).toMatchObject([
    { severity: 'error', cause: expect.stringContaining('nearly full') },
  ]);
  expect(spaceVerdict({ ...room, freeNames: 3 }, 0)).toMatchObject([{ severity: 'error', cause: expect.stringContaining('3 more files') }]);
  expect(spaceVerdict(room, 11_000 * MB)).toMatchObject([{ severity: 'warning', cause: expect.stringContaining('may grow to 11000 MB') }]);
  expect(spaceVerdict({ ...room, size: 500_000 * MB }, 0)).toMatchObject([
    { severity: 'warning', cause: expect.stringContaining('98 % full') },
  ]);
  expect(needed(patient().configuration)).toBeGreaterThan(100 * MB);
});

test('a state that cannot be read is said, with what to do', async () => {
  const one = patient({ folder: 'state' });
  mkdirSync(join(one.folder, 'state'));
  writeFileSync(databaseFile(join(one.folder, 'state')), 'this is no database, whatever its name says. '.repeat(500));
  const format = CHECKS.filter(({ name }) => name === 'folder.state');
  expect(await examine(format, one)).toMatchObject([
    { troubles: [{ severity: 'error', cause: expect.stringContaining('is no database') }] },
  ]);
});

test('a state on which a manager runs, and its port', async () => {
  const running = await start();
  const { configuration } = patient({ folder: running.state });
  const format = CHECKS.filter(({ name }) => name === 'folder.state');
  const here = { configuration, environment: {}, clock: new SystemClock() };
  expect((await examine(format, here))[0]!.detail).toContain('; a manager runs on it');
  const [port] = await examine([PORT], here);
  expect(port!.detail).toContain(`a manager answers at ${running.api.url}`);
  await running.stop();
});

test('a port that is in use, and an address that is of another machine', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  expect(troublesOf(await examine([PORT], patient({ api: { port } })))).toEqual([
    `api.port error: port ${port} of 127.0.0.1 is in use by another program`,
  ]);
  expect(troublesOf(await examine([PORT], patient({ api: { host: '192.0.2.1' } })))[0]).toContain(
    '192.0.2.1 is no address of this machine',
  );
  await new Promise((resolve) => other.close(resolve));
});

test('too few files for the connections that are allowed', () => {
  const limits = (files: string) =>
    `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${files}                 4096                 files\n`;
  expect(filesVerdict(limits('1024'), 1_000)).toMatchObject([{ severity: 'warning', remedy: expect.stringContaining('ulimit -n 1500') }]);
  expect(filesVerdict(limits('65536'), 1_000)).toBe('65536 files may be open at once');
  expect(filesVerdict(limits('unlimited'), 1_000)).toBe('unlimited files may be open at once');
  expect(filesVerdict('', 1_000)).toContain('cannot be seen');
});

test('a clock that moves while we look, and one that was never set', async () => {
  const jumping: Clock = new (class extends SystemClock {
    #looks = 0;
    override wall(): number {
      return super.wall() + 3_000 * this.#looks++;
    }
  })();
  expect(troublesOf(await examine([CLOCK], patient({}, { clock: jumping })))[0]).toMatch(/^clock warning: the wall clock moved by \d+ ms/);
  const unset = new SimulatedClock(0);
  expect(troublesOf(await examine([CLOCK], patient({}, { clock: unset })))).toEqual([
    'clock error: the clock says 1970-01-01T00:00:00.000Z, which is over',
  ]);
});

test('secrets that are not there, and those that everybody can read; what they are is never said', async () => {
  const one = patient({
    api: {
      tokens: [
        { name: 'a', roles: ['read'], token: { env: 'NOT_SET' } },
        { name: 'b', roles: ['read'], token: { file: 'b.token' } },
      ],
    },
  });
  writeFileSync(join(one.folder, 'b.token'), 'very-secret');
  chmodSync(join(one.folder, 'b.token'), 0o644);
  const examined = await examine([SECRETS], one);
  expect(troublesOf(examined)).toEqual([
    'secrets error: /api/tokens/0/token: there is no environment variable NOT_SET; set it, or name a file: {"file": "path"}',
    'secrets warning: /api/tokens/1/token: file b.token can be read by everybody on this machine',
  ]);
  expect(JSON.stringify(examined)).not.toContain('very-secret');
  chmodSync(join(one.folder, 'b.token'), 0o600);
  expect((await examine([SECRETS], { ...one, environment: { NOT_SET: 'set' } }))[0]).toMatchObject({
    result: 'ok',
    detail: '2 can be read',
  });
  expect(troublesOf(await examine([SECRETS], patient({ api: { token: 'in-plain-sight' } })))).toEqual([
    'secrets warning: /api/token is written into the manager file',
  ]);
  expect(secretsIn({ types: { env: 'x' }, history: { influx: { password: { env: 'P' } } } })).toEqual([
    { pointer: '/history/influx/password', secret: { env: 'P' } },
  ]);
});

test('certificates that cannot be used, have ended, or end soon', async () => {
  const { cert, key, folder } = makeCertificates();
  const other = makeCertificates();
  made.push(folder, other.folder);
  const soon = await examine([CERTIFICATE], patient({ api: { tls: { cert, key } } }));
  expect(troublesOf(soon)[0]).toMatch(/ends in [12] days/);
  const mixed = await examine([CERTIFICATE], patient({ api: { tls: { cert, key: other.key } } }));
  expect(troublesOf(mixed)[0]).toContain('cannot be used');
  const paper = { subject: 'CN=x', validFrom: 'Jan  1 00:00:00 2026 GMT', validTo: 'Jan  1 00:00:00 2027 GMT' };
  const on = (day: string) => new SimulatedClock(Date.parse(day));
  expect(validity(paper, on('2026-06-01'))).toBe('the certificate of CN=x holds for 214 days');
  expect(validity(paper, on('2028-06-01'))).toMatchObject([{ cause: expect.stringContaining('ended on') }]);
  expect(validity(paper, on('2020-06-01'))).toMatchObject([{ remedy: expect.stringContaining('clock') }]);
});
