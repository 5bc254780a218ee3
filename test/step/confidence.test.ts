import type { TypeDocument } from '../../src/documents/manager.ts';
import { shop } from './raising.ts';
import { type Given, seen, World } from './world.ts';

/** The load is a mean of which coalesced telemetry makes less sure; `twice` rests on it, and so does the load of the parent that a child sees. */
const doubtful = (fact: string): Given => {
  const given = shop({ conditions: { all: [{ fact, operator: 'greaterThan', value: 10 }] }, confidence: 0.8 });
  const type = given.types.shop as TypeDocument;
  return {
    ...given,
    types: {
      shop: {
        ...type,
        properties: {
          ...type.properties,
          load: { gauge: { kind: 'mean', window: '10s' } },
          twice: { gauge: { kind: 'expression', expression: 'load * 2' } },
        },
      },
    },
    elements: { shop: { type: 'shop' }, 'shop/till': { type: 'shop' } },
  };
};

const sample = (seconds: number, coalesced?: number) => seen('shop', 'load', 90, seconds, coalesced === undefined ? {} : { coalesced });

test('telemetry that was coalesced makes its reading less sure, and the policy waits; it says which and how much', () => {
  const world = new World(doubtful('load'));
  expect(world.at(1, sample(1, 1)).commands).toEqual([]);
  expect(world.kinds('held')[0]!.text).toBe('p on shop is held back by confidence: load is 50 % sure, and 80 % is asked for');
});

test('at as much as is asked for it acts, although the value of the reading is the same as before', () => {
  const world = new World(doubtful('load'));
  world.at(1, sample(1, 1));
  world.at(2, sample(2));
  world.restart();
  world.at(3, sample(3));
  expect(world.value('shop', 'load')).toBe(90);
  expect(world.heldBy('p', 'shop')).toBe('confidence');
  expect(world.at(4, sample(4)).commands).toHaveLength(1);
});

test.each(['twice', 'parent.load'])('what rests on an unsure reading, such as %s, is no surer than it', (fact) => {
  const world = new World(doubtful(fact));
  const on = fact === 'twice' ? 'shop' : 'shop/till';
  world.at(1, sample(1, 1));
  expect(world.heldBy('p', on)).toBe('confidence');
  expect([2, 3, 4].map((t) => world.at(t, sample(t)).commands.filter((command) => command.element === on).length)).toEqual([0, 0, 1]);
});

test('without the key, no confidence is too little', () => {
  const given = doubtful('load');
  const world = new World({ ...given, policies: given.policies.map(({ confidence: _, ...policy }) => policy) });
  expect(world.at(1, sample(1, 99)).commands).toHaveLength(1);
});
