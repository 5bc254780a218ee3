import { setImmediate as turn } from 'node:timers/promises';
import pino from 'pino';
import { SimulatedClock } from '../../src/clock.ts';
import type { Actuator, Result } from '../../src/execute/actuators/actuator.ts';
import { FinalFailure, succeeded } from '../../src/execute/actuators/results.ts';
import { type Binding, Executor, type ExecutorPorts } from '../../src/execute/executor.ts';
import type { Command, OutcomeEvent, WithheldEvent } from '../../src/messages.ts';

const START = 1_000_000;

const command = (id: string, more: Partial<Command> = {}): Command => ({
  id,
  term: 1,
  policy: 'p',
  element: 'shop',
  command: 'scale',
  resource: 'servers',
  params: { to: 2 },
  actuator: 'hand',
  issuedAt: START,
  deadlineAt: START + 10_000,
  ...more,
});

/** An actuator whose attempts end when the test says so. */
class Hand implements Actuator {
  readonly attempts: { id: string; term: number; signal: AbortSignal; answer: (result: Result) => void; fail: (error: Error) => void }[] =
    [];
  inquire?: Actuator['inquire'];

  execute: Actuator['execute'] = ({ command: { id, term } }, signal) =>
    new Promise((answer, fail) => this.attempts.push({ id, term, signal, answer, fail }));

  async close() {}

  get ids(): string[] {
    return this.attempts.map((attempt) => attempt.id);
  }
}

function bench(more: Partial<Binding> = {}, ports: Partial<ExecutorPorts> = {}) {
  const clock = new SimulatedClock(START);
  const hand = new Hand();
  const events: (OutcomeEvent | WithheldEvent)[] = [];
  const binding: Binding = { actuator: 'hand', operation: 'scale', idempotent: true, retries: 2, backoffMs: 1_000, ...more };
  const executor = new Executor({
    actuators: new Map([['hand', hand]]),
    bindingOf: () => binding,
    clock,
    random: () => 0,
    emit: (event) => events.push(event),
    log: pino({ level: 'silent' }),
    ...ports,
  });
  return { clock, hand, events, executor };
}

const told = (events: readonly (OutcomeEvent | WithheldEvent)[]) =>
  events.map((event) => `${event.command} ${event.kind === 'outcome' ? event.status : event.kind}`);

test('a command is sent once however often it is dispatched, and has one outcome', async () => {
  const { executor, hand, events } = bench();
  executor.dispatch(command('shop.1.0'));
  executor.dispatch(command('shop.1.0'));
  hand.attempts[0]!.answer(succeeded('done', { vanished: ['shop/x'] }));
  await turn();
  executor.dispatch(command('shop.1.0'));
  expect(hand.ids).toEqual(['shop.1.0']);
  expect(events).toEqual([{ kind: 'outcome', command: 'shop.1.0', status: 'succeeded', detail: 'done', vanished: ['shop/x'] }]);
  expect(executor.counts()).toEqual({ waiting: 0, running: 0, leftBehind: 0 });
});

test('an idempotent command is tried again after pauses that double, with the same id, until its retries are used up', async () => {
  const { executor, hand, events, clock } = bench();
  executor.dispatch(command('c', { deadlineAt: START + 60_000 }));
  hand.attempts[0]!.fail(new Error('away'));
  await turn();
  expect(clock.nextAlarm()).toBe(START + 500);
  clock.advanceTo(START + 500);
  hand.attempts[1]!.answer({ status: 'failed', detail: 'busy', retryable: true });
  await turn();
  expect(clock.nextAlarm()).toBe(START + 1_500);
  clock.advanceTo(START + 1_500);
  hand.attempts[2]!.fail(new Error('still away'));
  await turn();
  expect(hand.ids).toEqual(['c', 'c', 'c']);
  expect(events).toEqual([{ kind: 'outcome', command: 'c', status: 'failed', detail: 'still away (attempt 3)' }]);
  expect(clock.nextAlarm()).toBeUndefined();
});

