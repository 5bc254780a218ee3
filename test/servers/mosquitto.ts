/** A Mosquitto, as `install.sh` gets it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, listens, newFolder, type Server, startProgram } from './process.ts';

export const MOSQUITTO_VERSION = '2.0.11';

// Debian puts it where only root looks.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` };
const find = (): string | undefined =>
  ['mosquitto', '/usr/sbin/mosquitto'].find((command) =>
    String(spawnSync(command, ['-h'], { encoding: 'utf8', env }).stdout ?? '').includes(MOSQUITTO_VERSION),
  );

export const hasMosquitto = (): boolean => find() !== undefined;

export interface MosquittoOptions {
  /** Lines after `listener`, such as `cafile …`; whoever comes is let in unless they say otherwise. */
  readonly settings?: readonly string[];
  /** Keeps retained messages and sessions over a restart. */
  readonly persistence?: boolean;
}

/** Starts a Mosquitto on a free port of the loopback interface. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Server> {
  const command = find();
  if (command === undefined) throw new Error(`Mosquitto ${MOSQUITTO_VERSION} is not installed: test/servers/install.sh mosquitto`);
  const [port] = (await freePorts(1)) as [number];
  const folder = newFolder('mosquitto');
  // Started by root it becomes another user, who must be able to write here.
  chmodSync(folder, 0o777);
  const settings = options.settings ?? [];
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(
    file,
    [
      ...(settings.some((line) => line.startsWith('user ')) ? [] : ['user root']),
      `listener ${port} 127.0.0.1`,
      ...(settings.some((line) => line.startsWith('allow_anonymous ')) ? [] : ['allow_anonymous true']),
      ...(options.persistence === true ? ['persistence true', `persistence_location ${folder}/`, 'autosave_interval 1'] : []),
      'max_queued_messages 100000',
      ...settings,
      '',
    ].join('\n'),
  );
  return startProgram({ name: 'Mosquitto', port, folder, command, args: ['-c', file], ready: () => listens(port) });
}
