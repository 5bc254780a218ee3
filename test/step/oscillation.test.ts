import { explain } from '../../src/analyze/explain.ts';
import { statusOf } from '../../src/api/status.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import { compile } from '../../src/compile/index.ts';
import type { OscillationDocument } from '../../src/documents/oscillation.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event, Value } from '../../src/messages.ts';
import { tick } from './pace.ts';
import { type Given, START, seen, setupOf, World } from './world.ts';

const is = (fact: string, operator: string, value: Value) => ({ all: [{ fact, operator, value }] });

/** Two limits that overlap: below 22 it is heated, above 19 it is cooled. */
const HEAT: PolicyDocument = {
  name: 'heat',
  scope: { type: 'room' },
  conditions: is('temperature', 'lessThan', 22),
  cooldown: '60s',
  actions: [{ command: 'heat' }],
};
const COOL: PolicyDocument = { ...HEAT, name: 'cool', conditions: is('temperature', 'greaterThan', 19), actions: [{ command: 'cool' }] };

const room = (oscillation?: OscillationDocument, policies: readonly PolicyDocument[] = [HEAT, COOL], more: Partial<Given> = {}): Given => ({
  types: {
    room: {
      properties: { temperature: { unit: '°C', stale: 'never' } },
      commands: { heat: { effects: { temperature: 'rises' } }, cool: { effects: { temperature: 'falls' } }, air: {} },
    },
  },
  elements: { room: { type: 'room' } },
  policies: [...policies],
  ...(oscillation === undefined ? {} : { oscillation }),
  ...more,
});

/** Each of these temperatures at a full minute, from `first` on, and each command succeeds; by which policies something was done in each minute. */
function minutes(world: World, first: number, temperatures: readonly number[]): string[] {
  return temperatures.map((temperature, i) => {
    world.runTo((first + i) * 60 - 0.001);
    const commands = tick(world, (first + i) * 60, {}, seen('room', 'temperature', temperature, (first + i) * 60));
    return commands.map(({ policy }) => policy).join();
  });
}
const swing = (count: number): number[] => Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 17 : 24));
const words = (world: World) => world.kinds('oscillation').map(({ data }) => data.is);
const told = (world: World) => world.kinds('oscillation').at(-1)!;
const minute = (n: number) => START + n * 60_000;