test('the pause is spread by the random number', async () => {
  const { executor, hand, clock } = bench({}, { random: () => 0.999 });
  executor.dispatch(command('c'));
  hand.attempts[0]!.fail(new Error('away'));
  await turn();
  expect(clock.nextAlarm()).toBe(START + 1_000);
});

test('a target that asks for a longer pause gets it, and nothing of that is told', async () => {
  const { executor, hand, events, clock } = bench({ retries: 1 });
  executor.dispatch(command('c'));
  hand.attempts[0]!.answer({ status: 'failed', detail: 'busy', retryable: true, retryAfterMs: 4_000 });
  await turn();
  clock.advanceTo(START + 3_999);
  expect(hand.attempts).toHaveLength(1);
  clock.advanceTo(START + 4_000);
  expect(hand.attempts).toHaveLength(2);
  hand.attempts[1]!.answer({ status: 'failed', detail: 'busy', retryable: true, retryAfterMs: 60_000 });
  await turn();
  expect(events).toEqual([{ kind: 'outcome', command: 'c', status: 'failed', detail: 'busy (attempt 2)' }]);
});

test('a command that is not idempotent is never tried again', async () => {
  const { executor, hand, events } = bench({ idempotent: false });
  executor.dispatch(command('c'));
  hand.attempts[0]!.fail(new Error('away'));
  await turn();
  expect(told(events)).toEqual(['c failed']);
  expect(hand.ids).toEqual(['c']);
});

test('a failure that would repeat itself is not tried again', async () => {
  const { executor, hand, events } = bench();
  executor.dispatch(command('a'));
  executor.dispatch(command('b', { element: 'other' }));
  hand.attempts[0]!.fail(new FinalFailure('no such program'));
  hand.attempts[1]!.answer({ status: 'failed', detail: '400' });
  await turn();
  expect(told(events)).toEqual(['a failed', 'b failed']);
});

test('there is no retry that could only begin after the deadline', async () => {
  const { executor, hand, events, clock } = bench({ backoffMs: 30_000 });
  executor.dispatch(command('c'));
  hand.attempts[0]!.fail(new Error('away'));
  await turn();
  expect(events).toMatchObject([{ status: 'failed', detail: 'away; no time for another attempt before the deadline' }]);
  expect(clock.nextAlarm()).toBeUndefined();
});

test('at the deadline the attempt is aborted, and what it did until then is told', async () => {
  const { executor, hand, events, clock } = bench();
  executor.dispatch(command('c'));
  expect(hand.attempts[0]!.signal.aborted).toBe(false);
  clock.advanceTo(START + 10_000);
  expect(hand.attempts[0]!.signal.aborted).toBe(true);
  hand.attempts[0]!.answer({ status: 'failed', detail: '1 of 2', retryable: true, vanished: ['shop/x'] });
  await turn();
  expect(events).toEqual([{ kind: 'outcome', command: 'c', status: 'timedOut', detail: '1 of 2', vanished: ['shop/x'] }]);
});

test('a success that is told after the abort stands', async () => {
  const { executor, hand, events, clock } = bench();
  executor.dispatch(command('c'));
  clock.advanceTo(START + 10_000);
  hand.attempts[0]!.answer(succeeded('just in time'));
  await turn();
  expect(told(events)).toEqual(['c succeeded']);
});

test('an actuator that never answers is left behind and counted, and gives its place to the next command', async () => {
  const { executor, hand, events, clock } = bench({}, { limits: { attemptsPerActuator: 1, lastWordMs: 100 } });
  executor.dispatch(command('deaf'));
  executor.dispatch(command('next', { element: 'other', deadlineAt: START + 60_000 }));
  expect(hand.ids).toEqual(['deaf']);
  clock.advanceTo(START + 10_100);
  await turn();
  expect(told(events)).toEqual(['deaf timedOut']);
  expect(executor.counts()).toEqual({ waiting: 0, running: 1, leftBehind: 1 });
  expect(hand.ids).toEqual(['deaf', 'next']);
  hand.attempts[0]!.answer(succeeded('at last'));
  await turn();
  expect(executor.counts().leftBehind).toBe(0);
  expect(told(events)).toEqual(['deaf timedOut']);
});

