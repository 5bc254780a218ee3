/** Probe, actuator and bridge against a real Mosquitto, and devices that are processes of their own. */
import type { Order } from '../../src/execute/actuators/actuator.ts';
import { mqttKind as actuatorKind, type MqttActuatorOptions } from '../../src/execute/actuators/mqtt.ts';
import type { LogRecord } from '../../src/log/log.ts';
import type { ElementDocument } from '../../src/messages.ts';
import { type MqttProbeOptions, mqttKind as probeKind } from '../../src/monitor/probes/mqtt.ts';
import type { Sample } from '../../src/monitor/probes/probe.ts';
import { startBridge } from '../../src/mqtt/bridge.ts';
import type { MqttConnection } from '../../src/mqtt/connection.ts';
import { decodeBatch } from '../../src/services/batch-format.ts';
import { topicNames } from '../../src/services/topics.ts';
import { decodeSignal } from '../../src/services/wire.ts';
import { makeRig, never, order, type Rig } from '../execute/actuators/rig.ts';
import { context } from '../monitor/probes/support.ts';
import { describeWith, type Server, startMosquitto } from '../servers/index.ts';
import { afterwards, connections, device, outsider, until } from './mqtt-rig.ts';

let broker: Server;
let rig: Rig;

async function start(...options: Parameters<typeof startMosquitto>): Promise<MqttConnection> {
  broker = await startMosquitto(...options);
  afterwards(() => broker.stop());
  return connections({ url: `mqtt://127.0.0.1:${broker.port}` }).connection;
}

function follow(connection: MqttConnection, options: MqttProbeOptions, known: (element: string) => boolean = () => true, everyMs = 60_000) {
  const seen: Sample[] = [];
  const wrong: string[] = [];
  const rejected: string[] = [];
  const appeared: [string, ElementDocument][] = [];
  const probe = probeKind.create(options, context({ name: 'lamps', element: 'shop', everyMs, known, mqtt: () => connection }));
  afterwards(() => probe.close());
  let working = false;
  probe.follow!({
    measured: (m) => {
      working = true;
      seen.push(...m.samples);
    },
    failed: (reason) => wrong.push(reason),
    rejected: (reason) => rejected.push(reason),
    appeared: (element, document) => appeared.push([element, document]),
  });
  const life = (element: string) => seen.filter((s) => s.property === 'online' && s.element === element).map(({ value }) => value);
  return { seen, wrong, rejected, appeared, life, working: () => until(() => working) };
}

const LAMPS: MqttProbeOptions = {
  topic: 'lamps/+/telemetry',
  elementPrefix: 'shop/',
  read: { load: '/load' },
  timeFrom: '/time',
  bootFrom: '/boot',
  online: { topic: 'lamps/+/status', elementPrefix: 'shop/', stateFrom: '/state', bootFrom: '/boot', heartbeat: '1s' },
};

