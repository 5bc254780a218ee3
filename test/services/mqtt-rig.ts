/** What tests with a real broker share: connections of ours, what is said by others, and devices in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import mqtt, { type MqttClient } from 'mqtt';
import pino from 'pino';
import { SystemClock } from '../../src/clock.ts';
import type { MqttDocument } from '../../src/documents/mqtt.ts';
import { Connections } from '../../src/mqtt/connections.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (let end = endings.pop(); end; end = endings.pop()) await end();
});

/** Runs after the test, the latest first. */
export const afterwards = (end: () => unknown): void => void endings.push(end);

export interface Line {
  readonly level: number;
  readonly msg: string;
  readonly reason?: string;
}

let instances = 0;

export function connections(document: MqttDocument, environment: Record<string, string> = {}, directory = tmpdir()) {
  const lines: Line[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const made = new Connections(document, {
    instance: `test-${process.pid}-${instances++}`,
    clock: new SystemClock(),
    random: () => 0.5,
    secrets: { environment, directory },
    log,
  });
  afterwards(() => made.close());
  return { connections: made, connection: made.get(), lines };
}

/** Another client of the broker, by the library that most use. */
export async function outsider(port: number, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, ...options });
  afterwards(() => client.endAsync(true));
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  return client;
}

const script = fileURLToPath(new URL('mqtt-device.mjs', import.meta.url));

/** Resolves when the device has said that it lives. */
export async function device(port: number, name: string, boot: string, version = '5'): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, `mqtt://127.0.0.1:${port}`, name, boot, version], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterwards(() => child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
