/** What an actuator is lent in a test: a folder, a model, a clock, and an owner whose processes are all killed at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { SystemClock } from '../../../src/clock.ts';
import type { ActuatorContext, Order, Target } from '../../../src/execute/actuators/actuator.ts';
import { type OwnedProcess, ownedProcesses, signalProcess } from '../../../src/execute/actuators/process-table.ts';
import type { Command, Event, Value } from '../../../src/messages.ts';

export interface Rig {
  readonly context: ActuatorContext;
  readonly folder: string;
  readonly owner: string;
  readonly emitted: Event[];
  readonly logged: { level: number; msg: string; command?: string }[];
  /** Puts an element into the model; its parent gets it as a child. */
  readonly put: (id: string, type: string, properties?: Record<string, Value>) => void;
  readonly drop: (id: string) => void;
  /** Live processes of this rig's owner. */
  readonly processes: () => Promise<readonly OwnedProcess[]>;
  /** Kills every process of this rig's owner and removes its folder. */
  readonly end: () => Promise<void>;
}

let rigs = 0;

export function makeRig(): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-test-'));
  const owner = `test-${process.pid}-${process.hrtime.bigint()}-${rigs++}`;
  const elements = new Map<string, Target>();
  const emitted: Event[] = [];
  const logged: Rig['logged'] = [];
  const target = (id: string): Target | undefined => {
    const element = elements.get(id);
    const children = [...elements.keys()].filter((child) => child.startsWith(`${id}/`)).sort();
    return element && { ...element, children };
  };
  const context: ActuatorContext = {
    name: 'hand',
    clock: new SystemClock(),
    directory: folder,
    folder: join(folder, 'state'),
    owner,
    environment: { PATH: process.env.PATH ?? '', HOMEOSTAT_OWNER: 'another', INHERITED: 'yes' },
    target,
    emit: (event) => emitted.push(event),
    mqtt: () => {
      throw new Error('this test has no MQTT');
    },
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) }),
  };
  const processes = () => ownedProcesses(owner);
  const end = async () => {
    for (let live = await processes(); live.length > 0; live = await processes()) {
      for (const each of live) signalProcess(each, owner, 'SIGKILL');
      await wait(5);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    context,
    folder,
    owner,
    emitted,
    logged,
    put: (id, type, properties = {}) => void elements.set(id, { id, type, properties, children: [] }),
    drop: (id) => void elements.delete(id),
    processes,
    end,
  };
}

let commands = 0;

export function order(operation: string, element: string, params: Record<string, Value> = {}, more: Partial<Command> = {}): Order {
  const now = new SystemClock().now();
  const command: Command = {
    id: `test.1.${commands++}`,
    term: 7,
    policy: 'p',
    element,
    command: operation,
    resource: 'servers',
    params,
    actuator: 'hand',
    issuedAt: now,
    deadlineAt: now + 20_000,
    ...more,
  };
  return { command, operation };
}

export const never = new AbortController().signal;

/** Waits until something holds. The test's own time-out bounds it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(5);
}
