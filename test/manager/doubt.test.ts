/** When the manager must doubt itself: a second evaluator that disagrees, a step that throws. */
import type { Event } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import { SHOP } from './given.ts';
import { Rig, type RigOptions } from './rig.ts';

let rig: Rig;
const start = (more: Partial<RigOptions> = {}) => {
  rig = new Rig({ given: SHOP, ...more });
};
afterEach(() => rig.end());

const disagrees = { disagreement: async () => 'the other one sees it differently' };
/** A configuration that is no JSON makes the step throw: none can come in by the proper ways. */
const POISON: Event = { kind: 'configured', document: '{' };

test('a command that the second evaluator does not confirm is withheld; the next step gives back what it took and sets the policy aside', async () => {
  start({ confirmer: disagrees });
  await rig.tell(rig.seen('shop', 'load', 9));
  expect(rig.executed).toEqual([]);
  expect(rig.kinds('withheld')).toMatchObject([{ data: { cause: 'disagreement' } }]);
  expect(rig.kinds('setAside')).toMatchObject([{ policy: 'busy' }]);
  expect(rig.manager.state.commands.size).toBe(0);
  expect(rig.manager.state.symptoms.get('busy\tshop')).toMatchObject({
    heldBy: 'set-aside',
    acted: { cooldownUntil: null, committed: [] },
  });
  await rig.run(20_000);
  expect(rig.kinds('command')).toHaveLength(1);
  expect(rig.executed).toEqual([]);
});

test('a manager that ends right after the commit of a withheld command does not send it in its next life', async () => {
  start({ confirmer: disagrees, lastStep: ({ commands }) => commands.length > 0 });
  await rig.tell(rig.seen('shop', 'load', 9));
  expect(rig.kinds('command')).toHaveLength(1);
  expect(rig.kinds('withheld')).toEqual([]);
  await rig.kill();
  const { folder } = rig;
  rig = new Rig({ given: SHOP, folder, startAt: rig.clock.now() + 10 });
  await rig.run(10_000);
  expect(rig.executed).toEqual([]);
  expect(rig.kinds('withheld')).toHaveLength(1);
  expect(rig.manager.state.aside.size).toBe(1);
});

test('an event that makes the step throw becomes a dead letter; the others of its batch are stepped one by one', async () => {
  start();
  await rig.run(20);
  rig.put({ kind: 'appeared', element: 'desk', document: { type: 'desk' }, source: 'test' });
  rig.put(POISON);
  rig.put({ kind: 'pause', name: 'p', scope: { element: 'desk' }, reason: 'r', author: 'me', until: null });
  rig.put(rig.seen('shop', 'load', 9));
  await rig.run(50);
  expect(rig.kinds('deadLetter')).toMatchObject([
    { text: expect.stringContaining('the step failed on it'), data: { letter: { source: 'step' } } },
  ]);
  expect(rig.manager.state.elements.get('desk')).toBeDefined();
  expect(rig.manager.state.pauses.size).toBe(1);
  expect(rig.executed).toHaveLength(1);
  expect(rig.manager.health.storeFailure).toBeNull();
});

test('a withheld command stays withheld when the manager ends between the steps that a wrong event was sought in', async () => {
  const poisoned = async () => {
    rig.put(POISON);
    return 'no';
  };
  const toldApart = ({ journal }: StepResult) => journal.some(({ kind }) => kind === 'deadLetter');
  start({ confirmer: { disagreement: poisoned }, lastStep: toldApart });
  await rig.run(20);
  await rig.tell(rig.seen('shop', 'load', 9));
  // The dead letter of the wrong event was stepped by itself, before the news that the command is withheld.
  expect(rig.kinds('deadLetter')).toHaveLength(1);
  expect(rig.kinds('withheld')).toEqual([]);
  await rig.kill();
  const { folder } = rig;
  rig = new Rig({ given: SHOP, folder, startAt: rig.clock.now() + 10 });
  await rig.run(10_000);
  expect(rig.executed).toEqual([]);
  expect(rig.kinds('withheld')).toHaveLength(1);
});
