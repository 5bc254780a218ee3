/** The manager of the MQTT benchmark, in a process of its own so that it can be held to one core. Argument: its manager file. */
import { randomInt } from 'node:crypto';
import pino from 'pino';
import { assemble } from '../dist/assemble.js';
import { loadConfiguration } from '../dist/config.js';

const { configuration, findings } = loadConfiguration(process.argv[2]);
if (configuration === undefined) throw new Error(JSON.stringify(findings, null, 1));
const assembly = await assemble(configuration, {
  log: pino({ level: 'warn' }, pino.destination(2)),
  random: () => randomInt(2 ** 32) / 2 ** 32,
  environment: {},
});
await assembly.start();

const tell = () => {
  const { state } = assembly.manager;
  const { user, system } = process.cpuUsage();
  const [connection] = assembly.connections.status();
  process.send({
    cpuMs: (user + system) / 1_000,
    rssMb: process.memoryUsage.rss() / 1e6,
    received: connection?.received ?? 0,
    connected: connection?.connected ?? false,
    coalesced: state.counters.get('observations.dropped')?.count ?? 0,
    repeated: state.counters.get('observations.repeated')?.count ?? 0,
    deadLetters: state.counters.get('deadLetters')?.count ?? 0,
    waiting: assembly.bus.waiting.telemetry,
    step: state.position.step,
    readings: Object.fromEntries([...state.readings.rows()].map(({ key, value }) => [key, value])),
    health: assembly.manager.health,
  });
};
process.on('message', async (word) => {
  if (word === 'tell') return tell();
  await assembly.stop(1_000);
  process.exit(0);
});
process.send('ready');