describeWith('mosquitto', 'a probe of Mosquitto', () => {
  test('a device that is killed is dead by its last will, and the next life is not ended by it', async () => {
    const told = follow(await start(), LAMPS);
    await told.working();
    const first = await device(broker.port, 'one', 'boot-1');
    await until(() => told.seen.some(({ property, element }) => property === 'load' && element === 'shop/one'));
    expect(told.life('shop/one')).toEqual([true]);
    first.kill('SIGKILL');
    await until(() => told.life('shop/one').at(-1) === false);
    await device(broker.port, 'one', 'boot-2');
    await until(() => told.life('shop/one').at(-1) === true);
    // The broker tells of the end of an earlier life at last.
    const late = await outsider(broker.port);
    await late.publishAsync('lamps/one/status', JSON.stringify({ state: 'offline', boot: 'boot-1' }), { qos: 1, retain: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told.life('shop/one')).toEqual([true, false, true]);
    expect(told.rejected).toEqual([]);
    // Whoever comes now finds the "dead" of the earlier life, kept by the broker.
    const second = follow(connections({ url: `mqtt://127.0.0.1:${broker.port}` }).connection, LAMPS);
    await until(() => second.life('shop/one').length > 0);
    expect(second.life('shop/one')).toEqual([true]);
  });

  test('a device that freezes is dead after its heartbeat, long before the broker knows', async () => {
    const told = follow(await start(), { ...LAMPS, online: { heartbeat: '700ms' } });
    await told.working();
    const lamp = await device(broker.port, 'one', 'boot-1');
    await until(() => told.life('shop/one').length === 1);
    lamp.kill('SIGSTOP');
    await until(() => told.life('shop/one').at(-1) === false);
    lamp.kill('SIGCONT');
    await until(() => told.life('shop/one').at(-1) === true);
  });

  test('while the broker is gone nobody is held dead', async () => {
    const told = follow(await start({ persistence: true }), { ...LAMPS, online: { heartbeat: '700ms' } });
    await told.working();
    await device(broker.port, 'one', 'boot-1');
    await until(() => told.life('shop/one').length === 1);
    await broker.kill();
    await until(() => told.wrong.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(told.life('shop/one')).toEqual([true]);
    const before = told.seen.length;
    await broker.restart();
    await until(() => told.seen.length > before + 3);
    expect(told.life('shop/one')).toEqual([true]);
  }, 30_000);

  test('rubbish is refused and stops nothing', async () => {
    const connection = await start();
    const told = follow(connection, { topic: 'plain/+', elementPrefix: 'shop/', property: 'load' });
    await told.working();
    const other = await outsider(broker.port);
    for (const payload of ['', 'x', '{', '\u0000', Buffer.from([0xff, 0xfe]), 'NaN', '{"a":'.repeat(1_000)])
      await other.publishAsync('plain/a', payload, { qos: 1 });
    await other.publishAsync('plain/a b', '1', { qos: 1 });
    await other.publishAsync('plain/x', 'y'.repeat(300_000), { qos: 1 });
    await other.publishAsync('plain/a', '42', { qos: 1 });
    await until(() => told.seen.length > 0);
    expect(told.seen.map(({ element, value }) => [element, value])).toEqual([['shop/a', 42]]);
    // The empty one says nothing, and the long one the broker does not give us: MQTT 5 knows what we take.
    expect(told.rejected).toHaveLength(7);
    expect(connection.status.connected).toBe(true);
  });

  test('retained values are told apart from live ones', async () => {
    const connection = await start();
    const other = await outsider(broker.port);
    await other.publishAsync('plain/a', '1', { qos: 1, retain: true });
    const [live, state] = [
      follow(connection, { topic: 'plain/+', property: 'p' }),
      follow(connection, { topic: 'plain/#', wildcards: ['element'], property: 'p', retained: 'state' }),
    ];
    await until(() => state.seen.length === 1);
    await other.publishAsync('plain/a', '2', { qos: 1, retain: true });
    await until(() => state.seen.length === 2 && live.seen.length === 1);
    expect([live.seen.map(({ value }) => value), state.seen.map(({ value }) => value)]).toEqual([[2], [1, 2]]);
  });

  test('new devices appear where that is wanted, and are refused where it is not', async () => {
    const connection = await start();
    const there = new Set<string>(['shop/known']);
    const open = follow(connection, { topic: 'plain/+', elementPrefix: 'shop/', property: 'p', appear: { type: 'lamp', max: 2 } }, (id) =>
      there.has(id),
    );
    const strict = follow(connection, { topic: 'plain/#', wildcards: ['element'], elementPrefix: 'shop/', property: 'p' }, (id) =>
      there.has(id),
    );
    await Promise.all([open.working(), strict.working()]);
    const other = await outsider(broker.port);
    for (const name of ['a', 'known', 'a', 'b', 'c']) await other.publishAsync(`plain/${name}`, '1', { qos: 1 });
    await until(() => strict.rejected.length === 4);
    expect(open.appeared).toEqual([
      ['shop/a', { type: 'lamp' }],
      ['shop/b', { type: 'lamp' }],
    ]);
    expect(open.seen.map(({ element }) => element)).toEqual(['shop/a', 'shop/known', 'shop/a', 'shop/b']);
    expect(open.rejected[0]).toContain('2 elements have appeared already');
    expect(strict.seen.map(({ element }) => element)).toEqual(['shop/known']);
  });
});

describeWith('mosquitto', 'an actuator at Mosquitto', () => {
  beforeEach(() => {
    rig = makeRig();
    rig.put('shop/one', 'lamp');
  });
  afterEach(() => rig.end());

  const hand = (connection: MqttConnection, options: Partial<MqttActuatorOptions>) => {
    const actuator = actuatorKind.create(
      {
        topic: 'lamps/{name}/commands',
        payload: { id: '{command}', to: '{to}', answerTo: 'answers/here' },
        ack: 'broker',
        ...options,
      } as MqttActuatorOptions,
      { ...rig.context, mqtt: () => connection },
    );
    afterwards(() => actuator.close());
    return actuator;
  };
  const dim = (to: number, more: Partial<Order['command']> = {}): Order => order('dim', 'shop/one', { to }, more);

  test.each(['5', '3.1.1'] as const)('by the broker, an answer or the state: each says that it is done, in MQTT %s', async (version) => {
    await start();
    const { connection } = connections({ url: `mqtt://127.0.0.1:${broker.port}`, version });
    await device(broker.port, 'one', 'boot-1', version === '5' ? '5' : '4');
    expect(await hand(connection, {}).execute(dim(1), never)).toMatchObject({ status: 'succeeded', detail: 'the broker has it' });
    const answered = hand(connection, { ack: 'device', answer: { topic: 'answers/here', statusFrom: '/status' } });
    expect(await answered.execute(dim(2), never)).toMatchObject({ status: 'succeeded', detail: 'done' });
    const state = hand(connection, { ack: 'state', state: { topic: 'lamps/{name}/level', equals: '{to}' } });
    expect(await state.execute(dim(3), never)).toMatchObject({ status: 'succeeded', detail: 'its state is 3' });
    // It has the value already; a state that is kept from before does not say that this command was done.
    expect(await state.inquire!(dim(3), never)).toMatchObject({ status: 'succeeded' });
    expect(await state.inquire!(dim(4), never)).toBeUndefined();
  });

  test('a command that comes twice is done once, and the device can be asked for it', async () => {
    const connection = await start();
    await device(broker.port, 'one', 'boot-1');
    const watcher = await outsider(broker.port);
    const done: string[] = [];
    watcher.on('message', (_, payload) => done.push(payload.toString()));
    await watcher.subscribeAsync('lamps/one/done', { qos: 1 });
    const options: Partial<MqttActuatorOptions> = {
      ack: 'device',
      answer: { topic: 'answers/here', statusFrom: '/status' },
      inquire: { topic: 'lamps/{name}/commands', payload: { inquire: '{command}', answerTo: 'answers/here' } },
    };
    const given = dim(7);
    expect(await hand(connection, options).inquire!(given, never)).toBeUndefined();
    expect(await hand(connection, options).execute(given, never)).toMatchObject({ status: 'succeeded' });
    expect(await hand(connection, options).execute(given, never)).toMatchObject({ status: 'succeeded' });
    expect(await hand(connection, options).inquire!(given, never)).toMatchObject({ status: 'succeeded' });
    await until(() => done.length > 0);
    expect(done).toEqual([given.command.id]);
  });

  test('a device that does not answer leaves the command timed out, and one that was never sent says so', async () => {
    const connection = await start();
    const lamp = await device(broker.port, 'one', 'boot-1');
    lamp.kill('SIGSTOP');
    const soon = () => AbortSignal.timeout(400);
    const answered = hand(connection, { ack: 'device', answer: { topic: 'answers/here' } });
    expect(await answered.execute(dim(1), soon())).toMatchObject({
      status: 'timedOut',
      detail: expect.stringContaining('sent, and not answered'),
    });
    await broker.kill();
    await until(() => !connection.status.connected);
    expect(await hand(connection, {}).execute(dim(2), soon())).toMatchObject({
      status: 'timedOut',
      detail: expect.stringContaining('not sent'),
    });
  });

  test('a parameter cannot reach another topic', async () => {
    const connection = await start();
    const result = await hand(connection, { topic: 'lamps/{to}/commands' }).execute(order('dim', 'shop/one', { to: '../two' }), never);
    expect(result).toMatchObject({ status: 'failed', retryable: false, detail: expect.stringContaining('no level of a topic') });
  });
});

describeWith('mosquitto', 'the bridge', () => {
  const NAMES = topicNames('test');

  function writer() {
    const written: LogRecord[] = [];
    const state = { holding: false };
    const held: (() => void)[] = [];
    return {
      written,
      state,
      release: () => {
        state.holding = false;
        for (const go of held.splice(0)) go();
      },
      write: async (records: readonly LogRecord[]) => {
        if (state.holding) await new Promise<void>((resolve) => held.push(resolve));
        written.push(...records);
      },
      observations: () => written.filter(({ topic }) => topic === NAMES.observations).flatMap(({ value }) => decodeBatch(value!)),
    };
  }
  const bridge = (connection: MqttConnection, to: ReturnType<typeof writer>) =>
    startBridge(
      { devices: [{ name: 'lamps', topic: 'lamps/+/telemetry', elementPrefix: 'shop/', read: { load: '/load' }, timeFrom: '/time' }] },
      { connection, writer: to, topics: NAMES, partitions: 4, clock: rig.context.clock, log: rig.context.log },
    );
  beforeEach(() => {
    rig = makeRig();
  });
  afterEach(() => rig.end());

  test('carries observations and signals to the partition of their domain, rubbish to the dead letters, and commands back', async () => {
    const connection = await start();
    const to = writer();
    const carrier = bridge(connection, to);
    afterwards(() => carrier.close());
    await carrier.ready;
    const agent = await outsider(broker.port);
    const commands: string[] = [];
    agent.on('message', (_, payload) => commands.push(payload.toString()));
    await agent.subscribeAsync('homeostat/agents/edge-1/commands', { qos: 1 });
    const say = (topic: string, thing: unknown) =>
      agent.publishAsync(topic, typeof thing === 'string' ? thing : JSON.stringify(thing), { qos: 1 });
    await say('homeostat/agents/edge-1/observations', [
      { element: 'shop/a', property: 'load', value: 1, time: 5 },
      { element: 'x y', property: 'load', value: 1 },
    ]);
    await say('homeostat/agents/edge-1/signals', {
      kind: 'outcome',
      element: 'shop/a',
      command: 'shop.1.0',
      status: 'succeeded',
      detail: 'done',
    });
    await say('homeostat/agents/edge-1/signals', '{"kind":"configured"');
    await say('lamps/b/telemetry', { load: 3, time: 9 });
    await until(() => carrier.counts.observations === 2 && carrier.counts.signals === 1 && carrier.counts.rejected === 2);
    expect(to.observations()).toMatchObject([
      { element: 'shop/a', value: 1, time: 5, source: 'edge-1' },
      { element: 'shop/b', value: 3, time: 9, source: 'lamps' },
    ]);
    const signals = to.written.filter(({ topic }) => topic === NAMES.signals);
    expect(signals.map(({ value }) => decodeSignal(value!))).toEqual([
      { kind: 'outcome', command: 'shop.1.0', status: 'succeeded', detail: 'done' },
    ]);
    expect(new Set(to.written.filter(({ topic }) => topic !== NAMES.deadLetters).map(({ partition }) => partition)).size).toBe(1);
    await carrier.carry('edge-1', '{"id":"shop.1.1"}');
    await until(() => commands.length === 1);
    expect(commands).toEqual(['{"id":"shop.1.1"}']);
  });

  test('what it has taken and the log has not is told again to its successor when it is killed in between', async () => {
    await start({ persistence: true });
    const document = { url: `mqtt://127.0.0.1:${broker.port}`, clientId: 'the-bridge' };
    const first = connections(document);
    const [lost, kept] = [writer(), writer()];
    const dying = bridge(first.connection, lost);
    await dying.ready;
    const agent = await outsider(broker.port);
    const say = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, i) =>
          agent.publishAsync('lamps/a/telemetry', JSON.stringify({ load: 1, time: from + i }), { qos: 1 }),
        ),
      );
    await say(0, 100);
    await until(() => dying.counts.observations === 100);
    lost.state.holding = true;
    await say(100, 200);
    await until(() => dying.counts.waiting > 0);
    // It dies: what it holds is never written, and nothing more is acknowledged.
    await first.connections.close();
    await say(200, 300);
    const second = connections(document);
    const successor = bridge(second.connection, kept);
    afterwards(() => successor.close());
    const times = () => new Set([...lost.observations(), ...kept.observations()].map(({ time }) => time));
    await until(() => times().size === 300);
    expect([...times()].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(lost.observations()).toHaveLength(100);
  }, 30_000);

  test('while the log cannot be written the broker keeps what comes, and all arrives in order afterwards', async () => {
    const connection = await start();
    const to = writer();
    let failing = true;
    const carrier = startBridge(
      { devices: [{ name: 'lamps', topic: 'lamps/+/telemetry', elementPrefix: 'shop/', read: { load: '/load' }, timeFrom: '/time' }] },
      {
        connection,
        writer: { write: (records) => (failing ? Promise.reject(new Error('no leader')) : to.write(records)) },
        topics: NAMES,
        partitions: 4,
        clock: rig.context.clock,
        log: rig.context.log,
      },
    );
    afterwards(() => carrier.close());
    await carrier.ready;
    const agent = await outsider(broker.port);
    for (let i = 0; i < 50; i++) await agent.publishAsync('lamps/a/telemetry', JSON.stringify({ load: 1, time: i }), { qos: 1 });
    await until(() => rig.logged.some(({ msg }) => msg.includes('cannot write to the log')));
    failing = false;
    await until(() => to.observations().length === 50);
    expect(to.observations().map(({ time }) => time)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
