/** Asks the site over TCP. */
import { once } from 'node:events';
import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 3_000;

/** @param {number} port on loopback; `SWIM_PORT` or 4242 if not given */
export async function connected(port = Number(process.env.SWIM_PORT ?? 4242)) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8').setTimeout(ANSWER_WITHIN_MS);
  socket.on('timeout', () => socket.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
  await once(socket, 'connect');
  let text = '';
  const ask = async (lines) => {
    if (lines.length === 0) return [];
    socket.write(lines.map((line) => `${line}\n`).join(''));
    while (text.split('\n').length <= lines.length) text += await chunk(socket);
    const answers = text.split('\n');
    text = answers.slice(lines.length).join('\n');
    return answers.slice(0, lines.length);
  };
  return { ask, close: () => socket.end() };
}

function chunk(socket) {
  return new Promise((resolve, reject) => {
    const ended = (error) => reject(error instanceof Error ? error : new Error('the site has closed the connection'));
    socket.once('close', ended).once('error', ended);
    socket.once('data', (data) => {
      socket.off('close', ended).off('error', ended);
      resolve(data);
    });
  });
}
