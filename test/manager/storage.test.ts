/** When what is decided cannot be stored: nothing is done that is not on disk, nothing that came is lost, and it goes on when there is room again. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/knowledge/store.ts';
import { verify } from '../../src/replay.ts';
import { SHOP } from './given.ts';
import { Rig } from './rig.ts';

let rig: Rig;
// lmdb writes each failure to the console by itself, some of them only after the test: no mock, for a mock would be gone by then.
console.error = () => {};
let disk: string | undefined;
afterEach(async () => {
  try {
    await rig.end();
  } finally {
    if (disk !== undefined) {
      execFileSync('umount', ['--lazy', disk]);
      rmSync(disk, { recursive: true, force: true });
    }
    disk = undefined;
  }
});

/** A disk of one megabyte; undefined: this machine does not let us have one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    console.warn('no small disk can be mounted here: the full disk is played by a store that throws ENOSPC');
    return undefined;
  }
}

/** Fills a disk, and gives a way to make room again. */
function fill(folder: string): () => void {
  const parts: string[] = [];
  try {
    for (let i = 0; ; i++) {
      parts.push(join(folder, `fill-${i}`));
      writeFileSync(parts.at(-1)!, Buffer.alloc(4_096));
    }
  } catch {
    return () => {
      for (const part of parts) rmSync(part, { force: true });
    };
  }
}

/** A store on a disk that can be said to be full. */
function playedDisk(): { wrap: (store: Store) => Store; fill: () => () => void } {
  let full = false;
  const error = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return {
    wrap: (store) => ({
      load: () => store.load(),
      withheld: () => store.withheld(),
      commit: (transaction) => (full ? Promise.reject(error()) : store.commit(transaction)),
      flushed: () => store.flushed(),
      close: () => store.close(),
    }),
    fill: () => {
      full = true;
      return () => {
        full = false;
      };
    },
  };
}

test('on a full disk nothing is done and nothing is lost; the manager says so, and goes on when there is room', async () => {
  disk = smallDisk();
  const played = disk === undefined ? playedDisk() : undefined;
  rig = new Rig({
    given: SHOP,
    ...(disk === undefined ? {} : { folder: join(disk, 'manager') }),
    ...(played && { wrapStore: played.wrap }),
  });
  await rig.run(20);
  const { step } = rig.manager.state.position;
  const makeRoom = disk === undefined ? played!.fill() : fill(disk);
  await rig.tell(rig.seen('shop', 'load', 9), { kind: 'appeared', element: 'desk', document: { type: 'desk' }, source: 'test' });
  // Small steps may still fit into pages that are free; a large one does not.
  for (let i = 0; rig.manager.health.storeFailure === null && i < 50; i++) {
    const source = `${i}`.padEnd(20_000, '.');
    await rig.tell({ kind: 'observation', element: 'shop', property: 'load', value: 9, time: rig.clock.now(), source });
  }
  expect(rig.manager.health.storeFailure).toMatch(/no space left on device/i);
  const stored = rig.manager.state.position.step;
  const sent = rig.executed.length;
  await rig.tell({ kind: 'appeared', element: 'till', document: { type: 'desk' }, source: 'test' });
  await rig.run(10_000);
  expect(rig.manager.state.position.step).toBe(stored);
  expect(rig.executed).toHaveLength(sent);
  expect(stored).toBeGreaterThanOrEqual(step);
  makeRoom();
  await rig.run(1_000);
  expect(rig.manager.health.storeFailure).toBeNull();
  expect([...rig.manager.state.elements.keys()]).toEqual(['desk', 'shop', 'till']);
  await rig.run(4_000);
  expect(rig.executed.length).toBeGreaterThan(sent);
  expect(verify(rig.store)).toMatchObject({ differences: 0 });
});

test('a manager on a full disk can be stopped, and begins again where its last stored step was', async () => {
  disk = smallDisk();
  if (disk === undefined) {
    rig = new Rig({ given: SHOP });
    return;
  }
  rig = new Rig({ given: SHOP, folder: join(disk, 'manager') });
  await rig.tell(rig.seen('shop', 'load', 9));
  const makeRoom = fill(disk);
  for (let i = 0; rig.manager.health.storeFailure === null && i < 50; i++) {
    await rig.tell({ kind: 'rejected', source: 'test', reason: 'r', excerpt: `${i}`.padEnd(20_000, '.') });
  }
  const { hash } = rig.manager.state;
  await rig.kill();
  makeRoom();
  rig = new Rig({ given: SHOP, folder: join(disk, 'manager'), startAt: rig.clock.now() });
  expect(rig.manager.state.hash).toBe(hash);
  await rig.run(4_000);
  expect(rig.manager.health.storeFailure).toBeNull();
  expect(readdirSync(join(disk, 'manager', 'kept'))).toContain('homeostat.mdb');
});

test('commands whose step cannot be flushed are not sent: they time out, and the manager says why', async () => {
  let broken = false;
  const wrapStore = (store: Store): Store => ({
    load: () => store.load(),
    withheld: () => store.withheld(),
    commit: (transaction) => store.commit(transaction),
    flushed: () => (broken ? Promise.reject(new Error('the disk does not answer')) : store.flushed()),
    close: () => store.close(),
  });
  rig = new Rig({ given: SHOP, wrapStore });
  await rig.run(20);
  broken = true;
  rig.put(rig.seen('shop', 'load', 9));
  await rig.run(5);
  expect(rig.kinds('command')).toHaveLength(1);
  expect(rig.executed).toEqual([]);
  expect(rig.logged).toContain('could not flush');
  broken = false;
  await rig.run(2_100);
  expect(rig.kinds('outcome')).toMatchObject([{ data: { status: 'timedOut' } }]);
  await rig.run(1_000);
  expect(rig.executed).toHaveLength(1);
});
