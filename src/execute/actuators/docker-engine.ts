/** Calls of the Docker Engine API, over its socket or TCP, in a version that both sides know. */
import { HomeostatError } from '../../errors.ts';
import type { ActuatorContext, Result } from './actuator.ts';
import type { DockerOptions } from './docker-options.ts';
import { failedBy } from './http-answers.ts';
import { type HttpAnswer, httpCall } from './http-call.ts';
import { readTls } from './tls.ts';

const SOCKET = 'unix:///var/run/docker.sock';
/** What we call exists, as we call it, in every version between these. */
const OLDEST = 1.25;
const NEWEST = 1.47;
/** The longest answer that is read: a list of a few thousand containers. */
const MOST_BYTES = 16_000_000;

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** An answer that was not expected, as an error: what it says of another attempt is kept. */
export class EngineRefusal extends HomeostatError {
  readonly result: Result;

  constructor(what: string, answer: HttpAnswer, wall: number) {
    const result = failedBy({ ...answer, text: messageIn(answer) }, wall);
    super('H402', `${what}: ${result.detail}`);
    this.result = { ...result, detail: this.message };
  }

  override get retryable(): boolean {
    return this.result.retryable === true;
  }
}

/** The engine says what is wrong as `{"message": "…"}`. */
function messageIn({ text }: HttpAnswer): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    return text;
  }
}

const asNumber = (version: string): number => {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  return major * 1_000 + minor;
};

/** The version to speak: the engine's newest, or ours if that is older. @throws HomeostatError H402 if the engine's newest is too old for us. */
export function commonVersion(newestOfEngine: string): string {
  if (!/^[0-9]+\.[0-9]+$/.test(newestOfEngine))
    throw new HomeostatError('H402', `this is no Docker engine: its Api-Version is "${newestOfEngine}"`);
  if (asNumber(newestOfEngine) < asNumber(String(OLDEST)))
    throw new HomeostatError('H402', `the engine speaks API ${newestOfEngine}, and ${OLDEST} (Docker 1.13) is needed: update it`);
  return asNumber(newestOfEngine) < asNumber(String(NEWEST)) ? newestOfEngine : String(NEWEST);
}

export class DockerEngine {
  readonly #options: DockerOptions;
  readonly #context: ActuatorContext;
  #version: string | undefined;

  constructor(options: DockerOptions, context: ActuatorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** The answer, if its status is one of `expected`. @throws EngineRefusal for another, what node:http throws where there is none. */
  async call(call: EngineCall, expected: readonly number[]): Promise<HttpAnswer> {
    this.#version ??= commonVersion(
      String((await this.#send('/_ping', { ...call, method: 'GET', body: undefined })).headers['api-version']),
    );
    const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query)}`;
    const answer = await this.#send(`/v${this.#version}${call.path}${query}`, call);
    if (expected.includes(answer.status)) return answer;
    // An engine that was exchanged meanwhile: the next call asks again.
    if (answer.status === 400 && answer.text.includes('client version')) this.#version = undefined;
    throw new EngineRefusal(`${call.method} ${call.path}`, answer, this.#context.clock.wall());
  }

  /** What a GET answers, as JSON; undefined if there is no such thing. */
  async read<T>(path: string, signal: AbortSignal, query?: Readonly<Record<string, string>>): Promise<T | undefined> {
    const answer = await this.call({ method: 'GET', path, signal, ...(query && { query }) }, [200, 404]);
    if (answer.status === 404) return undefined;
    try {
      return JSON.parse(answer.text) as T;
    } catch (cause) {
      throw new HomeostatError('H402', `GET ${path}: the answer is not JSON`, { cause });
    }
  }

  /** What the clock of the engine shows at an instant of ours. Behind a socket it is the wall clock of this machine. */
  async timeOf(instant: number, signal: AbortSignal): Promise<number> {
    const { clock } = this.#context;
    const there = this.#host.startsWith('unix:')
      ? clock.wall()
      : Date.parse((await this.read<{ SystemTime: string }>('/info', signal))!.SystemTime);
    return instant + there - clock.now();
  }

  get #host(): string {
    return this.#options.host ?? SOCKET;
  }

  #send(path: string, { method, body, signal }: Pick<EngineCall, 'method' | 'body' | 'signal'>): Promise<HttpAnswer> {
    const { tls } = this.#options;
    const files = tls && readTls(tls, this.#context.directory);
    const isSocket = this.#host.startsWith('unix://');
    const base = isSocket ? 'http://docker' : this.#host.replace(/^tcp:/, tls ? 'https:' : 'http:');
    return httpCall({
      url: base + path,
      method,
      signal,
      mostBytes: MOST_BYTES,
      ...(isSocket && { socketPath: this.#host.slice('unix://'.length) }),
      ...(files && { tls: files }),
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }
}
