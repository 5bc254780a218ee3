/** Looks for processes of a run among those of this machine (Linux, see proc(5)), whoever started them. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** Pids of live servers that run in the folder. Zombies have no command line, so they are not among them. */
export async function leftServers(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map((pid) => isServerIn(pid, folder)));
  return pids.filter((_, index) => ours[index]);
}

async function isServerIn(pid: number, folder: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== folder) return false;
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('\0server.js\0');
  } catch {
    // Gone, or another user's.
    return false;
  }
}

/** Whether a process has ended, noticed by its parent or not. */
export async function isGone(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return 'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'X');
  } catch {
    return true;
  }
}
