/** What a manager costs that has nothing to do: 1,000 elements, 100 policies, its API on. CPU and memory of the real process. Beside it an idle Node. */
import { spawn } from 'node:child_process';
import { managerFile, processCost, started, stopped } from './process.js';

const SECONDS = 20;
const CPU_LIMIT_PERCENT = 2;
const MEMORY_LIMIT_MB = 150;

const { file, remove } = managerFile(1_000);
const manager = await started(file);
// Let the first steps, the compiler and the collector come to rest.
await new Promise((resolve) => setTimeout(resolve, 5_000));
const ours = await processCost(manager.pid, SECONDS);
await stopped(manager);
remove();

const node = spawn(process.execPath, ['-e', 'setInterval(() => {}, 100)'], { stdio: 'ignore' });
await new Promise((resolve) => setTimeout(resolve, 1_000));
const bare = await processCost(node.pid, 5);
node.kill('SIGKILL');

process.stdout.write(
  JSON.stringify([
    {
      name: 'idle with 1,000 elements, CPU',
      unit: '% of a core',
      homeostat: ours.cpuPercent,
      other: 'an idle Node process',
      otherValue: bare.cpuPercent,
      ratio: ours.cpuPercent / Math.max(0.05, bare.cpuPercent),
      lowerIsBetter: true,
      limit: CPU_LIMIT_PERCENT,
      met: ours.cpuPercent <= CPU_LIMIT_PERCENT,
    },
    {
      name: 'idle with 1,000 elements, memory',
      unit: 'MB',
      homeostat: ours.memoryMb,
      other: 'an idle Node process',
      otherValue: bare.memoryMb,
      ratio: ours.memoryMb / bare.memoryMb,
      lowerIsBetter: true,
      limit: MEMORY_LIMIT_MB,
      met: ours.memoryMb <= MEMORY_LIMIT_MB,
      note: `CPU over ${SECONDS} s in which nothing arrives`,
    },
  ]),
);