describe('what undoes each other is told', () => {
  test('by nothing but its default: at the fourth reversal within ten minutes, with the pair, the element, values and times', () => {
    const world = new World(room());
    expect(minutes(world, 1, swing(4))).toEqual(['heat', 'cool', 'heat', 'cool']);
    expect(words(world)).toEqual([]);
    expect(minutes(world, 5, [17, 24])).toEqual(['heat', 'cool']);
    expect(words(world)).toEqual(['raised']);
    expect(told(world)).toMatchObject({
      element: 'room',
      policy: 'heat',
      time: minute(5),
      text: 'cool and heat undo each other on room: temperature was turned back 4 times within 10 min (up by heat at 17 °C, down by cool at 24 °C, up by heat at 17 °C, down by cool at 24 °C, up by heat at 17 °C)',
    });
    expect(told(world).data).toMatchObject({ what: 'temperature', policies: ['cool', 'heat'], reversals: 4, until: null });
    expect(told(world).data.moves).toMatchObject([1, 2, 3, 4, 5].map((n) => ({ time: minute(n), way: n % 2 === 1 ? 1 : -1 })));
    expect(world.state.counters.get('oscillations.raised')?.count).toBe(1);
  });

  test('nobody is held where nothing is to be frozen, and it is over when no reversal is left in the window', () => {
    const world = new World(room());
    expect(minutes(world, 1, swing(8)).filter((policy) => policy !== '')).toHaveLength(8);
    world.at(9 * 60, seen('room', 'temperature', 20.5, 9 * 60));
    world.configure(9 * 60, room(undefined, [HEAT, COOL], { mode: 'observe' }));
    world.runTo(60 * 60);
    expect(words(world)).toEqual(['raised', 'cleared']);
    // The last reversal, at 8 min, counts as long as the command of 7 min that it turned back.
    expect(told(world)).toMatchObject({
      time: minute(17),
      text: 'temperature on room no longer swings between cool and heat: nothing of the last 10 min was turned back',
    });
    expect(world.state.oscillations.size).toBe(0);
  });

  test('slow reversals are none: each must lie within the window of what it turns back', () => {
    const slow = [HEAT, COOL].map((policy): PolicyDocument => ({ ...policy, cooldown: '2m' }));
    const world = new World(room({ within: '2m', reversals: 1 }, slow));
    for (const n of [0, 1, 2, 3]) minutes(world, 1 + 2 * n, [n % 2 === 0 ? 17 : 24]);
    expect(words(world)).toEqual([]);
    minutes(world, 8, [17]);
    expect(words(world)).toEqual(['raised']);
  });

  test('further commands the same way are no reversals', () => {
    const world = new World(room({ reversals: 2 }));
    minutes(world, 1, [17, 17, 17, 24, 24, 24]);
    expect(words(world)).toEqual([]);
    minutes(world, 7, [17]);
    expect(told(world).data).toMatchObject({ reversals: 2, policies: ['cool', 'heat'] });
  });

  test('`false` switches it off', () => {
    const world = new World(room(false));
    minutes(world, 1, swing(12));
    expect(words(world)).toEqual([]);
    expect(world.state.oscillations.size).toBe(0);
  });

  test('what only observes moves nothing, so it undoes nothing', () => {
    const world = new World(room({ reversals: 1 }, [HEAT, { ...COOL, mode: 'observe' }]));
    minutes(world, 1, swing(6));
    expect(world.kinds('would').length).toBeGreaterThan(2);
    expect(words(world)).toEqual([]);
  });

  test('a command that was not sent has moved nothing, and what it raised is taken back', () => {
    const world = new World(room({ reversals: 1, freeze: '1h' }));
    minutes(world, 1, [17]);
    const [command] = tick(world, 120, {}, seen('room', 'temperature', 24, 120));
    expect(words(world)).toEqual(['frozen']);
    world.at(121, { kind: 'withheld', command: command!.id, cause: 'disagreement', detail: 'no', policy: 'cool' });
    expect(told(world).text).toBe('temperature on room no longer swings between cool and heat: shop.3.0 was not sent; both may act again');
    expect(world.state.oscillations.get('room')?.watched).toMatchObject([{ moves: [{ policy: 'heat' }], swinging: null }]);
    world.runTo(3_000);
    expect(world.state.oscillations.size).toBe(0);
  });
});

