/** A small disk of its own for the copies of one process, which can be full. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = '400m';

export class Disk {
  readonly #folder: string;
  readonly mounted: boolean;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'homeostat-soak', folder]).status === 0;
  }

  /** Leaves no byte free. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.#folder);
    spawnSync('fallocate', ['-l', String(bavail * bsize), join(this.#folder, 'full')]);
    spawnSync('sh', ['-c', 'cat /dev/zero >>"$0"', join(this.#folder, 'full')]);
  }

  free(): void {
    rmSync(join(this.#folder, 'full'), { force: true });
  }

  unmount(): void {
    if (this.mounted) spawnSync('umount', ['-l', this.#folder]);
  }
}
