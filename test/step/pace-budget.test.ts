/** Budgets by exact rule 10: they name their scope within a domain, shares round down to at least one, and what is spent survives kills and reloads. */
import { farm, play, survives, tick } from './pace.ts';
import { loadFindings } from './pace-findings.ts';
import { type Given, seen, succeeded, World } from './world.ts';

const shops = (labels: Record<string, Record<string, string>>): NonNullable<Given['elements']> =>
  Object.fromEntries(Object.entries(labels).map(([id, of]) => [id, { type: 'farm', labels: of }]));

describe("a policy's own budget", () => {
  test('caps its commands in a window, over kills and reloads', () => {
    const deeds = survives(farm([{ budget: { commands: 2, per: '100s' } }]), [
      [1, { size: 5 }],
      [2, { size: 6 }],
      [3, { size: 7 }],
      [50, { size: 8 }],
      [102, { size: 9 }],
      [103, { size: 10 }],
      [150, {}],
    ]);
    expect(deeds).toEqual([
      [1, 'scale', 5],
      [2, 'scale', 6],
      [101, 'scale', 8],
      [102, 'scale', 9],
    ]);
  });

  test('is shared by all its elements, and is no other policy’s', () => {
    const given = farm(
      [
        { budget: { commands: 1, per: '1h' }, actions: [{ command: 'ping' }] },
        { name: 'other', actions: [{ command: 'scale', params: { by: 1 } }] },
      ],
      { elements: shops({ north: {}, south: {} }) },
    );
    const world = new World(given);
    const { commands } = world.at(1, seen('north', 'size', 6, 1), seen('south', 'size', 6, 1));
    expect(commands.map((c) => `${c.policy} ${c.element}`)).toEqual(['follow north', 'other north', 'other south']);
    expect(world.kinds('lost')[0]!.data).toMatchObject({ rule: 'budget', winner: 'policy follow' });
    expect(world.kinds('lost')[0]!.text).toMatch('policy follow: 1 of 1 commands in 60 min are spent');
  });

  test('a command that was never sent is given back', () => {
    const world = new World(farm([{ budget: { commands: 1, per: '1h' } }]));
    const [command] = tick(world, 1, { size: 6 });
    expect(world.at(2, { kind: 'withheld', command: command!.id, cause: 'paused', detail: 'stop' }).commands).toHaveLength(1);
  });
});

describe('the scope of a budget', () => {
  test('by labels: only elements that have them draw on it', () => {
    const given = farm([{}], {
      elements: shops({ a: { site: 'north' }, b: { site: 'north' }, c: { site: 'south' } }),
      budgets: [{ name: 'north', scope: { labels: { site: 'north' } }, commands: 1, per: '1h' }],
    });
    const world = new World(given);
    expect(world.at(1, ...['a', 'b', 'c'].map((id) => seen(id, 'size', 6, 1))).commands.map((c) => c.element)).toEqual(['a', 'c']);
  });

  test('by direction: only commands that go that way draw on it', () => {
    const budgets = [{ name: 'down', scope: { direction: 'down' as const }, commands: 1, per: '1h' }];
    const deeds = play(farm([{}], { budgets }), [
      [1, { size: 6 }],
      [2, { size: 3 }],
      [3, { size: 5 }],
      [4, { size: 2 }],
      [5, { size: 7 }],
    ]);
    expect(deeds.map(([, , to]) => to)).toEqual([6, 3, 5, 7]);
  });
});

describe('exact rule 10', () => {
  const elements = shops(Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`s${i}`, {}])));
  const all = Object.keys(elements).map((id) => seen(id, 'size', 6, 1));

  test('a share rounds down, and what is in flight counts over a kill', () => {
    const world = new World(farm([{}], { elements, budgets: [{ name: 'few', scope: { type: 'farm' }, share: 0.3 }] }));
    const { commands } = world.at(1, ...all);
    expect(commands.map((c) => c.element)).toEqual(['s0', 's1']);
    world.restart();
    expect(world.at(2).commands).toEqual([]);
    world.restart();
    expect(world.at(3, succeeded(commands[0]!.id)).commands.map((c) => c.element)).toEqual(['s0']);
  });

  test('the least share is one element', () => {
    const world = new World(farm([{}], { elements, budgets: [{ name: 'few', scope: { type: 'farm' }, share: 0.01 }] }));
    expect(world.at(1, ...all).commands).toHaveLength(1);
  });

  test('an edit of the policy leaves the budget as it is spent', () => {
    const budgets = [{ name: 'b', commands: 1, per: '1h' }];
    const world = new World(farm([{}], { budgets }));
    tick(world, 1, { size: 6 });
    world.configure(2, farm([{ why: 'edited' }], { budgets }));
    expect(tick(world, 3, { size: 7 })).toEqual([]);
    expect(world.heldBy('follow', 'shop')).toBe('budget b');
    expect(world.runTo(3_601).flatMap((r) => r.commands)).toHaveLength(1);
  });
});

test('what is wrong with a budget is told', () => {
  expect(
    loadFindings(
      {},
      {
        budgets: [
          { name: 'b', commands: 1 },
          { name: 'b', share: 1 },
        ],
      },
    ),
  ).toMatchObject([{ code: 'H006', file: 'homeostat.json', pointer: '/budgets/1/name' }]);
  expect(loadFindings({}, { budgets: [{ name: 'b' }] })).toMatchObject([{ code: 'H003', pointer: '/budgets/0' }]);
  expect(loadFindings({}, { budgets: [{ name: 'b', commands: 1, scope: { policy: 'folow' } }] })).toMatchObject([
    { code: 'H005', pointer: '/budgets/0/scope/policy', message: 'no policy is named "folow"; did you mean "follow"?' },
  ]);
});
