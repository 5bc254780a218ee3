/** What is left of a run in its folder, beside the raw logs: summary, record, report, picture. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Place } from './place.ts';
import type { PromiseKept } from './promises.ts';

/** The lines of a raw log; what follows the last end of line is left out. */
export async function readLog(file: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

const WINDOW_MS = 5_000;
const EVERY_MS = 500;

/** The p95 over 5 s as clients had it, twice a second, from the load generator's log. */
export async function clientsOf(
  place: Place,
  from: number,
  to: number,
): Promise<readonly { readonly time: number; readonly p95: number | null }[]> {
  const ok = (await readLog(join(place.raw, 'load.jsonl'))).filter(
    (line) => line.event === 'request' && line.ok === true,
  ) as unknown as readonly {
    readonly end: number;
    readonly ms: number;
  }[];
  const clients = [];
  for (let time = from; time <= to; time += EVERY_MS) {
    const sorted = ok
      .filter((r) => r.end > time - WINDOW_MS && r.end <= time)
      .map((r) => r.ms)
      .sort((a, b) => a - b);
    clients.push({ time, p95: sorted.length === 0 ? null : sorted[Math.ceil(sorted.length * 0.95 - 1e-9) - 1]! });
  }
  return clients;
}

/** Processes beyond the first that one command has started on one port, by what the servers wrote down when they began. */
export async function startsRepeated(place: Place): Promise<number> {
  const logs = (await readdir(place.raw)).filter((name) => /^server-[0-9]+\.jsonl$/.test(name));
  const lines = await Promise.all(logs.map((name) => readLog(join(place.raw, name))));
  const starts = lines
    .flat()
    .filter((line) => line.event === 'start')
    .map((line) => `${line.startedBy} ${line.port}`);
  return starts.length - new Set(starts).size;
}

/** Why each policy is there, from the files of the run. */
export async function whyOf(place: Place): Promise<Readonly<Record<string, string>>> {
  const manager = JSON.parse(await readFile(place.managerFile, 'utf8')) as { policies: readonly string[] };
  const files = await Promise.all(manager.policies.map((file) => readFile(join(place.folder, file), 'utf8')));
  const policies = files.flatMap((text) => (JSON.parse(text) as { policies: readonly { name: string; why?: string }[] }).policies);
  return Object.fromEntries(policies.flatMap(({ name, why }) => (why === undefined ? [] : [[name, why]])));
}

/** @throws HomeostatError H001 if it cannot be written. */
export async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw new HomeostatError('H001', `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  });
}

/** Whether every decision in these folders can be made again. */
export async function replayVerifies(
  homeostat: string,
  folders: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<boolean> {
  for (const folder of folders) {
    const child = spawn(process.execPath, [homeostat, 'replay', '--verify', folder, '--json'], {
      env: environment,
      stdio: 'ignore',
      timeout: 60_000,
    });
    const [status] = await once(child, 'exit');
    if (status !== 0) return false;
  }
  return true;
}

/** What was promised, what came of it, and where to look. */
export function verdictOf(promises: readonly PromiseKept[], next: string): string {
  const lines = promises.map(({ kept, text }) => `  ${kept ? '✓' : '✗'} ${text}`);
  const broken = promises.filter((promise) => !promise.kept).length;
  const verdict = broken === 0 ? 'All promises kept.' : `${broken} of ${promises.length} promises broken.`;
  return `\n${lines.join('\n')}\n\n${verdict} ${next}\n`;
}
