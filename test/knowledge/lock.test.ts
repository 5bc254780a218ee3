/** One manager a folder, however the one before ended; and readers beside it. */
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { lockFolder } from '../../src/knowledge/lock.ts';
import { runBeside } from './child.ts';
import { Kept, makeFolder, openStore } from './kept.ts';

let place: ReturnType<typeof makeFolder>;
beforeEach(() => {
  place = makeFolder();
});
afterEach(() => place.remove());

const refusal = expect.objectContaining({ code: 'H301', message: expect.stringContaining('another manager runs on') });

test('a folder that is held is refused, by whatever name it is called, and free when it is let go', async () => {
  const unlock = await lockFolder(place.folder);
  await expect(lockFolder(place.folder)).rejects.toEqual(refusal);
  symlinkSync(place.folder, `${place.folder}-too`);
  await expect(lockFolder(`${place.folder}-too`)).rejects.toEqual(refusal);
  await unlock();
  await (await lockFolder(`${place.folder}-too`))();
});

test('a folder whose manager was killed is free at once', async () => {
  const holder = runBeside('holder.ts', place.folder);
  await once(holder, 'message');
  await expect(lockFolder(place.folder)).rejects.toEqual(refusal);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (await lockFolder(place.folder))();
});

test('another process that reads while the manager writes always sees a whole step', async () => {
  const kept = new Kept(openStore(place.folder, { inputBytes: 20_000 }));
  await kept.begin();
  const reader = runBeside('reader.ts', place.folder);
  const told: unknown[] = [];
  reader.on('message', (message) => told.push(message));
  try {
    let second = 1;
    while ((told.length < 30 || new Set(told).size <= 3) && reader.exitCode === null) await kept.live(second, ++second);
    reader.send('stop');
    const [status] = await once(reader, 'exit');
    expect(status).toBe(0);
    expect(told.at(-1)).toMatchObject({ differences: 0 });
    expect((told.at(-1) as { states: number }).states).toBeGreaterThan(3);
  } finally {
    reader.kill('SIGKILL');
    await kept.store.close();
  }
});