test('commands over the limit wait in their order, and one whose deadline passes there is never sent', async () => {
  const { executor, hand, events, clock } = bench({}, { limits: { attemptsPerActuator: 1 } });
  executor.dispatch(command('a', { deadlineAt: START + 60_000 }));
  executor.dispatch(command('b'));
  executor.dispatch(command('c', { deadlineAt: START + 60_000 }));
  clock.advanceTo(START + 10_000);
  expect(told(events)).toEqual(['b timedOut']);
  hand.attempts[0]!.answer(succeeded(''));
  await turn();
  expect(hand.ids).toEqual(['a', 'c']);
});

test('a command whose deadline has passed is not sent', () => {
  const { executor, hand, events } = bench();
  executor.dispatch(command('c', { deadlineAt: START }));
  expect(hand.ids).toEqual([]);
  expect(told(events)).toEqual(['c timedOut']);
});

test('a command of a lower term than was seen is refused: its manager has been replaced', () => {
  const { executor, hand, events } = bench();
  executor.dispatch(command('a', { term: 4 }));
  executor.dispatch(command('b', { term: 3 }));
  expect(hand.ids).toEqual(['a']);
  expect(events).toMatchObject([{ command: 'b', status: 'failed', detail: 'its term 3 is over: 4 has begun' }]);
});

test('a command whose actuator is not there has failed', () => {
  const { executor, events } = bench({ actuator: 'gone' });
  executor.dispatch(command('c'));
  expect(events).toMatchObject([{ status: 'failed', detail: 'there is no actuator gone for it' }]);
});

test('an actuator that throws instead of rejecting has failed', async () => {
  const { executor, hand, events } = bench({ retries: 0 });
  hand.execute = () => {
    throw new Error('a bug');
  };
  executor.dispatch(command('c'));
  await turn();
  expect(events).toMatchObject([{ status: 'failed', detail: 'a bug' }]);
});

describe('the emergency stop', () => {
  test('withholds what waits for a place and what comes, lets what runs end, and ends with release', async () => {
    const { executor, hand, events } = bench({}, { limits: { attemptsPerActuator: 1 } });
    executor.dispatch(command('running'));
    executor.dispatch(command('waiting'));
    executor.withhold('pause --all');
    executor.withhold('pause --all');
    executor.dispatch(command('coming'));
    expect(events).toEqual([
      { kind: 'withheld', command: 'waiting', cause: 'paused', detail: 'pause --all' },
      { kind: 'withheld', command: 'coming', cause: 'paused', detail: 'pause --all' },
    ]);
    hand.attempts[0]!.answer(succeeded(''));
    await turn();
    executor.release();
    executor.dispatch(command('waiting'));
    executor.dispatch(command('later'));
    expect(hand.ids).toEqual(['running', 'later']);
    expect(told(events)).toEqual(['waiting withheld', 'coming withheld', 'running succeeded']);
  });

  test('ends what waits for another attempt with what its last one came to', async () => {
    const { executor, hand, events, clock } = bench();
    executor.dispatch(command('c'));
    hand.attempts[0]!.fail(new Error('away'));
    await turn();
    executor.withhold('pause --all');
    expect(events).toMatchObject([{ kind: 'outcome', status: 'failed', detail: 'away; not tried again: pause --all' }]);
    expect(clock.nextAlarm()).toBeUndefined();
  });

  test('keeps a failed attempt from being repeated', async () => {
    const { executor, hand, events } = bench();
    executor.dispatch(command('c'));
    executor.withhold('pause --all');
    hand.attempts[0]!.fail(new Error('away'));
    await turn();
    expect(told(events)).toEqual(['c failed']);
  });

  test('withholds a recovered command that turns out never to have begun', async () => {
    const { executor, hand, events } = bench();
    hand.inquire = async () => undefined;
    executor.recover([command('c')], 2);
    executor.withhold('pause --all');
    await turn();
    expect(told(events)).toEqual(['c withheld']);
    expect(hand.ids).toEqual([]);
  });
});

