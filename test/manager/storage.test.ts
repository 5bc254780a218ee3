/** When what is decided cannot be stored: nothing is done that is not on disk, nothing that came is lost, and it goes on when there is room again. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../src/knowledge/store.ts';
import { verify } from '../../src/replay.ts';
import { SHOP } from './given.ts';
import { Rig } from './rig.ts';

let rig: Rig | undefined;
let disk: string | undefined;
afterEach(async () => {
  await rig?.end();
  rig = undefined;
});
afterEach(() => {
  if (disk === undefined) return;
  execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true, force: true });
  disk = undefined;
});

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A disk of one megabyte; undefined: this machine does not let us have one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

test('on a real full disk the manager lives on, says why it stands still, goes on when there is room, and can be stopped and started', () => {
  disk = smallDisk();
  if (disk === undefined) {
    console.warn('no small disk can be mounted here (that takes root): the full disk is only played');
    return;
  }
  const program = ['--import', at('../execute/actuators/ts-loader.mjs'), at('full-disk.ts'), disk];
  const { status, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8', timeout: 25_000, killSignal: 'SIGKILL' });
  expect({ status, said: status === 0 ? '' : stderr }).toEqual({ status: 0, said: '' });
});

test('while steps cannot be stored nothing is done and nothing is lost; the manager says so, and goes on when there is room', async () => {
  let full = false;
  const wrapStore = (store: Store): Store => ({
    load: () => store.load(),
    withheld: () => store.withheld(),
    commit: (transaction) =>
      full
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
        : store.commit(transaction),
    flushed: () => store.flushed(),
    close: () => store.close(),
  });
  rig = new Rig({ given: SHOP, wrapStore });
  await rig.run(20);
  full = true;
  await rig.tell(rig.seen('shop', 'load', 9), { kind: 'appeared', element: 'desk', document: { type: 'desk' }, source: 'test' });
  await rig.run(10_000);
  expect(rig.manager.health.storeFailure).toContain('no space left');
  expect(rig.manager.state.position.step).toBe(1);
  expect(rig.executed).toEqual([]);
  full = false;
  await rig.run(1_000);
  expect(rig.manager.health.storeFailure).toBeNull();
  expect([...rig.manager.state.elements.keys()]).toEqual(['desk', 'shop']);
  expect(rig.executed).toHaveLength(1);
  expect(verify(rig.store)).toMatchObject({ differences: 0 });
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
