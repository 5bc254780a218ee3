import { explain } from '../../src/analyze/explain.ts';
import { compile } from '../../src/compile/index.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { above, below, done, isRaised, load, shop } from './raising.ts';
import { START, setupOf, World } from './world.ts';

type Levels = NonNullable<PolicyDocument['levels']>;

const LEVELS: Levels = [
  { level: 'warning', conditions: above('load', 70), reset: below('load', 60), actions: [{ command: 'ping' }] },
  { level: 'critical', conditions: above('load', 90), reset: below('load', 80), for: '5s', actions: [{ command: 'pong' }] },
];

/** A shop with one policy of two levels; each may act every second. */
const levelled = (levels: Levels = LEVELS, more: Partial<PolicyDocument> = {}) => {
  const {
    policies: [policy],
    ...given
  } = shop({});
  const { conditions: _, actions: __, ...shared } = policy!;
  return { ...given, policies: [{ ...shared, cooldown: '1s', ...more, levels }] };
};

const sentAt = (world: World, seconds: number, value: number): string[] =>
  world.at(seconds, load(value + seconds / 1_000, seconds), ...done(world)).commands.map(({ policy, command }) => `${policy} ${command}`);

test('each level is a policy of its own; while a higher one is raised, its `for` included, the lower one waits', () => {
  const world = new World(levelled());
  expect(sentAt(world, 1, 75)).toEqual(['p:warning ping']);
  expect(sentAt(world, 3, 95)).toEqual(['p:warning ping']);
  expect(sentAt(world, 7.9, 95)).toEqual(['p:warning ping']);
  expect(sentAt(world, 8, 95)).toEqual(['p:critical pong']);
  expect(world.heldBy('p:warning', 'shop')).toBe('level');
  expect(world.kinds('held').find((entry) => entry.data.gate === 'level')!.text).toBe(
    'p:warning on shop is held back by level: p:critical has been raised for 5 s',
  );
});

test('each level has a reset of its own: down from critical it is the turn of the warning, until that is reset too', () => {
  const world = new World(levelled());
  sentAt(world, 1, 95);
  sentAt(world, 6, 95);
  expect(sentAt(world, 8, 85)).toEqual(['p:critical pong']);
  expect(sentAt(world, 10, 79)).toEqual(['p:warning ping']);
  expect([isRaised(world, 'p:warning'), isRaised(world, 'p:critical')]).toEqual([true, false]);
  expect(sentAt(world, 12, 65)).toEqual(['p:warning ping']);
  expect(sentAt(world, 14, 59)).toEqual([]);
  expect(isRaised(world, 'p:warning')).toBe(false);
});

test('of three levels only the highest that is raised acts', () => {
  const level = (name: string, value: number): Levels[number] => ({
    level: name,
    conditions: above('load', value),
    actions: [{ command: 'ping' }],
  });
  const world = new World(levelled([level('info', 10), level('warning', 50), level('critical', 90)]));
  const acted = [20, 60, 95, 60, 20, 5].map((value, i) => sentAt(world, 2 * i + 1, value).map((text) => text.split(/[: ]/)[1]));
  expect(acted).toEqual([['info'], ['warning'], ['critical'], ['warning'], ['info'], []]);
});

test('cooldowns belong to each level, and a level may state its own', () => {
  const world = new World(
    levelled([
      { ...LEVELS[0]!, cooldown: '10s' },
      { ...LEVELS[1]!, for: '0s' },
    ]),
  );
  expect(sentAt(world, 1, 75)).toEqual(['p:warning ping']);
  expect(sentAt(world, 2, 95)).toEqual(['p:critical pong']);
  expect(sentAt(world, 3, 95)).toEqual(['p:critical pong']);
  expect(sentAt(world, 5, 75)).toEqual([]);
  expect(world.heldBy('p:warning', 'shop')).toBe('cooldown');
  expect(sentAt(world, 11, 75)).toEqual(['p:warning ping']);
});