describe('what counts as turning back', () => {
  const set = (name: string, fact: string, to: Value, command = 'scale'): PolicyDocument => ({
    name,
    scope: { type: 'farm' },
    conditions: is('wish', 'equal', fact),
    cooldown: '0s',
    actions: [{ command, params: { to } }],
  });
  const farm = (policies: readonly PolicyDocument[], oscillation: OscillationDocument = { reversals: 2 }): Given => ({
    types: {
      farm: {
        properties: {
          wish: { stale: 'never' },
          servers: { stale: 'never', initial: 4 },
          colour: { stale: 'never', initial: 'red' },
          load: { stale: 'never' },
        },
        commands: {
          scale: { property: 'servers', effects: { load: 'falls' } },
          paint: { property: 'colour' },
          open: { opposes: ['close'] },
          close: {},
        },
      },
    },
    elements: { shop: { type: 'farm' } },
    policies: [...policies],
    oscillation,
  });
  const wishes = (world: World, ...list: string[]) => {
    for (const wish of list) tick(world, (world.state.position.now - START) / 1_000 + 10, { wish });
  };

  test('a number that goes down after it went up, whatever the values; the thing is told once, though its effect is turned back too', () => {
    const world = new World(farm([set('more', 'a', 6), set('less', 'b', 5)], { reversals: 3 }));
    wishes(world, 'a', 'b', 'a', 'b');
    expect(told(world).text).toBe(
      'less and more undo each other on shop: servers was turned back 3 times within 10 min (6 by more, 5 by less, 6 by more, 5 by less)',
    );
    expect(told(world).data.moves).toMatchObject([
      { from: 4, to: 6 },
      { from: 6, to: 5 },
      { from: 5, to: 6 },
      { from: 6, to: 5 },
    ]);
    expect(words(world)).toEqual(['raised']);
  });

  test('a word that is set again after another replaced it; a third word is none', () => {
    const world = new World(farm([set('a', 'a', 'green', 'paint'), set('b', 'b', 'red', 'paint'), set('c', 'c', 'blue', 'paint')]));
    wishes(world, 'a', 'c', 'b', 'a');
    expect(words(world)).toEqual([]);
    wishes(world, 'b', 'a');
    expect(told(world).text).toMatch(/^a and b undo each other on shop: colour was turned back 2 times .*red by b, green by a\)$/);
  });

  test('commands that are declared opposed', () => {
    const does = (name: string, command: string): PolicyDocument => ({ ...set(name, name, ''), actions: [{ command }] });
    const world = new World(farm([does('a', 'open'), does('b', 'close')]));
    wishes(world, 'a', 'b', 'a');
    expect(told(world).text).toBe(
      'a and b undo each other on shop: close and open was turned back 2 times within 10 min (open by a, close by b, open by a)',
    );
  });

  test('one policy that turns back its own commands is named alone', () => {
    const follow: PolicyDocument = {
      ...set('follow', '', ''),
      conditions: { all: [{ fact: 'load', operator: 'notEqual', value: { fact: 'servers' } }] },
      actions: [{ command: 'scale', params: { to: { fact: 'load' } } }],
    };
    const world = new World(farm([follow], { reversals: 2, freeze: '1m' }));
    for (const [i, load] of [6, 3, 7].entries()) tick(world, (i + 1) * 10, { load });
    expect(told(world).data.policies).toEqual(['follow']);
    expect(told(world).text).toMatch(/^follow undoes what it did itself on shop: .*; it is held there for 60 s$/);
    tick(world, 40, { load: 2 });
    expect(world.kinds('held').at(-1)!.text).toBe(
      'follow on shop is held back by oscillation: 2 of 2 reversals of servers within 10 min, against itself; frozen for 50 s more',
    );
  });

  test('of more than two the pair that turned back most is named', () => {
    const world = new World(farm([set('a', 'a', 6), set('b', 'b', 5), set('c', 'c', 7)], { reversals: 4 }));
    wishes(world, 'c', 'b', 'a', 'b', 'a');
    expect(told(world).data).toMatchObject({ policies: ['a', 'b'], reversals: 4 });
  });

  test("Homeostat's own parts: a set-point that two policies set to and fro", () => {
    const point = (name: string, to: number): PolicyDocument => ({
      ...set(name, name, ''),
      actions: [{ command: 'setPoint', target: 'homeostat', params: { policy: 'grow', name: 'limit', to } }],
    });
    const grow = { ...set('grow', 'never', 5), setPoints: { limit: 3 } };
    const world = new World(farm([grow, point('a', 5), point('b', 9)]));
    for (const [i, wish] of ['a', 'b', 'a', 'b'].entries()) {
      tick(world, (i + 1) * 10, { wish });
      world.at((i + 1) * 10 + 1);
    }
    expect(told(world)).toMatchObject({ element: 'homeostat', data: { what: 'setPoint grow limit', policies: ['a', 'b'], reversals: 2 } });
  });
});

