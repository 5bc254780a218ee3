/**
 * MQTT alone: a device publishes, the embedded manager decides among 100 policies, stores with flush, and the device gets its command. The manager is held
 * to one core; Mosquitto and the load have the others. Beside it Node-RED with the same 100 rules, one after the other on the same broker and load.
 *
 *   node bench/mqtt.js [--quick] [--alone] [--node-red FOLDER]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { percentile } from './farm.js';
import { emptyBroker } from './mqtt-broker.js';
import { client, devices, load, message } from './mqtt-load.js';
import { flows, installNodeRed, NODE_RED, startNodeRed } from './mqtt-nodered.js';

const RULES = 100;
const THRESHOLD = 90;
const TARGET = 30_000;
const LIMIT_MS = 3;
const DELAY_LIMIT_MS = 1_000;
/** Through Mosquitto, which on a core that it shares with the load gives up first at the higher ones. */
const RATES = [10_000, 20_000, 30_000, 40_000, 50_000, 60_000];
/** Without it. */
const BARE_RATES = [20_000, 30_000, 40_000, 60_000, 80_000, 100_000, 130_000, 160_000, 200_000, 250_000];
/** A rate is kept up with if every alarm is answered and 99 of 100 within this. */
const KEPT_UP_MS = 250;
const quick = process.argv.includes('--quick');
const SECONDS = quick ? 4 : 8;
/** Values that may wait for a step: what bounds the delay, see docs/mqtt.md. */
const QUEUE = 10_000;
const WARM_UP_MS = 1_000;
const ALARM_MS = 20;
const HIGH_MS = 200;

const argument = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const pinned = cpus().length > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const onCore = (core) => (pinned ? ['taskset', '-c', core] : []);
const others = pinned ? `1-${cpus().length - 1}` : '0';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const folder = mkdtempSync(join(tmpdir(), 'homeostat-mqtt-bench-'));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Mosquitto as it is installed, but for the queue: it should not be what drops messages. */
async function mosquitto() {
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(
    file,
    ['user root', `listener ${port} 127.0.0.1`, 'allow_anonymous true', 'max_queued_messages 0', 'set_tcp_nodelay true', ''].join('\n'),
  );
  const argv = [...onCore(others), 'mosquitto', '-c', file];
  const child = spawn(argv[0], argv.slice(1), { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  await sleep(500);
  if (child.exitCode !== null) throw new Error('Mosquitto does not start: is it installed?');
  const open = async (told) => {
    const ear = await client(port, 'bench-ear', 'plant/+/commands', told);
    const mouth = await client(port, 'bench-mouth');
    return {
      write: (bytes) => mouth.write(bytes),
      close: () => {
        ear.close();
        mouth.close();
      },
    };
  };
  return { port, open, stop: () => child.kill('SIGKILL') };
}

function managerFile(port, version) {
  rmSync(join(folder, '.homeostat'), { recursive: true, force: true });
  const names = Array.from({ length: RULES }, (_, i) => `plant/d${i}`);
  const policies = names.map((element, i) => ({
    name: `cool-d${i}`,
    scope: { element },
    conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: THRESHOLD }] },
    cooldown: '1s',
    actions: [{ command: 'cool' }],
  }));
  writeFileSync(join(folder, 'rules.json'), JSON.stringify({ policies }));
  const document = {
    domain: 'plant',
    mode: 'act',
    types: {
      plant: {},
      device: { properties: { load: { stale: 'never' } }, commands: { cool: { actuator: 'devices', idempotent: true, deadline: '10s' } } },
    },
    elements: { plant: { type: 'plant' }, ...Object.fromEntries(names.map((name) => [name, { type: 'device' }])) },
    mqtt: { url: `mqtt://127.0.0.1:${port}`, version },
    limits: { queue: QUEUE },
    probes: [{ name: 'loads', kind: 'mqtt', element: 'plant', topic: 'plant/+/load', elementPrefix: 'plant/', property: 'load' }],
    actuators: { devices: { kind: 'mqtt', topic: 'plant/{name}/commands', payload: 'cool {command}', ack: 'broker' } },
    policies: ['rules.json'],
    ...(process.env.BENCH_MANAGER ? JSON.parse(process.env.BENCH_MANAGER) : {}),
  };
  const file = join(folder, 'homeostat.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

async function homeostat(port, version) {
  const script = fileURLToPath(new URL('mqtt-manager.js', import.meta.url));
  const argv = [
    ...onCore('0'),
    process.execPath,
    ...(process.env.BENCH_NODE ?? '').split(' ').filter(Boolean),
    script,
    managerFile(port, version),
  ];
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'message');
  const ask = async () => {
    child.send('tell');
    return (await once(child, 'message'))[0];
  };
  while (!(await ask()).connected) await sleep(50);
  return {
    ask,
    stop: async () => {
      child.send('stop');
      await Promise.race([once(child, 'exit'), sleep(8_000)]);
      child.kill('SIGKILL');
    },
  };
}

async function nodeRed(port, version, script) {
  const child = startNodeRed(script, join(folder, 'node-red'), flows(port, version === '5' ? '5' : '4', RULES, THRESHOLD), onCore('0'));
  await sleep(6_000);
  return {
    ask: async () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, rssMb: Number(fields[21]) * 0.004096, coalesced: 0 };
    },
    stop: async () => child.kill('SIGKILL'),
  };
}

