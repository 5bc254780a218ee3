/**
 * A manager's life that ends suddenly: a process of its own that gives one order to a process actuator and kills itself at a fail point.
 * Its argument is JSON: options, elements, order, owner, folder, dieAt ('beforeSpawn', 'afterSpawn', or 'outcome': when it is done).
 */
import pino from 'pino';
import { SystemClock } from '../../../src/clock.ts';
import type { Order, Target } from '../../../src/execute/actuators/actuator.ts';
import { processKind } from '../../../src/execute/actuators/process.ts';
import type { ProcessOptions } from '../../../src/execute/actuators/process-options.ts';

export interface Life {
  readonly options: ProcessOptions;
  readonly elements: readonly Target[];
  readonly order: Order;
  readonly owner: string;
  readonly folder: string;
  /** At which passing of the point: the first is 1. */
  readonly dieAt: { readonly point: string; readonly time: number };
}

const life = JSON.parse(process.argv[2]!) as Life;
let passed = 0;
const reached = (point: string) => {
  if (point === life.dieAt.point && ++passed === life.dieAt.time) process.kill(process.pid, 'SIGKILL');
};
const elements = new Map(life.elements.map((element) => [element.id, element]));
const actuator = processKind.create(life.options, {
  name: 'hand',
  clock: new SystemClock(),
  directory: life.folder,
  folder: `${life.folder}/state`,
  owner: life.owner,
  environment: { PATH: process.env.PATH ?? '' },
  target: (id) => elements.get(id),
  emit: () => {},
  mqtt: () => {
    throw new Error('this test has no MQTT');
  },
  log: pino({ level: 'silent' }),
  reached,
});
await actuator.execute(life.order, new AbortController().signal);
reached('outcome');
