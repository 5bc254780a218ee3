/** What the simulator found in the real code, each as the smallest case. */
import type { Logger } from 'pino';
import { MemoryBus } from '../../src/bus/memory.ts';
import { SimulatedClock } from '../../src/clock.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import type { Transaction } from '../../src/knowledge/store.ts';
import { Manager, type ManagerPorts } from '../../src/manager.ts';
import type { Command, Event } from '../../src/messages.ts';
import { type Sender, Sending } from '../../src/sending.ts';
import { step } from '../../src/step.ts';
import { Random } from './random.ts';
import { setupText } from './setup.ts';
import { swarmOf } from './swarm.ts';

const NOW = 1_700_000_000_000;
const log = { error() {}, warn() {}, info() {} } as unknown as Logger;
const document = setupText(swarmOf(new Random(1)), 0, false, 0);
const atRest = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
const command = (id: string) => ({ id }) as Command;

function manager(store: { load?: () => State; commit?: (t: Transaction) => Promise<void> }, sender: Partial<Sender> = {}) {
  const clock = new SimulatedClock(NOW);
  const bus = new MemoryBus({ batch: 100, queue: 100, signals: 100 });
  const kept = {
    load: () => new State(),
    withheld: () => [],
    commit: async () => {},
    flushed: async () => {},
    close: async () => {},
    ...store,
  };
  const ports: ManagerPorts = {
    clock,
    bus,
    store: kept,
    confirmer: { disagreement: async () => undefined },
    sender: { dispatch() {}, recover() {}, ...sender },
    log,
    paceMs: 5,
  };
  const real = new Manager(ports, kept.load());
  const until = async (ms: number): Promise<void> => {
    for (let next = clock.nextAlarm(); next !== undefined && next <= NOW + ms; next = clock.nextAlarm()) {
      clock.advanceTo(next);
      await atRest();
    }
    clock.advanceTo(NOW + ms);
  };
  return { real, clock, bus, until };
}

test('a clock that jumps as a step begins does not begin a second step beside it', async () => {
  const under: number[] = [];
  let running = 0;
  const { real, clock, bus, until } = manager({
    commit: async () => {
      under.push(++running);
      await new Promise<void>((resolve) => {
        clock.after(50, resolve);
      });
      running--;
    },
  });
  real.start(document);
  await until(100);
  clock.jumpWall(60_000);
  bus.signal({ kind: 'dropped', observations: 1, reason: 'to begin a step' });
  await until(1_000);
  expect(Math.max(...under)).toBe(1);
});

test('after a commit that failed nothing is stepped until the state could be read again', async () => {
  const steps: number[] = [];
  let [commits, loads] = [0, 0];
  const { real, until } = manager({
    load: () => {
      if (++loads === 2) throw new Error('cannot be read now');
      return new State();
    },
    commit: async ({ step: number }) => {
      if (++commits === 1) throw new Error('no space');
      steps.push(number);
    },
  });
  real.start(document);
  await until(2_000);
  expect(steps[0]).toBe(1);
});

test('what the last life left is taken up only when the step in which this one started is on disk', async () => {
  const state = new State();
  state.commands.load({ key: 'shop.1.0', phase: 'sent', params: {}, deadlineAt: NOW + 60_000 } as never);
  const told: string[] = [];
  const { real, until } = manager(
    { load: () => state, commit: async () => void told.push('committed') },
    { recover: (commands, term) => void told.push(`${commands[0]?.id} under ${term}`) },
  );
  real.start(document);
  expect(told).toEqual([]);
  await until(100);
  expect(told).toEqual(['committed', 'shop.1.0 under 1']);
});

test('a flush that fails while an earlier one is waited for is looked at in its turn', async () => {
  const unhandled: unknown[] = [];
  const listen = (thrown: unknown): void => void unhandled.push(thrown);
  process.on('unhandledRejection', listen);
  let first: () => void = () => {};
  const flushes = [new Promise<void>((resolve) => (first = resolve)), Promise.reject(new Error('cannot flush'))];
  const [sent, failures] = [[] as string[], [] as unknown[]];
  const sender: Sender = { dispatch: ({ id }) => void sent.push(id), recover() {} };
  const sending = new Sending({ flushed: () => flushes.shift()! }, sender, (thrown) => failures.push(thrown));
  sending.send([command('shop.1.0')]);
  sending.send([command('shop.2.0')]);
  await new Promise((resolve) => setImmediate(resolve));
  first();
  await sending.settled();
  process.off('unhandledRejection', listen);
  expect(unhandled).toEqual([]);
  expect(sent).toEqual(['shop.1.0']);
  expect(failures).toHaveLength(1);
});

test('a value that JSON cannot keep is the same dead letter when its step is derived again', () => {
  const observation: Event = { kind: 'observation', element: 'shop/q', property: 'depth', value: Number.NaN, time: NOW, source: 'probe' };
  const events: Event[] = [{ kind: 'started', wall: NOW }, { kind: 'configured', document }, observation];
  const run = (inputs: Event[]) => {
    const state = new State();
    const { hash, journal } = step(state, new Derived(state), inputs, NOW);
    return { hash, journal: JSON.stringify(journal) };
  };
  const first = run(events);
  expect(first.journal).toContain('deadLetter');
  expect(run(JSON.parse(JSON.stringify(events)) as Event[])).toEqual(first);
});

test('a command that was withheld does not give back a cooldown that a sent one of its firing began', () => {
  const state = new State();
  const derived = new Derived(state);
  const busy = (time: number, value: number): Event => ({
    kind: 'observation',
    element: 'shop/a',
    property: 'busy',
    value,
    time,
    source: 'probe',
    everyMs: 60_000,
  });
  const acts = (events: Event[], now: number) => step(state, derived, events, now).commands.filter(({ policy }) => policy === 'tidy-up');
  const both = acts([{ kind: 'started', wall: NOW }, { kind: 'configured', document }, busy(NOW, 0.9)], NOW);
  expect(both.map(({ command }) => command)).toEqual(['notify', 'clear']);
  // The first is done; the emergency stop finds the second waiting.
  acts(
    [
      { kind: 'outcome', command: both[0]!.id, status: 'succeeded', detail: '' },
      { kind: 'withheld', command: both[1]!.id, cause: 'paused', detail: '' },
    ],
    NOW + 1_000,
  );
  expect(acts([busy(NOW + 9_500, 0.9)], NOW + 10_000)).toEqual([]);
  expect(acts([busy(NOW + 25_000, 0.9)], NOW + 25_000)).toHaveLength(2);
});
