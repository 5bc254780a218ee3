import { compile } from '../../src/compile/index.ts';
import { below, heat, isRaised, load, shop } from './raising.ts';
import { setupOf, World } from './world.ts';

const FLAPPING = { history: 5, low: 0.5, high: 0.75 };
const given = shop({ flapping: FLAPPING, cooldown: '1ms' });

/** Judges each value in a step of its own; `load` needs a new value to be judged, so the numbers differ a little. */
const play = (world: World, from: number, pattern: string) =>
  [...pattern].map((sign, i) => {
    const t = from + i;
    world.at(t, load((sign === '1' ? 90 : 50) + t / 1_000, t));
    return world.state.flaps.get('p\tshop')!.flapping;
  });

test('over the high mark it flaps, at it not yet, and it flaps until it is under the low one', () => {
  const world = new World(given);
  // Of five judgements four pairs: 3 of 4 changes are at the high mark of 75 %, 4 of 4 over it, 2 of 4 at the low one, 1 of 4 under it.
  expect(play(world, 1, '0101')).toEqual([false, false, false, false]);
  expect(play(world, 5, '0')).toEqual([true]);
  expect(play(world, 6, '00')).toEqual([true, true]);
  expect(play(world, 8, '0')).toEqual([false]);
});

test('while it flaps nothing is done, and the reason has the share', () => {
  const world = new World(given);
  play(world, 1, '01010');
  expect(world.at(6, load(91, 6)).commands).toEqual([]);
  expect(world.kinds('held').at(-1)!.text).toBe(
    'p on shop is held back by flapping: it changed in 100 % of its last 5 judgements: over 75 % it flaps, until it is under 50 %',
  );
});

test('a judgement is a step in which a fact of the conditions changed to something known', () => {
  const world = new World(given);
  play(world, 1, '01');
  world.at(3, heat(1, 3));
  world.at(4, load(90.002, 4));
  world.runTo(60);
  expect(world.why('shop', 'load')).toBe('stale');
  expect(world.state.flaps.get('p\tshop')!.states).toBe('01');
  play(world, 61, '0000000');
  expect(world.state.flaps.get('p\tshop')!.states).toBe('00000');
});

test('a latch that keeps the symptom raised keeps it from flapping', () => {
  const world = new World(shop({ flapping: FLAPPING, reset: below('load', 40) }));
  expect(play(world, 1, '010101')).toEqual([false, false, false, false, false, false]);
  expect(isRaised(world)).toBe(true);
});

test('the history survives a restart', () => {
  const run = (restart: boolean): string => {
    const world = new World(given);
    play(world, 1, '0101');
    if (restart) world.restart();
    play(world, 5, '0');
    if (restart) world.restart();
    play(world, 6, '1');
    return `${world.state.hash} ${JSON.stringify(world.journal)}`;
  };
  expect(run(true)).toBe(run(false));
});

test('an edit of the policy resets that it flaps; what was judged stays, and the next judgement tells it anew', () => {
  const world = new World(given);
  play(world, 1, '01010');
  world.configure(6, shop({ ...given.policies[0], why: 'because' }));
  expect(world.state.flaps.get('p\tshop')).toMatchObject({ states: '01010', flapping: false });
  expect(play(world, 7, '1')).toEqual([true]);
  world.configure(8, shop({}));
  expect(world.state.flaps.size).toBe(0);
});

test('an element that vanishes takes its history along', () => {
  const world = new World(given);
  play(world, 1, '010');
  world.at(4, { kind: 'vanished', element: 'shop', source: 'test' });
  expect(world.state.flaps.size).toBe(0);
});

test('a low mark above the high one is found at load', () => {
  const wrong = setupOf(shop({ flapping: { history: 21, low: 0.6, high: 0.5 } }));
  expect(compile(wrong, 'homeostat.json').findings.list).toMatchObject([{ code: 'H003', pointer: '/policies/0/flapping' }]);
});
