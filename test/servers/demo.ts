/**
 * `npm run demo`: the demo as it is; with `--services` on a real Kafka, InfluxDB and Mosquitto that are started for it, and stopped after it. At its end
 * every panel of the dashboards must have rows of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { panelQueries } from '../../docker/grafana/source/index.ts';
import { DATABASE } from '../../src/cli/demo/services.ts';
import { SystemClock } from '../../src/clock.ts';
import { Connection } from '../../src/history/connection.ts';
import { withoutRows } from './dashboards.ts';
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

/** Every panel, mark and choice must have rows of the run. */
async function dashboards(influx: Server, from: number, clock: SystemClock): Promise<number> {
  const ports = { clock, environment: {}, directory: tmpdir() };
  const connection = new Connection({ url: `http://127.0.0.1:${influx.port}`, database: DATABASE }, ports);
  try {
    const span = { from, to: clock.now(), interval: '1s', variables: { element: 'web' } };
    const empty = await withoutRows((query) => connection.query(query), span);
    for (const place of empty) process.stderr.write(`the dashboards have no row at ${place}\n`);
    process.stderr.write(
      `dashboards: ${panelQueries(span).length - empty.length} of ${panelQueries(span).length} questions have rows of this run\n`,
    );
    return empty.length === 0 ? 0 : 1;
  } finally {
    connection.close();
  }
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
    const clock = new SystemClock();
    const from = clock.now();
    const status = await homeostat([...args, ...servers]);
    return status === 0 && !args.includes('--help') ? await dashboards(influx, from, clock) : status;
  } finally {
    for (const server of started.reverse()) await server.stop();
  }
}

const args = process.argv.slice(2);
process.exitCode = args.includes('--services') ? await withServers(args.filter((arg) => arg !== '--services')) : await homeostat(args);
