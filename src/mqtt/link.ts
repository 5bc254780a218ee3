/** The stream between the MQTT client and the broker: our own socket, out of which messages are taken before the client sees them. */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { type Arrived, acknowledgements, Frames } from './frames.ts';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer; readonly serverName?: string } | undefined;
  readonly maxBytes: number;
  readonly message: (message: Arrived) => void;
}

/** What the client sees of the broker. */
export class Link extends Duplex {
  readonly #socket: Socket;
  readonly #frames: Frames;

  constructor(options: LinkOptions) {
    super();
    const { host, port, tls } = options;
    this.#frames = new Frames(options.maxBytes, {
      message: options.message,
      other: (bytes) => void this.push(bytes),
      broken: (reason) => this.destroy(new Error(`what the broker sends is not MQTT: ${reason}`)),
    });
    // Without noDelay a burst of small packets waits up to 40 ms for the broker's delayed acknowledgement.
    this.#socket =
      tls === undefined
        ? connectPlain({ host, port, noDelay: true })
        : connectTls({
            host,
            port,
            ...(tls.ca && { ca: tls.ca }),
            ...(tls.cert && { cert: tls.cert }),
            ...(tls.key && { key: tls.key }),
            ...(isIP(host) === 0 || tls.serverName !== undefined ? { servername: tls.serverName ?? host } : {}),
          }).setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#frames.read(bytes));
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('end', () => this.push(null));
    this.#socket.on('close', () => this.destroy());
  }

  set version(version: 4 | 5) {
    this.#frames.version = version;
  }

  acknowledge(ids: readonly number[]): void {
    if (!this.#socket.destroyed) this.#socket.write(acknowledgements(ids));
  }

  /** Nothing is read until `flow`: what the broker sends waits there. */
  halt(): void {
    this.#socket.pause();
  }

  flow(): void {
    this.#socket.resume();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, () => done());
  }

  /** All that waits goes into one packet of the network. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