describe('after a restart', () => {
  test('the actuator is asked, and its answer is the outcome', async () => {
    const { executor, hand, events } = bench({ idempotent: false });
    hand.inquire = async () => succeeded('found running');
    executor.recover([command('c', { deadlineAt: START - 1 })], 2);
    await turn();
    expect(events).toMatchObject([{ status: 'succeeded', detail: 'found running' }]);
    expect(hand.ids).toEqual([]);
  });

  test('a command that never began is sent under the new term, unless its deadline has passed', async () => {
    const { executor, hand, events } = bench({ idempotent: false });
    hand.inquire = async () => undefined;
    executor.recover([command('fresh'), command('stale', { deadlineAt: START - 1 })], 2);
    await turn();
    expect(hand.attempts).toMatchObject([{ id: 'fresh', term: 2 }]);
    expect(told(events)).toEqual(['stale timedOut']);
  });

  test('an actuator that cannot be asked gets an idempotent command again; of another the outcome is unknown', () => {
    const safe = bench();
    safe.executor.recover([command('c')], 2);
    expect(safe.hand.ids).toEqual(['c']);
    const unsafe = bench({ idempotent: false });
    unsafe.executor.recover([command('c')], 2);
    expect(unsafe.hand.ids).toEqual([]);
    expect(told(unsafe.events)).toEqual(['c unknown']);
  });

  test('an actuator that does not answer the question is treated like one that cannot be asked', async () => {
    const { executor, hand, events, clock } = bench({ idempotent: false }, { limits: { inquireMs: 1_000, lastWordMs: 100 } });
    hand.inquire = ({ command: { id } }) => (id === 'broken' ? Promise.reject(new Error('away')) : new Promise(() => {}));
    executor.recover([command('broken'), command('deaf')], 2);
    await turn();
    clock.advanceTo(START + 1_100);
    await turn();
    expect(told(events)).toEqual(['broken unknown', 'deaf unknown']);
  });

  test('commands of the earlier term are recovered, those that come late with it are refused', () => {
    const { executor, hand, events } = bench();
    executor.recover([command('old')], 2);
    executor.dispatch(command('late', { term: 1 }));
    expect(hand.ids).toEqual(['old']);
    expect(told(events)).toEqual(['late failed']);
  });
});

describe('closing', () => {
  test('waits for what runs, forgets what waits, and takes nothing more', async () => {
    const { executor, hand, events } = bench({}, { limits: { attemptsPerActuator: 1 } });
    executor.dispatch(command('running'));
    executor.dispatch(command('waiting'));
    const closed = executor.close(5_000);
    executor.dispatch(command('coming'));
    hand.attempts[0]!.answer(succeeded(''));
    expect(await closed).toBe(0);
    expect(told(events)).toEqual(['running succeeded']);
    expect(hand.ids).toEqual(['running']);
  });

  test('leaves what has not ended after the grace time, and tells nothing of it any more', async () => {
    const { executor, hand, events, clock } = bench();
    executor.dispatch(command('slow'));
    const closed = executor.close(5_000);
    clock.advanceTo(START + 5_000);
    expect(await closed).toBe(1);
    expect(hand.attempts[0]!.signal.aborted).toBe(false);
    hand.attempts[0]!.answer(succeeded('late'));
    await turn();
    expect(events).toEqual([]);
  });

  test('an attempt that fails and would be repeated is left to the next life', async () => {
    const { executor, hand, events, clock } = bench();
    executor.dispatch(command('c'));
    const closed = executor.close(5_000);
    hand.attempts[0]!.fail(new Error('away'));
    expect(await closed).toBe(0);
    expect(events).toEqual([]);
    expect(clock.nextAlarm()).toBeUndefined();
  });
});
