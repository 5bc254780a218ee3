/** The connections to brokers that a manager file names. Each is opened by the first who uses it, and shared by all. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { DEFAULT_CONNECTION, type MqttConnectionDocument, type MqttDocument } from '../documents/mqtt.ts';
import { HomeostatError } from '../errors.ts';
import type { SecretSource } from '../secrets.ts';
import { nearest } from '../suggest.ts';
import type { MqttConnection, MqttStatus } from './connection.ts';
import { Keeper } from './keeper.ts';

export interface ConnectionsPorts {
  /** Names this process among all that use the broker, the same after a restart: part of the client ids that are not given. */
  readonly instance: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly secrets: SecretSource;
  readonly log: Logger;
}

/** Finds a connection by its name; that of the first url if none is given. @throws HomeostatError H330 if there is none */
export type ConnectionOf = (name?: string) => MqttConnection;

/** The instance of a manager that is named by its domain and the folder that it has for itself. */
export const instanceOf = (domain: string, folder: string): string =>
  `${domain}-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;

/** What brokers are told of an instance: letters, digits and dashes, as the oldest of them want it. */
const idOf = (text: string): string => text.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 100);

export class Connections {
  readonly #documents: ReadonlyMap<string, MqttConnectionDocument>;
  readonly #ports: ConnectionsPorts;
  readonly #open = new Map<string, Keeper>();

  constructor(document: MqttDocument | undefined, ports: ConnectionsPorts) {
    this.#documents = documentsOf(document);
    this.#ports = ports;
  }

  readonly get: ConnectionOf = (name = DEFAULT_CONNECTION) => {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const document = this.#documents.get(name);
    if (document === undefined) throw new HomeostatError('H330', missing(name, [...this.#documents.keys()]));
    const { instance, clock, random, secrets, log } = this.#ports;
    const keeper = new Keeper({
      name,
      document,
      clientId: document.clientId ?? idOf(`homeostat-${instance}${name === DEFAULT_CONNECTION ? '' : `-${name}`}`),
      boot: `${clock.wall().toString(36)}-${Math.floor(random() * 36 ** 6).toString(36)}`,
      clock,
      random,
      secrets,
      log,
    });
    this.#open.set(name, keeper);
    return keeper;
  };

  /** Of each that is in use. */
  status(): readonly (MqttStatus & { readonly name: string })[] {
    return [...this.#open.values()].map((keeper) => ({ name: keeper.name, ...keeper.status }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((keeper) => keeper.close()));
  }
}

function documentsOf(document: MqttDocument | undefined): ReadonlyMap<string, MqttConnectionDocument> {
  if (document === undefined) return new Map();
  const { connections = {}, bridge: _bridge, ...first } = document;
  return new Map([[DEFAULT_CONNECTION, first], ...Object.entries(connections)]);
}

export const missing = (name: string, known: readonly string[]): string =>
  known.length === 0
    ? 'there is no connection to an MQTT broker; give "mqtt": { "url": "mqtt://…" } in the manager file'
    : `no MQTT connection is named "${name}"${nearest(name, known)}`;
