/** What every kind of actuator keeps, whatever it acts on. One set of tests; the kinds are in contract/. */
import { readFileSync } from 'node:fs';
import type { Actuator, Order } from '../../../src/execute/actuators/actuator.ts';
import { ACTUATOR_KINDS } from '../../../src/execute/actuators/index.ts';
import { Executor } from '../../../src/execute/executor.ts';
import type { OutcomeEvent } from '../../../src/messages.ts';
import { SUBJECTS } from './contract/index.ts';
import type { Stage } from './contract/subject.ts';
import { makeRig, never, type Rig, until } from './rig.ts';

let rig: Rig;
let stage: Stage;
beforeEach(() => {
  rig = makeRig();
});
afterEach(async () => {
  await stage?.end?.();
  await rig.end();
});

test('every kind is held to the contract', () => {
  expect(SUBJECTS.map((subject) => subject.kind)).toEqual(ACTUATOR_KINDS.map((kind) => kind.kind));
});

test('the page says of every kind what the contract finds', () => {
  const page = readFileSync(new URL('../../../docs/actuators.md', import.meta.url), 'utf8');
  for (const { kind, onceById, inquires } of SUBJECTS) {
    const row = page.split('\n').find((line) => line.startsWith(`| [\`${kind}\`]`) && line.split('|').length === 7);
    expect([kind, row?.split('|')[3]?.trim().startsWith('yes'), row?.split('|')[4]?.trim() !== 'no']).toEqual([kind, onceById, inquires]);
  }
});

/** Gives orders through the executor, as the manager does, and collects their outcomes. */
function executorOf(actuator: Actuator, { operation }: Order) {
  const outcomes: OutcomeEvent[] = [];
  const executor = new Executor({
    actuators: new Map([['hand', actuator]]),
    bindingOf: () => ({ actuator: 'hand', operation, idempotent: false, retries: 0, backoffMs: 1 }),
    clock: rig.context.clock,
    random: () => 0,
    emit: (event) => event.kind === 'outcome' && outcomes.push(event),
    log: rig.context.log,
  });
  return { executor, outcomes };
}

describe.each(SUBJECTS.map((subject) => [subject.kind, subject] as const))('%s', (name, subject) => {
  beforeEach(async () => {
    stage = await subject.open(rig);
  });
  const counted = name !== 'set';

  test('a command that comes twice is done once, and has one outcome', async () => {
    const actuator = stage.make();
    const given = stage.order();
    const { executor, outcomes } = executorOf(actuator, given);
    executor.dispatch(given.command);
    executor.dispatch(given.command);
    await until(() => outcomes.length > 0);
    executor.dispatch(given.command);
    expect(outcomes).toMatchObject([{ command: given.command.id, status: 'succeeded' }]);
    expect(await stage.effects()).toBe(counted ? 1 : 0);
    await actuator.close();
  });

  if (subject.onceById) {
    test('the same id in another life has no second effect', async () => {
      const given = stage.order();
      expect(await stage.make().execute(given, never)).toMatchObject({ status: 'succeeded' });
      const before = await stage.effects();
      expect(await stage.make().execute(given, never)).toMatchObject({ status: 'succeeded' });
      expect(await stage.effects()).toBe(before);
    });
  }

  test('another id is another command', async () => {
    const actuator = stage.make();
    await actuator.execute(stage.order(), never);
    const before = await stage.effects();
    expect(await actuator.execute(stage.order(), never)).toMatchObject({ status: 'succeeded' });
    expect(await stage.effects()).toBeGreaterThanOrEqual(before);
  });

  test('nothing is begun when it was called off before', async () => {
    const aborted = AbortSignal.abort(new Error('called off'));
    const result = await stage
      .make()
      .execute(stage.order(), aborted)
      .catch(() => 'rejected');
    if (counted) expect(result === 'rejected' || (result as { status: string }).status === 'timedOut').toBe(true);
    expect(await stage.effects()).toBe(0);
  });

  test('what does not answer is left at the deadline', async () => {
    if (!stage.hang) return expect(['log', 'set']).toContain(name);
    const abort = new AbortController();
    const hung = stage.hang();
    const running = stage.make().execute(stage.order(), abort.signal);
    await hung;
    abort.abort(new Error('the deadline has passed'));
    expect(await running).toMatchObject({ status: 'timedOut' });
  });

  test('an operation that it does not know is refused, for good', async () => {
    const { operations } = ACTUATOR_KINDS.find((kind) => kind.kind === name)!;
    if (!operations) return;
    const result = await stage.make().execute({ ...stage.order(), operation: 'fly' }, never);
    expect([result.status, result.retryable ?? false]).toEqual(['failed', false]);
    expect(result.detail).toContain('fly');
    expect(await stage.effects()).toBe(0);
  });

  test('a target that is not there is an outcome that says so, and not success', async () => {
    if (!stage.leave) return expect(name).toBe('set');
    await stage.leave();
    const given = stage.order();
    const { executor, outcomes } = executorOf(stage.make(), given);
    executor.dispatch(given.command);
    await until(() => outcomes.length > 0);
    expect(outcomes).toMatchObject([{ command: given.command.id, status: 'failed' }]);
    expect(outcomes[0]!.detail).not.toBe('');
  });

  test('to close it leaves alone what it manages', async () => {
    const actuator = stage.make();
    await actuator.execute(stage.order(), never);
    const before = await stage.effects();
    await actuator.close();
    expect(await stage.effects()).toBe(before);
    if (stage.alive) expect(await stage.alive()).toBe(true);
  });

  test('asked after a crash it says truly what came of a command', async () => {
    if (!subject.inquires) return expect(stage.make().inquire).toBeUndefined();
    const [done, neverSent] = [stage.order(), stage.order()];
    await stage.make().execute(done, never);
    const before = await stage.effects();
    const next = stage.make();
    const answer = await next.inquire!(done, never);
    // What is only told by the outcome itself never began where there is none.
    if (counted) expect(answer).toMatchObject({ status: 'succeeded' });
    else expect(answer).toBeUndefined();
    expect(await next.inquire!(neverSent, never)).toBeUndefined();
    expect(await stage.effects()).toBe(before);
  });

  test('asked after a crash before anything was begun it says that it may be sent', async () => {
    if (!subject.inquires) return expect(stage.make().inquire).toBeUndefined();
    expect(await stage.make().inquire!(stage.order(), never)).toBeUndefined();
    expect(await stage.effects()).toBe(0);
  });
});
