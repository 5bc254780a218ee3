/** A systemd for tests: units as files, and a systemctl that stands in for the real one. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemdKind } from '../../../src/execute/actuators/systemd.ts';
import type { SystemdOptions } from '../../../src/execute/actuators/systemd-options.ts';
import type { Rig } from './rig.ts';

const STAND_IN = fileURLToPath(new URL('systemctl-stand-in.sh', import.meta.url));

export interface Systemd {
  readonly make: (options?: SystemdOptions) => ReturnType<typeof systemdKind.create>;
  /** What changed anything, in order. */
  readonly effects: () => string[];
  readonly put: (unit: string, text?: string) => void;
  readonly flag: (name: 'hang' | 'away' | 'broken') => void;
  readonly has: (name: string) => boolean;
  readonly read: (name: string) => string;
}

const DOWN = ['LoadState=loaded', 'ActiveState=inactive', 'SubState=dead', 'MainPID=0', 'InvocationID=', 'NRestarts=0', 'Job='].join('\n');

export function standIn(rig: Rig): Systemd {
  const folder = join(rig.folder, 'units');
  mkdirSync(folder);
  const environment = { ...rig.context.environment, UNITS: folder };
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
  return {
    make: (options = {}) => systemdKind.create({ systemctl: ['sh', STAND_IN], ...options }, { ...rig.context, environment }),
    effects: () => read('effects').split('\n').filter(Boolean),
    put: (unit, text = DOWN) => writeFileSync(join(folder, unit), `${text}\n`),
    flag: (name) => writeFileSync(join(folder, name), ''),
    has: (name) => existsSync(join(folder, name)),
    read,
  };
}