test('a pause of the policy holds all its levels, a pause of one level that one', () => {
  const pause = (policy: string) => ({ kind: 'pause', name: 'x', scope: { policy }, reason: 'work', author: 'ann', until: null }) as const;
  const all = new World(levelled());
  all.at(0.5, pause('p'));
  expect(sentAt(all, 1, 75)).toEqual([]);
  expect(all.heldBy('p:warning', 'shop')).toBe('paused');
  const one = new World(levelled());
  one.at(0.5, pause('p:critical'));
  expect(sentAt(one, 1, 75)).toEqual(['p:warning ping']);
});

test('explain by the name of the policy explains its levels, by the name of a level that one', () => {
  const world = new World(levelled());
  sentAt(world, 1, 95);
  sentAt(world, 6, 95);
  const told = (name: string) => explain(world.state, world.derived, 'shop', name, START + 6_500, world.journal);
  expect(told('p').map(({ policy, pointer }) => [policy, pointer])).toEqual([
    ['p:warning', '/policies/0/levels/0'],
    ['p:critical', '/policies/0/levels/1'],
  ]);
  expect(told('p:warning').map(({ summary }) => summary)).toEqual(['held back now by level: p:critical has been raised for 5.5 s']);
});

test('a manager that was killed anywhere on the way does the same', () => {
  const run = (restart: number): string => {
    const world = new World(levelled(LEVELS, { cooldown: '3s' }));
    for (const [i, value] of [75, 95, 95, 95, 85, 85, 79, 65, 59].entries()) {
      world.runTo(2 * i);
      if (i === restart) world.restart();
      sentAt(world, 2 * i + 1, value);
    }
    return `${world.state.hash} ${JSON.stringify(world.journal)}`;
  };
  const whole = run(-1);
  for (const at of [1, 2, 3, 4, 5, 6, 7, 8]) expect(run(at)).toBe(whole);
});

test('an edit of one level resets `for` and latches of all, and no cooldown', () => {
  const world = new World(levelled(LEVELS, { cooldown: '60s' }));
  sentAt(world, 1, 95);
  world.runTo(6);
  world.configure(7, levelled([LEVELS[0]!, { ...LEVELS[1]!, why: 'because' }], { cooldown: '60s' }));
  expect(world.state.symptoms.get('p:critical\tshop')!.trueSince).toBe(START + 7_000);
  expect(world.state.symptoms.get('p:warning\tshop')!.acted.cooldownUntil).toBe(START + 61_000);
});

test.each<[string, Partial<PolicyDocument>, object]>([
  ['conditions beside levels', { conditions: above('load', 1) }, { code: 'H003', pointer: '/policies/0/conditions' }],
  ['actions beside levels', { actions: [{ command: 'ping' }] }, { code: 'H003', pointer: '/policies/0/actions' }],
  ['two levels of one name', { levels: [LEVELS[0]!, LEVELS[0]!] }, { code: 'H006', pointer: '/policies/0/levels/1/level' }],
  [
    'a mistake in what the levels share',
    { deadZone: { fact: 'load', low: 2, high: 1 } },
    { code: 'H003', pointer: '/policies/0/deadZone' },
  ],
  [
    'a mistake in one level',
    { levels: [LEVELS[0]!, { ...LEVELS[1]!, conditions: above('laod', 1) }] },
    { code: 'H103', pointer: '/policies/0/levels/1/conditions/all/0/fact' },
  ],
])('%s: found at load, once, where it is written', (_, more, finding) => {
  const { findings } = compile(setupOf(levelled(more.levels ?? LEVELS, more)), 'homeostat.json');
  expect(findings.list.filter(({ pointer }) => pointer === (finding as { pointer: string }).pointer)).toMatchObject([finding]);
});

test('a policy needs conditions or levels', () => {
  const {
    policies: [policy],
    ...given
  } = shop({});
  const { conditions: _, ...bare } = policy!;
  expect(compile(setupOf({ ...given, policies: [bare] }), 'homeostat.json').findings.list).toMatchObject([
    { code: 'H102', pointer: '/policies/0/conditions' },
  ]);
});
