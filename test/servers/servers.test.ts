import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeWith, type Server, startInflux, startKafka, startMosquitto } from './index.ts';
import { listens } from './process.ts';

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** What holds of each server: it listens, comes back on the same port after a kill, and leaves nothing behind. */
async function lives(start: () => Promise<Server>): Promise<void> {
  const server = await start();
  try {
    const first = server.pid;
    expect(await listens(server.port)).toBe(true);
    await server.kill();
    expect(await listens(server.port)).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(first);
    expect(await listens(server.port)).toBe(true);
    server.freeze();
  } finally {
    await server.stop();
  }
  expect(alive(server.pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
}

describeWith('kafka', 'a broker for tests', () => {
  test('starts, comes back after a kill, and is gone after stop', () => lives(startKafka), 90_000);
});

describeWith('influx', 'an InfluxDB for tests', () => {
  test('starts, comes back after a kill, and is gone after stop', () => lives(startInflux), 60_000);
});

describeWith('mosquitto', 'a Mosquitto for tests', () => {
  test('starts, comes back after a kill, and is gone after stop', () => lives(startMosquitto), 60_000);

  test('ends with the process that started it, even if that is killed', async () => {
    const program = fileURLToPath(new URL('start-one.ts', import.meta.url));
    const loader = fileURLToPath(new URL('../execute/actuators/ts-loader.mjs', import.meta.url));
    const child = spawn(process.execPath, ['--no-warnings', '--import', loader, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
    const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
    expect(alive(pid)).toBe(true);
    child.kill('SIGKILL');
    while (alive(pid) || existsSync(folder)) await wait(50);
  }, 60_000);
});
