/**
 * What stands for a broker where Mosquitto is slower than what is measured: it gives all that is published to whoever is connected, in MQTT 3.1.1, and takes
 * the commands. It drops nothing: what is not read waits here, and is late.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PING = 12;
const VERSION_AT = 6;

export async function emptyBroker() {
  const sockets = new Set();
  let onCommand = () => {};
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = Buffer.alloc(0);
    socket.on('error', () => sockets.delete(socket));
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      for (;;) {
        let [length, shift, from] = [0, 0, 1];
        for (;;) {
          if (from >= rest.length) return;
          const byte = rest[from++];
          length += (byte & 0x7f) << shift;
          shift += 7;
          if (byte < 128) break;
        }
        if (rest.length < from + length) return;
        answer(socket, rest[0], rest.subarray(from, from + length));
        rest = rest.subarray(from + length);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function answer(socket, head, body) {
    const kind = head >> 4;
    if (kind === CONNECT) {
      if (body[VERSION_AT] !== 4) return socket.end(Buffer.from([0x20, 2, 0, 1]));
      return socket.write(Buffer.from([0x20, 2, 0, 0]));
    }
    if (kind === SUBSCRIBE) {
      let filters = 0;
      for (let at = 2; at < body.length; at += 3 + body.readUInt16BE(at)) filters++;
      socket.write(Buffer.concat([Buffer.from([0x90, 2 + filters, body[0], body[1]]), Buffer.alloc(filters, 1)]));
      return sockets.add(socket);
    }
    if (kind === PING) return socket.write(Buffer.from([0xd0, 0]));
    if (kind !== PUBLISH) return undefined;
    const end = 2 + body.readUInt16BE(0);
    if (head & 0x06) socket.write(Buffer.from([0x40, 2, body[end], body[end + 1]]));
    return onCommand(body.toString('latin1', 2, end));
  }

  return {
    port: server.address().port,
    open: async (told) => {
      onCommand = told;
      return {
        write: (bytes) => {
          for (const socket of sockets) socket.write(bytes);
        },
        close: () => {
          onCommand = () => {};
        },
      };
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
