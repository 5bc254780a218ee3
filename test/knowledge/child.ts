/** Runs one of the programs beside this file in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const loader = pathToFileURL(at('../execute/actuators/ts-loader.mjs')).href;

/** What it says comes as messages; it is killed by whoever started it, or after a minute. */
export function runBeside(file: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', loader, at(file), ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH ?? '' },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
}