describe('freezing', () => {
  const FREEZE = { within: '10m', reversals: 4, freeze: '10m' } as const;

  test('both policies are held on that element by the gate, with its number, and act again when the time is over', () => {
    const world = new World(room(FREEZE));
    expect(minutes(world, 1, swing(9))).toEqual(['heat', 'cool', 'heat', 'cool', 'heat', '', '', '', '']);
    expect(told(world).text).toMatch(/; both are held there for 10 min$/);
    const [, held] = world.kinds('held').filter(({ data }) => data.gate === 'oscillation');
    expect(held!.text).toBe(
      'heat on room is held back by oscillation: 4 of 4 reversals of temperature within 10 min, against cool; frozen for 8 min more',
    );
    expect(held!.time).toBe(minute(7));
    expect(world.heldBy('heat', 'room')).toBe('oscillation');
    expect(minutes(world, 10, swing(7)).join()).toBe(',,,,,cool,heat');
    expect(words(world)).toEqual(['frozen', 'cleared']);
    expect(world.kinds('oscillation')[1]!.text).toMatch(/nothing of the last 10 min was turned back; both may act again$/);
  });

  test('a freeze that is shorter than the window ends before the symptom, and the next reversal freezes them again', () => {
    const world = new World(room({ within: '10m', reversals: 4, freeze: '2m' }));
    expect(minutes(world, 1, swing(10))).toEqual(['heat', 'cool', 'heat', 'cool', 'heat', '', 'heat', 'cool', '', 'cool']);
    expect(words(world).slice(0, 4)).toEqual(['frozen', 'thawed', 'frozen', 'thawed']);
    expect(world.kinds('oscillation')[1]).toMatchObject({
      time: minute(7),
      text: 'cool and heat may act on room again: the time they were held for undoing each other is over',
    });
    expect(world.state.counters.get('oscillations.raised')?.count).toBe(1);
  });

  test('a third policy passes, and so do the two on other elements', () => {
    const air = { ...COOL, name: 'air', priority: 90, conditions: is('temperature', 'greaterThan', 30), cooldown: '1h' };
    const world = new World(room(FREEZE, [HEAT, COOL, air], { elements: { room: { type: 'room' }, hall: { type: 'room' } } }));
    minutes(world, 1, swing(6));
    expect(tick(world, 400, {}, seen('room', 'temperature', 35, 400)).map(({ policy }) => policy)).toEqual(['air']);
    expect(tick(world, 410, {}, seen('hall', 'temperature', 24, 410)).map(({ policy, element }) => [policy, element])).toEqual([
      ['cool', 'hall'],
    ]);
  });

  test('an advising policy is not asked about while it is frozen', () => {
    const world = new World(room(FREEZE, [HEAT, COOL, { ...COOL, name: 'else', actions: [{ command: 'air' }] }]));
    minutes(world, 1, swing(5));
    world.configure(301, room(FREEZE, [HEAT, COOL], { mode: 'advise' }));
    minutes(world, 6, [24]);
    expect(world.kinds('advice')).toEqual([]);
    expect(world.heldBy('cool', 'room')).toBe('oscillation');
  });

  test.each([
    ['the policy', { policy: 'cool' }, true],
    ['the element', { element: 'room' }, true],
    ['everything', {}, true],
    ['another policy', { policy: 'air' }, false],
    ['one direction', { direction: 'up' as const }, false],
  ])('a person who resumes %s: the freeze is ended %s %s', (_, scope, ends) => {
    const world = new World(room(FREEZE));
    minutes(world, 1, swing(6));
    const resume: Event = { kind: 'resume', scope, reason: 'mended', author: 'ann' };
    const sent = world.at(370, resume).commands.map(({ policy }) => policy);
    expect(sent).toEqual(ends ? ['cool'] : []);
    expect(world.kinds('resume').at(-1)!.data.oscillations).toEqual(ends ? ['cool and heat on room'] : []);
    // It is counted anew from there on.
    if (ends) expect(world.state.oscillations.get('room')?.watched).toMatchObject([{ moves: [{ policy: 'cool' }], swinging: null }]);
  });
});

