/**
 * Load for the MQTT benchmark: devices that publish each value as a message of its own, and now and then one that crosses its threshold. It writes the
 * packets itself, so that a small part of a core is enough for 100,000 a second. What it publishes and what comes back are timed by one clock.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
const packet = (head, ...parts) => {
  const body = Buffer.concat(parts);
  const length = [];
  for (let left = body.length; ; left >>= 7) {
    if (left < 128) {
      length.push(left);
      break;
    }
    length.push((left & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.from([head, ...length]), body]);
};

/** A connection of MQTT 3.1.1 that publishes at QoS 0, and subscribes to one filter if given. */
export async function client(port, id, filter, onMessage) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 0]), text(id)));
  let rest = Buffer.alloc(0);
  let welcome;
  const accepted = new Promise((resolve) => {
    welcome = resolve;
  });
  socket.on('data', (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (;;) {
      if (rest.length < 2) return;
      // Packets here are short: lengths of one or two bytes.
      const long = rest[1] >= 128;
      if (long && rest.length < 3) return;
      const length = long ? (rest[1] & 0x7f) + (rest[2] << 7) : rest[1];
      const from = long ? 3 : 2;
      if (rest.length < from + length) return;
      const body = rest.subarray(from, from + length);
      const kind = rest[0] >> 4;
      if (kind === 2 && filter === undefined) welcome();
      if (kind === 9) welcome();
      if (kind === 3) {
        const end = 2 + body.readUInt16BE(0);
        const qos = (rest[0] >> 1) & 3;
        const id = qos > 0 ? body.readUInt16BE(end) : 0;
        if (qos > 0) socket.write(Buffer.from([0x40, 2, id >> 8, id & 0xff]));
        onMessage?.(body.toString('latin1', 2, end), body.toString('latin1', end + (qos > 0 ? 2 : 0)));
      }
      rest = rest.subarray(from + length);
    }
  });
  if (filter !== undefined) socket.write(packet(0x82, Buffer.from([0, 1]), text(filter), Buffer.from([1])));
  await accepted;
  return {
    write: (bytes) => socket.write(bytes),
    get waiting() {
      return socket.writableLength;
    },
    close: () => socket.destroy(),
  };
}

/** A value of a topic, as MQTT 3.1.1 has it at QoS 0. */
export const message = (topic, payload) => packet(0x30, text(topic), Buffer.from(payload));

/** What each device publishes, ready to be sent: a hundred quiet values of each, and one that crosses. */
export function devices(count) {
  return Array.from({ length: count }, (_, i) => {
    const topic = `plant/d${i}/load`;
    return { topic, quiet: Array.from({ length: 100 }, (_, k) => message(topic, String(20 + k / 2))), high: message(topic, '95.5') };
  });
}

/**
 * Publishes `rate` values a second for `seconds`, whether or not anyone keeps up, and lets a device cross its threshold every `alarmMs`; it stays high
 * for `highMs`. `alarmed(device)` is called when the first high value has been written. Resolves to how many were sent.
 */
export async function load(to, all, { rate, seconds, alarmMs, highMs, alarmed }) {
  const began = performance.now();
  const highUntil = all.map(() => 0);
  let [sent, alarms, turn] = [0, 0, 0];
  for (;;) {
    const at = performance.now() - began;
    if (at >= seconds * 1_000) break;
    const due = Math.floor((at * rate) / 1_000) - sent;
    const chunk = [];
    for (let i = 0; i < due; i++) {
      const index = (sent + i) % all.length;
      const { quiet, high } = all[index];
      chunk.push(highUntil[index] > at ? high : quiet[turn++ % quiet.length]);
    }
    sent += due;
    if (chunk.length > 0) to.write(Buffer.concat(chunk));
    for (; alarms < at / alarmMs; alarms++) {
      const index = (alarms * 37) % all.length;
      highUntil[index] = at + highMs;
      alarmed(index);
      to.write(all[index].high);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return sent;
}
