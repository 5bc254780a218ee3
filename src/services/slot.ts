/** The folder of one process among those of a machine: the first of `managers/1`, `managers/2`, … (or `agents/1` …) that no other process holds, so that a restart finds its copies again. */
import { join } from 'node:path';
import { HomeostatError } from '../errors.ts';
import { lockFolder } from '../knowledge/lock.ts';

/** Processes of one manager file on one machine. */
const MOST = 64;

export interface HeldFolder {
  readonly folder: string;
  readonly release: () => Promise<void>;
}

/** @throws HomeostatError H301 if all are held */
export async function holdFolder(folder: string, kind: 'managers' | 'agents'): Promise<HeldFolder> {
  for (let n = 1; n <= MOST; n++) {
    const own = join(folder, kind, String(n));
    try {
      return { folder: own, release: await lockFolder(own) };
    } catch (thrown) {
      if (!(thrown instanceof HomeostatError && thrown.code === 'H301')) throw thrown;
    }
  }
  throw new HomeostatError('H301', `${MOST} processes run on ${folder} already; stop one, or give this one another folder`);
}
