/** A real manager in a process of its own, which kills itself at a fail point. Its argument is a `Life` as JSON. */
import { openSync, writeSync } from 'node:fs';
import pino from 'pino';
import { assemble } from '../../src/assemble.ts';
import { environment, loadConfiguration } from '../../src/config.ts';
import type { Actuator } from '../../src/execute/actuators/actuator.ts';
import type { State } from '../../src/knowledge/state.ts';
import type { Store } from '../../src/knowledge/store.ts';
import { known } from '../../src/knowledge/turn.ts';
import type { Event, Value } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import type { Life, Point, Told } from './crash-points.ts';

const life = JSON.parse(process.argv[2]!) as Life;
const commits = openSync(life.commits, 'a');

let passed = 0;
/** SIGKILL to oneself takes hold before the call returns: nothing after it is done. */
function reached(point: Point): void {
  if (point === life.dieAt?.point && ++passed === life.dieAt.time) process.kill(process.pid, 'SIGKILL');
}

const wrapStore = (store: Store): Store => ({
  load: () => store.load(),
  withheld: () => store.withheld(),
  commit: async (transaction) => {
    writeSync(commits, `begun ${transaction.step} ${transaction.hash}\n`);
    reached('beforeCommit');
    await store.commit(transaction);
    writeSync(commits, `done ${transaction.step} ${transaction.hash}\n`);
    reached('afterCommit');
  },
  flushed: async () => {
    reached('beforeFlush');
    await store.flushed();
    reached('afterFlush');
  },
  close: () => store.close(),
});

const wrapActuator = (actuator: Actuator): Actuator => ({
  ...actuator,
  execute: (order, signal) => {
    reached('beforeDispatch');
    const result = actuator.execute(order, signal);
    reached('afterDispatch');
    return result;
  },
  ...(actuator.inquire && {
    inquire: async (order, signal) => {
      reached('beforeInquiry');
      const result = await actuator.inquire?.(order, signal);
      reached('afterInquiry');
      return result;
    },
  }),
});

const wrapEmit = (emit: (event: Event) => void) => (event: Event) => {
  if (event.kind === 'outcome') reached('beforeOutcome');
  emit(event);
  if (event.kind === 'outcome') reached('afterOutcome');
};

function tell(result: StepResult, state: State): void {
  const value = (element: string, property: string): Value | null => known(state.readings.get(`${element}\t${property}`)) ?? null;
  const numberOf = (element: string, property: string) => {
    const found = value(element, property);
    return typeof found === 'number' ? found : null;
  };
  const members = [...state.elements.keys()].filter((id) => id !== 'farm');
  const told: Told = {
    step: result.step,
    wanted: numberOf('farm', 'wanted'),
    beat: numberOf('farm', 'beat'),
    members: members.map((element) => ({ element, state: String(value(element, 'state')), pid: numberOf(element, 'pid') })),
    inFlight: state.commands.size,
  };
  process.send?.(told);
}

const { configuration, findings } = loadConfiguration(life.file);
if (configuration === undefined) throw new Error(JSON.stringify(findings, null, 1));
const assembly = await assemble(configuration, {
  log: pino({ level: 'error' }, pino.destination({ dest: 2, sync: true })),
  random: Math.random,
  environment: environment(),
  onStep: tell,
  wrap: { store: wrapStore, actuator: wrapActuator, emit: wrapEmit, reached },
});
process.once('message', async () => {
  await assembly.stop(5_000);
  process.disconnect();
});
await assembly.start();
