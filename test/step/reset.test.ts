import { explain } from '../../src/analyze/explain.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import { compile } from '../../src/compile/index.ts';
import { above, below, done, heat, isRaised, load, shop } from './raising.ts';
import { START, setupOf, World } from './world.ts';

const given = shop({ reset: below('load', 60), cooldown: '4s' });

test('two thresholds: raised above the one, it stays raised until it is below the other', () => {
  const world = new World(given);
  const raised = [79, 81, 70, 61, 60, 59, 70, 80, 81].map((value, i) => {
    world.at(i + 1, load(value, i + 1));
    return isRaised(world);
  });
  expect(raised).toEqual([false, true, true, true, true, false, false, false, true]);
});

test('between the thresholds it goes on to act as its cooldown allows', () => {
  const world = new World(given);
  const sent = [90, 70, 70, 70, 70, 70, 50, 70, 70, 70].flatMap(
    (value, i) => world.at(i + 1, load(value, i + 1), ...done(world)).commands.length,
  );
  expect(sent).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
});

test('unknown neither clears nor raises, and nothing is done meanwhile', () => {
  const world = new World(given);
  world.at(1, load(90, 1));
  world.at(2, load(70, 2), ...done(world));
  world.at(3, ...done(world));
  world.runTo(100);
  expect(world.why('shop', 'load')).toBe('stale');
  expect(isRaised(world)).toBe(true);
  expect(world.heldBy('p', 'shop')).toBe('unknown');
  expect(world.at(101, load(70, 101)).commands).toHaveLength(1);
  world.at(102, load(59, 102));
  expect(isRaised(world)).toBe(false);
});

test('a reset on another fact clears also when the conditions are unknown, and is waited for when it is unknown itself', () => {
  const world = new World(shop({ reset: below('heat', 30), cooldown: '1s' }));
  world.at(1, load(90, 1));
  world.at(2, load(50, 2), ...done(world));
  expect(world.heldBy('p', 'shop')).toBe('unknown');
  expect(world.kinds('held').at(-1)!.text).toMatch(/whether its reset has come: no heat/);
  expect(world.at(3, heat(40, 3)).commands).toHaveLength(1);
  world.runTo(32);
  expect(world.why('shop', 'load')).toBe('stale');
  world.at(33, heat(20, 33));
  expect(isRaised(world)).toBe(false);
  expect(world.kinds('symptom').at(-1)!.data.is).toBe('unknown');
  // That raise is over: the next one may spend again.
  expect(world.at(34, load(90, 34), ...done(world)).commands).toHaveLength(1);
});

test('conditions that are true hold it raised also where its reset is true', () => {
  const world = new World(shop({ reset: below('heat', 30) }));
  world.at(1, load(90, 1), heat(20, 1));
  world.at(2, heat(19, 2));
  expect(isRaised(world)).toBe(true);
  world.at(3, load(50, 3));
  expect(isRaised(world)).toBe(false);
});

test('with keepFor, the time counts from the reset', () => {
  const world = new World(shop({ reset: below('load', 60), keepFor: '10s' }));
  world.at(1, load(90, 1));
  world.at(2, load(70, 2));
  world.runTo(20);
  world.at(20, load(55, 20));
  // Seen is seen: only conditions that are true again take the reset back.
  world.at(22, load(70, 22));
  world.runTo(29.999);
  expect(isRaised(world)).toBe(true);
  world.runTo(30);
  expect(isRaised(world)).toBe(false);
});

test('a manager that was killed while it waits for the reset waits on', () => {
  const run = (restart: boolean): string => {
    const world = new World(given);
    world.at(1, load(90, 1));
    world.at(2, load(70, 2));
    if (restart) world.restart();
    world.at(3, ...done(world));
    world.at(6, load(71, 6));
    if (restart) world.restart();
    world.at(7, load(50, 7));
    return `${world.state.hash} ${JSON.stringify(world.journal)}`;
  };
  expect(run(true)).toBe(run(false));
});

test('an edit of the policy resets the latch, and its cooldown stays', () => {
  const world = new World(given);
  world.at(1, load(90, 1));
  world.at(2, load(70, 2), ...done(world));
  world.configure(3, shop({ ...given.policies[0], why: 'because' }));
  expect(isRaised(world)).toBe(false);
  expect(world.at(4, load(90, 4)).commands).toEqual([]);
  expect(world.heldBy('p', 'shop')).toBe('cooldown');
  expect(world.at(5, load(91, 5)).commands).toHaveLength(1);
});

test('explain says why it is still raised', () => {
  const world = new World(given);
  world.at(1, load(90, 1));
  world.at(2, load(70, 2));
  const [explanation] = explain(world.state, world.derived, 'shop', 'p', START + 3_000, world.journal);
  expect(explanation).toMatchObject({
    symptom: 'raised',
    kept: 'raised until reset: load < 60',
  });
  expect(explanationLines(explanation!).join('\n')).toMatch(/conditions {6}false; raised until reset: load < 60/);
});

test('mistakes in the reset conditions are found at load, in their place', () => {
  const wrong = setupOf(shop({ reset: { all: [{ fact: 'laod', operator: 'lessThan', value: 1 }] } }));
  expect(compile(wrong, 'homeostat.json').findings.list).toMatchObject([
    { code: 'H103', message: expect.stringContaining('did you mean "load"') },
  ]);
  const worse = setupOf(shop({ reset: above('load', 'x' as never) }));
  expect(compile(worse, 'homeostat.json').findings.list).toMatchObject([{ code: 'H105', pointer: '/policies/0/reset/all/0/value' }]);
});
