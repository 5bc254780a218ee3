import { compile } from '../../src/compile/index.ts';
import { above, heat, load, shop } from './raising.ts';
import { setupOf, World } from './world.ts';

const aimed = (tolerance: object) => shop({ conditions: above('heat', 0), tolerance: tolerance as never });

test.each([
  [53.9, 1],
  [54, 0],
  [60, 0],
  [66, 0],
  [66.1, 1],
])('a tenth around a target of 60: at %d, %d commands', (value, commands) => {
  const world = new World(aimed({ fact: 'load', target: 60, share: 0.1 }));
  expect(world.at(1, heat(1, 1), load(value, 1)).commands).toHaveLength(commands);
});

test('the share is of the size of the target, also where that is below 0', () => {
  const world = new World(aimed({ fact: 'load', target: -60, share: 0.1 }));
  world.at(1, heat(1, 1), load(-62, 1));
  expect(world.kinds('held')[0]!.data.reason).toBe('load -62 is within 10 % (6) of its target -60 (2 away)');
});

test.each([
  [54, 1],
  [55, 0],
  [65, 0],
  [66, 1],
])('within 5 of a target that is a fact: at %d, %d commands', (value, commands) => {
  const world = new World(aimed({ fact: 'load', target: { fact: 'aim' }, within: 5 }));
  expect(world.at(1, heat(1, 1), load(value, 1)).commands).toHaveLength(commands);
});

test('it holds where the fact or its target is unknown, and looks again when one of them changes', () => {
  const world = new World({ ...aimed({ fact: 'load', target: { fact: 'aim' }, within: 5 }), elements: { shop: { type: 'shop' } } });
  world.at(1, heat(1, 1));
  expect(world.kinds('held').at(-1)!.text).toMatch(/load is unknown/);
  world.at(2, load(50, 2));
  expect(world.heldBy('p', 'shop')).toBe('tolerance');
  world.restart();
  expect(world.at(3, { ...load(70, 3), property: 'aim' } as never).commands).toHaveLength(1);
});

test.each([
  [{ fact: 'load', target: 60 }, 'found neither'],
  [{ fact: 'load', target: 60, share: 0.1, within: 5 }, 'found both'],
])('%j: %s', (tolerance, message) => {
  expect(compile(setupOf(aimed(tolerance)), 'homeostat.json').findings.list).toMatchObject([
    { code: 'H003', pointer: '/policies/0/tolerance', message: expect.stringContaining(message) },
  ]);
});
