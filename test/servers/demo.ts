/**
 * `npm run demo`: the demo as it is; with `--services` on a real Kafka, InfluxDB and Mosquitto that are started for it, and stopped after it. At its end
 * every panel of the dashboards must have rows of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { missing, type Server, startInflux, startKafka, startMosquitto } from './index.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const NAMES = ['kafka', 'influx', 'mosquitto'] as const;

async function homeostat(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, pass);
  const [status] = (await once(child, 'exit')) as [number | null];
  return status ?? 3;
}

async function withServers(args: readonly string[]): Promise<number> {
  const absent = missing(NAMES);
  if (absent.length > 0) {
    process.stderr.write(`${absent.join(' and ')} not installed here: run test/servers/install.sh ${NAMES.join(' ')}\n`);
    return 3;
  }
  const started: Server[] = [];
  try {
    const kafka = await startKafka();
    started.push(kafka);
    const influx = await startInflux();
    started.push(influx);
    const mosquitto = await startMosquitto();
    started.push(mosquitto);
    process.stderr.write(`Kafka at ${kafka.broker}, InfluxDB at port ${influx.port}, Mosquitto at port ${mosquitto.port}\n`);
    const servers = [
      '--kafka',
      kafka.broker,
      '--influx',
      `http://127.0.0.1:${influx.port}`,
      '--mqtt',
      `mqtt://127.0.0.1:${mosquitto.port}`,
    ];
    return await homeostat([...args, ...servers]);
  } finally {
    for (const server of started.reverse()) await server.stop();
  }
}

const args = process.argv.slice(2);
process.exitCode = args.includes('--services') ? await withServers(args.filter((arg) => arg !== '--services')) : await homeostat(args);