describe('what of it stays', () => {
  const FREEZE = { within: '10m', reversals: 4, freeze: '3m' } as const;
  const whole = (): World => {
    const world = new World(room(FREEZE));
    minutes(world, 1, swing(20));
    return world;
  };

  test('a kill at any moment changes nothing', () => {
    const { journal, state } = whole();
    expect(journal.some(({ kind }) => kind === 'oscillation')).toBe(true);
    for (let at = 1; at <= 20; at++) {
      const killed = new World(room(FREEZE));
      minutes(killed, 1, swing(20).slice(0, at));
      killed.restart();
      minutes(
        killed,
        1 + at,
        swing(20)
          .map((_, i) => swing(22)[i + at]!)
          .slice(0, 20 - at),
      );
      expect([at, killed.state.hash, killed.journal]).toEqual([at, state.hash, journal]);
    }
  });

  test('a reload that leaves the policies and the setting as they are changes nothing', () => {
    const deeds = (at: number): unknown => {
      const world = new World(room(FREEZE));
      for (let n = 1; n <= 20; n++) {
        if (n === at)
          world.configure(n * 60 - 1, room(FREEZE, [HEAT, COOL, { ...COOL, name: 'new', conditions: is('temperature', 'equal', 0) }]));
        minutes(world, n, [swing(20)[n - 1]!]);
      }
      return world.kinds('oscillation').map(({ text, time }) => [text, time]);
    };
    const expected = deeds(0);
    for (const at of [3, 6, 8, 12]) expect([at, deeds(at)]).toEqual([at, expected]);
  });

  test('an edit of one of the two ends the freeze, and what it did is forgotten', () => {
    const world = new World(room(FREEZE));
    minutes(world, 1, swing(6));
    world.configure(365, room(FREEZE, [{ ...HEAT, why: 'edited' }, COOL]));
    expect(told(world)).toMatchObject({ data: { is: 'cleared' }, text: expect.stringMatching(/: heat was edited; both may act again$/) });
    expect(world.state.oscillations.get('room')?.watched.flatMap(({ moves }) => moves.map(({ policy }) => policy))).toEqual(
      expect.not.arrayContaining(['heat']),
    );
    world.configure(366, room(FREEZE, [COOL]));
    expect(words(world)).toEqual(['frozen', 'cleared']);
  });

  test('another setting counts anew', () => {
    const world = new World(room(FREEZE));
    minutes(world, 1, swing(6));
    world.configure(365, room({ ...FREEZE, freeze: '1h' }));
    expect(told(world).text).toMatch(/the setting was edited; both may act again$/);
    expect(words(world)).toEqual(['frozen', 'cleared']);
  });

  test('an element that vanishes takes it along', () => {
    const world = new World(room(FREEZE));
    minutes(world, 1, swing(6));
    world.at(370, { kind: 'vanished', element: 'room', source: 'test' });
    expect(world.state.oscillations.size).toBe(0);
    expect(world.runTo(3_600).flatMap(({ journal }) => journal.filter(({ kind }) => kind === 'oscillation'))).toEqual([]);
  });

  test('of one thing no more moves are kept than can matter, and what is left out turns nothing back', () => {
    const world = new World(room({ within: '1d', reversals: 5 }));
    const moves = () =>
      world.state.oscillations
        .get('room')!
        .watched[0]!.moves.map(({ policy }) => policy[0])
        .join('');
    minutes(world, 1, [17, 17, 17, 17]);
    expect(moves()).toBe('hh');
    minutes(world, 5, [24, 24, 24, 24, 17]);
    expect(moves()).toBe('hcch');
    minutes(
      world,
      10,
      swing(40).map((_, i) => swing(41)[i + 1]!),
    );
    expect(moves()).toHaveLength(5 + 4);
    expect(words(world)).toEqual(['raised']);
  });
});

describe('where it is seen', () => {
  const explained = (world: World, seconds: number) =>
    explanationLines(explain(world.state, world.derived, 'room', 'heat', START + seconds * 1_000, world.journal)[0]!);
  const status = (world: World, seconds: number) =>
    statusOf(world.state, world.derived, { now: START + seconds * 1_000, startedAt: START, limit: 10 }).oscillations;

  test('explain counts the reversals before there are too many, and has the gate only where something may be frozen', () => {
    const world = new World(room());
    minutes(world, 1, swing(3));
    const lines = explained(world, 200);
    expect(lines).toContain('  oscillation     temperature on room: 2 of 4 reversals within 10 min, with cool');
    expect(lines.join()).not.toContain(' oscillation   ·');
    expect(status(world, 200)).toEqual([]);
  });

  test('explain and status have the freeze, and how long it lasts', () => {
    const world = new World(room({ freeze: '10m' }));
    minutes(world, 1, [...swing(5), 17]);
    const lines = explained(world, 420);
    expect(lines[1]).toBe(
      'held back now by oscillation: 4 of 4 reversals of temperature within 10 min, against cool; frozen for 8 min more',
    );
    expect(lines.find((line) => line.includes('gates'))).toMatch(/✓ breaker$/);
    expect(lines.join('\n')).toMatch(/\n {18}✗ oscillation/);
    expect(lines).toContain(
      '  oscillation     temperature on room: 4 of 4 reversals within 10 min, with cool; cool and heat frozen for 8 min more',
    );
    expect(status(world, 420)).toEqual([
      { element: 'room', what: 'temperature', policies: ['cool', 'heat'], since: minute(5), reversals: 4, frozenUntil: minute(15) },
    ]);
  });

  test('a span of no time is found at load', () => {
    const wrong = setupOf(room({ within: '0s', freeze: '0m' }));
    expect(compile(wrong, 'homeostat.json').findings.list).toMatchObject([
      { code: 'H003', pointer: '/oscillation/within' },
      { code: 'H003', pointer: '/oscillation/freeze' },
    ]);
  });
});