/** One load: what was sent, and how long after its crossing each device got its command. */
async function measure(broker, system, { rate, seconds = SECONDS, highMs = HIGH_MS }) {
  const began = performance.now();
  const raised = new Map();
  const delays = [];
  let alarms = 0;
  const mouth = await broker.open((topic) => {
    const device = Number(topic.split('/')[1].slice(1));
    const at = raised.get(device);
    if (at === undefined) return;
    raised.delete(device);
    if (at - began > WARM_UP_MS) delays.push(performance.now() - at);
  });
  const before = await system.ask();
  const all = devices(RULES);
  const sent = await load(mouth, all, {
    rate,
    seconds,
    alarmMs: ALARM_MS,
    highMs,
    alarmed: (device) => {
      alarms++;
      if (!raised.has(device)) raised.set(device, performance.now());
    },
  });
  const took = performance.now() - began;
  const after = await system.ask();
  // Twenty seconds are enough for what is late; what has no answer by then was lost.
  for (let i = 0; i < 200 && raised.size > 0; i++) await sleep(100);
  const newest = {};
  for (const [i, { topic }] of all.entries()) {
    const value = 30 + i / 10;
    mouth.write(message(topic, String(value)));
    newest[`plant/d${i}\tload`] = value;
  }
  await sleep(1_500);
  const last = await system.ask();
  mouth.close();
  delays.sort((a, b) => a - b);
  const wrong = last.readings === undefined ? 0 : Object.entries(newest).filter(([key, value]) => last.readings[key] !== value).length;
  return {
    rate: sent / (took / 1_000),
    sent,
    received: (last.received ?? 0) - (before.received ?? 0),
    alarms,
    unanswered: raised.size,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    max: delays.at(-1),
    share: (after.cpuMs - before.cpuMs) / took,
    rssMb: last.rssMb,
    coalesced: (last.coalesced ?? 0) - (before.coalesced ?? 0),
    wrong,
    steps: (last.step ?? 0) - (before.step ?? 0),
    health: last.health,
  };
}

const ms = (x) => (x === undefined ? '–' : Number(x.toFixed(x < 10 ? 2 : 0)));
const say = (name, r) =>
  process.stderr.write(
    `${name}: ${Math.round(r.rate)}/s, p50 ${ms(r.p50)} p99 ${ms(r.p99)} max ${ms(r.max)} ms, ${r.alarms} alarms, ${r.unanswered} unanswered, ${Math.round(r.share * 100)} % CPU, ${Math.round(r.rssMb)} MB, coalesced ${r.coalesced} of ${r.received}${r.wrong > 0 ? `, ${r.wrong} properties without their newest value` : ''}, ${r.steps} steps\n`,
  );
const keepsUp = (r) => r.unanswered === 0 && r.p99 <= KEPT_UP_MS && r.coalesced === 0;

/** The rates from low to high, until one is not kept up with. */
async function ramp(name, broker, system, rates) {
  let best;
  let atTarget;
  for (const rate of argument('--rate') ? [Number(argument('--rate'))] : rates) {
    const result = await measure(broker, system, { rate });
    say(name, result);
    if (rate === TARGET) atTarget = result;
    if (!keepsUp(result)) break;
    best = result;
  }
  return { best, atTarget };
}

/** Through Mosquitto, and then without it as fast as it goes, and at twice that. */
async function all(name, start) {
  const broker = await mosquitto();
  let system = await start(broker.port, '5');
  const real = await ramp(`${name}, Mosquitto`, broker, system, RATES);
  await system.stop();
  broker.stop();
  const empty = await emptyBroker();
  system = await start(empty.port, '3.1.1');
  const bare = await ramp(`${name}, bare`, empty, system, BARE_RATES);
  const twice = await measure(empty, system, { rate: 2 * (bare.best?.rate ?? BARE_RATES[0]), highMs: 1_500 });
  say(`${name}, twice that`, twice);
  await system.stop();
  empty.stop();
  return { ...real, bare, twice };
}

try {
  const us = await all('Homeostat', homeostat);
  let them;
  if (!process.argv.includes('--alone')) {
    const given = argument('--node-red');
    const script = given !== undefined && existsSync(given) ? given : installNodeRed(join(folder, 'node-red-program'));
    them = await all('Node-RED', (port, version) => nodeRed(port, version, script));
  }
  const row = (name, unit, homeostat, otherValue, limit, met, note) => ({
    name,
    unit,
    homeostat,
    other: `Node-RED ${NODE_RED}`,
    otherValue,
    ratio: unit === 'ms' ? otherValue / homeostat : homeostat / otherValue,
    limit,
    met,
    ...(note && { note }),
  });
  process.stdout.write(
    JSON.stringify([
      row('MQTT values kept up with', '/s', us.best?.rate ?? 0, them?.best?.rate ?? null, TARGET, (us.best?.rate ?? 0) >= TARGET * 0.98),
      row(
        'MQTT value → command, p50',
        'ms',
        us.atTarget?.p50 ?? null,
        them?.atTarget?.p50 ?? null,
        LIMIT_MS,
        (us.atTarget?.p50 ?? Infinity) <= LIMIT_MS,
      ),
      row(
        'MQTT at twice that, longest delay',
        'ms',
        us.twice?.max ?? null,
        them?.twice?.max ?? null,
        DELAY_LIMIT_MS,
        (us.twice?.max ?? Infinity) <= DELAY_LIMIT_MS && us.twice.wrong === 0,
        `without a broker in between; ${Math.round(us.bare.best?.rate ?? 0)} values/s are kept up with${them ? ` (Node-RED ${Math.round(them.bare.best?.rate ?? 0)})` : ''}; at ${Math.round(us.twice.rate)}/s ${us.twice.coalesced} of ${us.twice.received} were coalesced and counted, ${us.twice.wrong} properties without their newest value`,
      ),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
