import { Confirmer } from '../../src/confirm.ts';
import { above, done, dueAt, isRaised, load, shop } from './raising.ts';
import { World } from './world.ts';

const given = shop({ keepFor: '10s', cooldown: '4s' });

test('a symptom stays raised for keepFor after its conditions became false, acts on, and is then cleared by a timer', () => {
  const world = new World(given);
  expect(world.at(1, load(90, 1)).commands).toHaveLength(1);
  world.at(2, load(50, 2), ...done(world));
  expect(isRaised(world)).toBe(true);
  expect(world.kinds('symptom').at(-1)!.text).toBe('p on shop stays raised, kept for 10 s more');
  const sent = world.runTo(11.999).flatMap((step) => step.commands);
  expect(sent).toHaveLength(1);
  expect(isRaised(world)).toBe(true);
  expect(dueAt(world)).toBe(12);
  world.runTo(12);
  expect(isRaised(world)).toBe(false);
  expect(world.kinds('symptom').map((entry) => entry.data.is)).toEqual(['raised', 'kept', 'cleared']);
  expect(world.at(20, load(51, 20)).commands).toEqual([]);
});

test('conditions that are true again cancel it: the next end counts from its own beginning', () => {
  const world = new World(given);
  world.at(1, load(90, 1));
  world.at(2, load(50, 2));
  world.at(9, load(90, 9));
  world.at(10, load(50, 10));
  world.runTo(19.999);
  expect(isRaised(world)).toBe(true);
  world.runTo(20);
  expect(isRaised(world)).toBe(false);
});

test('unknown neither begins the time nor ends it, and nothing is done meanwhile', () => {
  const world = new World(given);
  world.at(1, load(90, 1));
  world.at(2, ...done(world));
  world.runTo(60);
  expect(world.why('shop', 'load')).toBe('stale');
  expect(isRaised(world)).toBe(true);
  expect(world.heldBy('p', 'shop')).toBe('unknown');
  expect(world.kinds('held').at(-1)!.text).toBe(
    'p on shop is held back by unknown: it is not known whether its conditions still hold: no load',
  );
  world.at(61, load(50, 61));
  world.runTo(70.999);
  expect(isRaised(world)).toBe(true);
  world.runTo(71);
  expect(isRaised(world)).toBe(false);
});

test('unknown in the middle does not stop the time that runs', () => {
  const world = new World(shop({ keepFor: '60s' }));
  world.at(1, load(90, 1));
  world.at(2, load(50, 2));
  world.runTo(61.999);
  expect(world.why('shop', 'load')).toBe('stale');
  expect(isRaised(world)).toBe(true);
  world.runTo(62);
  expect(isRaised(world)).toBe(false);
});

test('what has not been true for its `for` is not kept', () => {
  const world = new World(shop({ for: '5s', keepFor: '10s' }));
  world.at(1, load(90, 1));
  world.at(5.9, load(50, 5.9));
  expect(isRaised(world)).toBe(false);
  world.at(10, load(90, 10));
  expect(world.runTo(15).flatMap((step) => step.commands)).toHaveLength(1);
  world.at(16, load(50, 16));
  expect(isRaised(world)).toBe(true);
  // Kept, it need not be true for its `for` again.
  world.at(17, load(90, 17));
  expect(world.heldBy('p', 'shop')).toBe('cooldown');
});

test('one raise spends once, however often its conditions end within keepFor', () => {
  const world = new World(shop({ keepFor: '10s' }));
  const sent = [90, 50, 90, 50, 90].flatMap((value, i) => world.at(i + 1, load(value, i + 1), ...done(world)).commands);
  expect(sent).toHaveLength(1);
});

test.each([1.5, 2.5, 5])('a manager killed %d s after the start keeps it as long as one that was not', (killed) => {
  const run = (restart: boolean): string => {
    const world = new World(shop({ for: '1s', keepFor: '10s', cooldown: '4s' }));
    world.at(1, load(90, 1));
    world.runTo(killed);
    if (restart && killed < 2) world.restart();
    world.runTo(2.2);
    world.at(2.2, load(50, 2.2));
    world.runTo(killed);
    if (restart && killed > 2) world.restart();
    world.at(6, ...done(world));
    world.runTo(30);
    return `${world.state.hash} ${JSON.stringify(world.journal)}`;
  };
  expect(run(true)).toBe(run(false));
});

test('an edit of the policy resets it; an edit of another does not', () => {
  const other = { ...given.policies[0]!, name: 'q', conditions: above('load', 1_000) };
  const both = { ...given, policies: [given.policies[0]!, other] };
  const world = new World(both);
  world.at(1, load(90, 1));
  world.at(2, load(50, 2));
  world.configure(3, { ...both, policies: [given.policies[0]!, { ...other, why: 'because' }] });
  expect(isRaised(world)).toBe(true);
  world.configure(4, { ...both, policies: [{ ...given.policies[0]!, why: 'because' }, other] });
  expect(isRaised(world)).toBe(false);
  expect(world.state.latches.size).toBe(0);
});

test('an element that vanishes takes its latch along', () => {
  const world = new World(given);
  world.at(1, load(90, 1));
  world.at(2, load(50, 2));
  world.at(3, { kind: 'vanished', element: 'shop', source: 'test' });
  expect(world.state.latches.size).toBe(0);
  world.runTo(60);
  expect(isRaised(world)).toBe(false);
});

test('a command of a kept symptom says so, and the second evaluator has nothing to confirm', async () => {
  const world = new World(given);
  const [first] = world.at(1, load(90, 1)).firings;
  expect(first).not.toHaveProperty('unconfirmed');
  world.at(2, load(50, 2), ...done(world));
  const firing = world.runTo(5).flatMap((step) => step.firings)[0];
  expect(firing).toMatchObject({ policy: 'p', unconfirmed: 'latched', facts: { load: 50 } });
  expect(world.kinds('command').at(-1)!.data.latched).toMatch(/^raised, kept for .* more$/);
  const policy = world.derived.blueprint.policies.get('p')!;
  expect(await new Confirmer().disagreement(policy, firing!)).toBeUndefined();
  expect(await new Confirmer().disagreement(policy, { ...firing!, unconfirmed: undefined } as never)).toMatch(
    /does not find the conditions true/,
  );
});
