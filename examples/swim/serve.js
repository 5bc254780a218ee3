/** Speaks the protocol over TCP, on loopback only: one client at a time, the next ones wait until it has gone. */
import { createServer } from 'node:net';
import { answer } from './protocol.js';
import { Aborted } from './site.js';

/** A line longer than this is no command. */
const MAX_LINE = 200;

/**
 * @param {object} options
 * @param {import('./site.js').Site} options.site
 * @param {() => void} options.live brings the site to the present; called before each line is answered
 * @param {(error: Error) => void} options.aborted called when a client did what the simulator does not survive; nothing is answered any more
 */
export function serve({ site, live, aborted }) {
  const waiting = [];
  let client;
  let over = false;

  const admit = (socket) => {
    if (over) return socket.destroy();
    client = socket;
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop();
      for (const line of lines) if (!over) respond(socket, line);
      if (text.length > MAX_LINE) socket.end('error: the line is too long\n');
    });
  };
  const respond = (socket, line) => {
    try {
      live();
      socket.write(`${answer(site, line)}\n`);
    } catch (error) {
      if (!(error instanceof Aborted)) throw error;
      over = true;
      socket.destroy();
      aborted(error);
    }
  };
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (socket === client) {
        client = undefined;
        const next = waiting.shift();
        if (next !== undefined) admit(next);
      } else if (waiting.includes(socket)) waiting.splice(waiting.indexOf(socket), 1);
    });
    if (client === undefined) admit(socket);
    else waiting.push(socket);
  });
}
