/** Does something again whenever a JSON file in some folders has changed, until Ctrl-C. */
import { type FSWatcher, watch } from 'node:fs';
import { SystemClock, sleep } from '../clock.ts';

/** How long it must be quiet after a change: an editor writes a file in several strokes. */
const QUIET_MS = 100;

/**
 * @param folders those whose files count, without the folders in them: asked before each turn, because what is in a file may lead to others. One that was named once is watched to the end, so that a
 *   file which is broken meanwhile, and leads nowhere, is still seen when it is mended
 * @param turn what is done, at first and after each change. It must not throw
 */
export async function onEveryChange(folders: () => Iterable<string>, turn: () => Promise<void>): Promise<void> {
  const changes = new Changes();
  const stopped = new Promise<'stopped'>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve('stopped'));
  });
  do changes.follow(folders());
  while ((await Promise.race([turn().then(() => changes.next()), stopped])) !== 'stopped');
  changes.close();
}

class Changes {
  readonly #clock = new SystemClock();
  readonly #watchers = new Map<string, FSWatcher>();
  #hasChanged = false;
  #tell: () => void = () => {};

  /** Watches the folder of a file and not the file: who saves it may put a new one in its place. */
  follow(folders: Iterable<string>): void {
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      const forget = (): void => {
        this.#watchers.get(folder)?.close();
        this.#watchers.delete(folder);
      };
      try {
        // A name without a dot may be a folder that comes or goes with what is in it.
        const watcher = watch(folder, (_, name) => {
          if (name === null || name.endsWith('.json') || !name.includes('.')) this.#note();
        });
        this.#watchers.set(folder, watcher.on('error', forget));
      } catch {
        // It is not there. When it comes, the folder above it says so.
      }
    }
  }

  #note(): void {
    this.#hasChanged = true;
    this.#tell();
  }

  /** Resolves when something has changed since the last call, and it is quiet again. */
  async next(): Promise<void> {
    if (!this.#hasChanged)
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    while (this.#hasChanged) {
      this.#hasChanged = false;
      await sleep(this.#clock, QUIET_MS);
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
  }
}
