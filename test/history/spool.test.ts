/** Telemetry on disk: what a crash, a torn write, a full disk and a limit do to it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Spool } from '../../src/history/spool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const batch = (n: number, bytes = 100) => ({ points: 10, body: Buffer.alloc(bytes, n) });
const files = () => readdirSync(folder).sort();
const drained = async (spool: Spool): Promise<number[]> => {
  const seen: number[] = [];
  for (let next = await spool.first(); next !== undefined; next = await spool.first()) {
    seen.push(next.body[0]!);
    await spool.forget(next);
  }
  return seen;
};

test('batches come out in the order in which they went in, also in the next life', async () => {
  const spool = await Spool.open(folder, 1 << 20);
  for (let n = 1; n <= 5; n++) expect(await spool.append(batch(n))).toBe(0);
  expect(spool.points).toBe(50);
  await spool.forget((await spool.first())!);
  await spool.close();
  const next = await Spool.open(folder, 1 << 20);
  // What was sent may be sent again; it makes no second point.
  expect(await drained(next)).toEqual([1, 2, 3, 4, 5]);
  expect(next).toMatchObject({ points: 0, bytes: 0, damaged: 0 });
  expect(files()).toEqual([]);
  await next.close();
});

test('over the limit the oldest go, with their count, and the limit holds', async () => {
  const limit = 8_000;
  const spool = await Spool.open(folder, limit);
  let dropped = 0;
  for (let n = 1; n <= 100; n++) {
    dropped += await spool.append(batch(n, 300));
    expect(spool.bytes).toBeLessThanOrEqual(limit);
  }
  expect(dropped + spool.points).toBe(1_000);
  const left = await drained(spool);
  expect(left.at(-1)).toBe(100);
  expect(left).toEqual(Array.from({ length: left.length }, (_, i) => 101 - left.length + i));
  // A batch that is larger than all of it is dropped itself.
  expect(await spool.append(batch(1, limit))).toBe(10);
  await spool.close();
});

test.each([1, 27, 28, 60])('a tail that lost %i bytes is left out, and what comes after goes on behind the good', async (lost) => {
  const spool = await Spool.open(folder, 1 << 20);
  for (let n = 1; n <= 3; n++) await spool.append(batch(n));
  await spool.close();
  const file = join(folder, files()[0]!);
  truncateSync(file, readFileSync(file).length - lost);
  const next = await Spool.open(folder, 1 << 20);
  expect(next.points).toBe(20);
  expect(next.damaged).toBe(128 - lost);
  await next.append(batch(4));
  expect(await drained(next)).toEqual([1, 2, 4]);
  await next.close();
});

test('bytes that were flipped or never meant anything are no records', async () => {
  const spool = await Spool.open(folder, 1 << 20);
  for (let n = 1; n <= 3; n++) await spool.append(batch(n));
  await spool.close();
  const file = join(folder, files()[0]!);
  const bytes = readFileSync(file);
  bytes[128 + 50]! ^= 1;
  writeFileSync(file, bytes);
  appendFileSync(join(folder, '0000000009.spool'), Buffer.alloc(500, 7));
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  const next = await Spool.open(folder, 1 << 20);
  expect(await drained(next)).toEqual([1]);
  expect(next.damaged).toBe(256 + 500);
  expect(files()).toEqual(['notes.txt']);
  await next.close();
});

test('what was dropped while it was being sent is not forgotten a second time', async () => {
  const spool = await Spool.open(folder, 3_000);
  await spool.append(batch(1, 300));
  const sending = (await spool.first())!;
  let dropped = 0;
  for (let n = 2; n <= 20; n++) dropped += await spool.append(batch(n, 300));
  const { points } = spool;
  await spool.forget(sending);
  expect(spool.points).toBe(points);
  expect(dropped + points).toBe(200);
  await spool.close();
});

test('a process that is killed while it writes leaves whole records behind', async () => {
  const loader = fileURLToPath(new URL('../execute/actuators/ts-loader.mjs', import.meta.url));
  const script = `import { Spool } from ${JSON.stringify(new URL('../../src/history/spool.ts', import.meta.url).href)};
    const spool = await Spool.open(${JSON.stringify(folder)}, 1 << 26);
    for (let n = 0; ; n++) { await spool.append({ points: 1, body: Buffer.alloc(50_000, n) }); if (n === 20) console.log('on'); }`;
  const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const spool = await Spool.open(folder, 1 << 26);
  const seen = await drained(spool);
  expect(seen.length).toBeGreaterThan(20);
  expect(seen).toEqual(seen.map((_, i) => i % 256));
  await spool.close();
});

/** A disk of 256 KB; undefined: this machine does not let us have one. */
function smallDisk(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    return undefined;
  }
}

test('on a real full disk the oldest give way to the newest, and what cannot be written at all is an error', async () => {
  if (smallDisk() === undefined) {
    console.warn('no small disk can be mounted here (that takes root)');
    return;
  }
  try {
    const spool = await Spool.open(join(folder, 'spool'), 1 << 20);
    let dropped = 0;
    for (let n = 1; n <= 60; n++) dropped += await spool.append(batch(n, 10_000));
    expect(dropped).toBeGreaterThan(0);
    expect(dropped + spool.points).toBe(600);
    expect((await drained(spool)).at(-1)).toBe(60);
    await expect(spool.append(batch(1, 300_000))).rejects.toThrow(/no space left|nothing more/i);
    // It goes on where there is room again.
    expect(await spool.append(batch(7, 1_000))).toBe(0);
    expect(await drained(spool)).toEqual([7]);
    await spool.close();
  } finally {
    execFileSync('umount', ['-l', folder]);
  }
});
