/**
 * A manager on a disk that fills up: the folder of its argument. A process of its own, because lmdb tells of each failure on the console by itself.
 * Ends with status 0 if all is as it should be.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from '../../src/replay.ts';
import { SHOP } from './given.ts';
import { Rig } from './rig.ts';

const disk = process.argv[2]!;
const folder = join(disk, 'manager');

/** Fills the disk, and gives a way to make room again. */
function fill(): () => void {
  const parts: string[] = [];
  try {
    for (let i = 0; ; i++) {
      parts.push(join(disk, `fill-${i}`));
      writeFileSync(parts.at(-1)!, Buffer.alloc(4_096));
    }
  } catch {
    return () => {
      for (const part of parts) rmSync(part, { force: true });
    };
  }
}

/** Small steps may still fit into pages that are free; large ones do not. */
async function untilItFails(): Promise<void> {
  for (let i = 0; rig.manager.health.storeFailure === null && i < 50; i++) {
    await rig.tell({ kind: 'rejected', source: 'test', reason: 'r', excerpt: `${i}`.padEnd(20_000, '.') });
  }
  assert.match(rig.manager.health.storeFailure ?? '', /no space left on device/i);
}

let rig = new Rig({ given: SHOP, folder });
await rig.run(20);
let makeRoom = fill();
await rig.tell(rig.seen('shop', 'load', 9));
await untilItFails();
const [stored, sent] = [rig.manager.state.position.step, rig.executed.length];
await rig.tell({ kind: 'appeared', element: 'till', document: { type: 'desk' }, source: 'test' });
await rig.run(10_000);
assert.equal(rig.manager.state.position.step, stored, 'no step is made that cannot be stored');
assert.equal(rig.executed.length, sent, 'nothing is done that is not stored');
makeRoom();
await rig.run(5_000);
assert.equal(rig.manager.health.storeFailure, null, 'it goes on when there is room');
assert.ok(rig.manager.state.elements.get('till'), 'what came in between has not been lost');
assert.ok(rig.executed.length > sent, 'it acts again');
assert.equal(verify(rig.store).differences, 0);

makeRoom = fill();
await untilItFails();
const { hash } = rig.manager.state;
await rig.kill();
makeRoom();
rig = new Rig({ given: SHOP, folder, startAt: rig.clock.now() });
assert.equal(rig.manager.state.hash, hash, 'it begins again where its last stored step was');
await rig.run(4_000);
assert.equal(rig.manager.health.storeFailure, null);
await rig.end();
