/**
 * A device as its makers would write it, in a process of its own, so that it can be killed and frozen: `node mqtt-device.mjs URL NAME BOOT [VERSION]`.
 * It tells its load ten times a second, says that it lives, and does each command once.
 */
import mqtt from 'mqtt';

const [url, name, boot, version = '5'] = process.argv.slice(2);
const status = `lamps/${name}/status`;
const say = (state) => JSON.stringify({ state, boot });
const device = mqtt.connect(url, {
  protocolVersion: Number(version),
  clientId: `${name}-${boot}`,
  keepalive: 1,
  will: { topic: status, payload: say('offline'), qos: 1, retain: true },
});
const done = new Map();
let level = 0;
device.on('connect', () => {
  device.subscribe(`lamps/${name}/commands`, { qos: 1 });
  device.publish(status, say('online'), { qos: 1, retain: true }, () => console.log('online'));
});
device.on('message', (_topic, payload, { properties }) => {
  const { id, inquire, to, answerTo } = JSON.parse(payload.toString());
  if (id !== undefined && !done.has(id)) {
    done.set(id, to);
    level = to;
    device.publish(`lamps/${name}/level`, String(level), { qos: 1, retain: true });
    device.publish(`lamps/${name}/done`, id, { qos: 1 });
  }
  const asked = id ?? inquire;
  const topic = properties?.responseTopic ?? answerTo;
  if (topic === undefined) return;
  const answer = JSON.stringify({ id: asked, status: done.has(asked) ? 'done' : 'never' });
  device.publish(topic, answer, {
    qos: 1,
    ...(properties?.correlationData && { properties: { correlationData: properties.correlationData } }),
  });
});
setInterval(
  () => device.connected && device.publish(`lamps/${name}/telemetry`, JSON.stringify({ load: Math.random(), time: Date.now(), boot })),
  100,
);
