/** The real manager as a process, for benchmarks of what it costs. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { managerDocument, policies, policiesOn } from './farm.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TICKS_PER_SECOND = 100;

/** Writes a manager file with so many elements, in a folder of its own. */
export function managerFile(elements, properties) {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
  writeFileSync(
    join(folder, 'rules.json'),
    JSON.stringify({ policies: properties === undefined ? policies(100) : policiesOn(properties, 100) }),
  );
  writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(managerDocument(elements, { policies: ['rules.json'] }, properties)));
  return { file: join(folder, 'homeostat.json'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts a manager; resolves when it says that it has made its first step. */
export async function started(file) {
  const child = spawn(process.execPath, [MAIN, 'run', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = createInterface({ input: child.stderr });
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the manager ended with ${code}`)));
    lines.on('line', (line) => {
      if (JSON.parse(line).msg === 'running') resolve();
    });
  });
  return child;
}

/** Asks a running manager; with a body, tells it. */
export async function call(folder, path, body) {
  const { url, token } = JSON.parse(readFileSync(join(folder, 'api.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url + path, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

export async function stopped(child) {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}

/** Share of a core that a process uses, in percent, and its memory. */
export async function processCost(pid, seconds) {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const [before, began] = [ticks(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const cpuPercent = Number(((100 * (ticks() - before)) / TICKS_PER_SECOND / ((performance.now() - began) / 1_000)).toFixed(2));
  const memoryMb = Math.round(Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024);
  return { cpuPercent, memoryMb };
}
