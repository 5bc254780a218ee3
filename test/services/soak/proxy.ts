/** A TCP proxy that can cut those behind it off: their connections end and new ones are refused, or all hang without a word. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Cut = 'refused' | 'silent';

export class CutProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut: Cut | undefined;

  constructor(port: number, to: () => number) {
    this.#server = createServer((client) => this.#take(client, to()));
    this.#server.listen(port, '127.0.0.1');
  }

  #take(client: Socket, port: number): void {
    client.on('error', () => {});
    if (this.#cut === 'refused') return void client.destroy();
    const server = connect(port, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end);
    client.pipe(server);
    server.pipe(client);
    if (this.#cut === 'silent') this.#hold(pair);
  }

  #hold([client, server]: readonly [Socket, Socket]): void {
    client.unpipe(server);
    server.unpipe(client);
    client.pause();
    server.pause();
  }

  cut(how: Cut): void {
    this.#cut = how;
    for (const pair of this.#pairs) {
      if (how === 'silent') this.#hold(pair);
      else for (const socket of pair) socket.destroy();
    }
  }

  /** What was held goes on, with all that has come meanwhile. */
  mend(): void {
    this.#cut = undefined;
    for (const [client, server] of this.#pairs) {
      client.pipe(server);
      server.pipe(client);
    }
  }

  close(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#server.close();
  }
}
