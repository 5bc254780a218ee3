import { explain } from '../../src/analyze/explain.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import { compile } from '../../src/compile/index.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { above, below, done, dueAt, heat, isRaised, load, shop } from './raising.ts';
import { type Given, START, setupOf, World } from './world.ts';

/** Readings of this shop are stale after 5 s. */
const quick = (policy: Partial<PolicyDocument>): Given => {
  const given = shop(policy);
  const shopType = given.types.shop!;
  return {
    ...given,
    types: { shop: { ...shopType, properties: { ...shopType.properties, load: { stale: '5s' }, heat: { stale: '5s' } } } },
  };
};

const told = (world: World): string[] => world.kinds('missing').map((entry) => entry.text);

describe('nothing, the default', () => {
  test.each([{}, { missing: 'nothing' as const }])('%j: unknown is unknown, whatever was known before', (more) => {
    const world = new World(quick({ ...more, cooldown: '1s' }));
    world.at(1, load(90, 1));
    world.runTo(6);
    expect(world.state.symptoms.get('p\tshop')!.truth).toBeNull();
    expect(isRaised(world)).toBe(false);
    expect(told(world)).toEqual([]);
    expect(world.state.absences.size).toBe(0);
  });
});

describe('hold', () => {
  const given = quick({ missing: { hold: '20s' }, cooldown: '5s' });

  test('the last known value stands until it is that old, and ends by a timer of its own', () => {
    const world = new World(given);
    world.at(1, load(90, 1));
    world.at(2, ...done(world));
    world.runTo(6);
    expect(world.why('shop', 'load')).toBe('stale');
    expect(isRaised(world)).toBe(true);
    world.at(20.9, ...done(world));
    expect(isRaised(world)).toBe(true);
    expect(world.state.absences.get('p\tshop')!.dueAt).toBe(START + 21_000);
    world.runTo(21);
    expect(isRaised(world)).toBe(false);
    expect(world.state.symptoms.get('p\tshop')!.truth).toBeNull();
    expect(told(world)).toEqual([
      'p on shop holds load at 90, 5 s old, for 15 s more',
      'p on shop lets go of load, which is unknown: the last value is too old to hold',
    ]);
    world.at(40, load(91, 40));
    expect(world.state.absences.size).toBe(0);
  });

  test('what it decides on a held value says so, with its age, and json-rules-engine confirms on the same value', async () => {
    const world = new World(given);
    world.at(1, load(90, 1));
    world.at(2, ...done(world));
    const step = world.runTo(6).find(({ commands }) => commands.length > 0)!;
    expect(step.firings[0]!.facts).toEqual({ load: 90 });
    const entry = world.kinds('command').at(-1)!;
    expect(entry.data.missing).toEqual({ load: { is: 'held', value: 90, ageMs: step.now - START - 1_000 } });
    expect(entry.text).toBe('ping  on shop, for p (load 90 held at an age of 5 s)');
    expect(await new Confirmer().disagreement(world.derived.blueprint.policies.get('p')!, step.firings[0]!)).toBeUndefined();
  });

  test('a symptom that another fact raises on a held value says so', () => {
    const both = { all: [above('load', 80).all[0]!, above('heat', 50).all[0]!] };
    const world = new World(quick({ conditions: both, missing: { hold: '20s' } }));
    world.at(1, load(90, 1), heat(10, 1));
    world.runTo(6);
    world.at(8, heat(60, 8));
    const raised = world.kinds('symptom').find((entry) => entry.data.is === 'raised')!;
    expect(raised.text).toBe('p is raised on shop (load 90 held at an age of 7 s)');
    expect(raised.data).toMatchObject({ facts: { load: 90, heat: 60 }, missing: { load: { is: 'held', value: 90, ageMs: 7_000 } } });
  });

  test('a value that is older already when it becomes unknown is not held, and one that was never known neither', () => {
    const old = new World(quick({ missing: { hold: '4s' } }));
    old.at(1, load(90, 1));
    old.runTo(6);
    expect(isRaised(old)).toBe(false);
    const never = new World(given);
    never.runTo(100);
    expect(isRaised(never)).toBe(false);
    expect([...told(old), ...told(never)]).toEqual([]);
  });

  test('explain shows the value that is held, and how old it is', () => {
    const world = new World(given);
    world.at(1, load(90, 1));
    world.runTo(6);
    const [explanation] = explain(world.state, world.derived, 'shop', 'p', START + 9_000, world.journal);
    expect(explanation!.conditions).toMatchObject({
      parts: [{ truth: true, fact: { value: 90, ageMs: 8_000, why: null, instead: 'held' } }],
    });
    expect(explanationLines(explanation!).join('\n')).toMatch(/✓ load 90 > 80 +unknown, held, 8 s old/);
  });

  test.each([3, 6, 10, 20.9, 21.5])('a manager killed %d s after the start holds it as long as one that was not', (killed) => {
    const run = (restart: boolean): string => {
      const world = new World(given);
      world.at(1, load(90, 1));
      world.runTo(killed);
      if (restart) world.restart();
      world.at(22, ...done(world));
      world.runTo(30);
      return `${world.state.hash} ${JSON.stringify(world.journal)}`;
    };
    expect(run(true)).toBe(run(false));
  });

  test('an edit of the policy leaves the age of what it holds, and another `hold` counts from the same measurement', () => {
    const world = new World(given);
    world.at(1, load(90, 1));
    world.runTo(8);
    world.configure(9, quick({ ...given.policies[0], missing: { hold: '12s' } }));
    expect(isRaised(world)).toBe(true);
    expect(world.state.absences.get('p\tshop')!.dueAt).toBe(START + 13_000);
    world.configure(10, quick({ ...given.policies[0], missing: 'nothing' }));
    expect(world.state.absences.size).toBe(0);
    expect(isRaised(world)).toBe(false);
  });

  test('an element that vanishes takes what was held along', () => {
    const world = new World(given);
    world.at(1, load(90, 1));
    world.runTo(8);
    world.at(9, { kind: 'vanished', element: 'shop', source: 'test' });
    expect(world.state.absences.size).toBe(0);
  });

  test('it stands for the facts of the reset too', () => {
    const world = new World(quick({ missing: { hold: '60s' }, reset: below('heat', 30) }));
    world.at(1, load(90, 1), heat(20, 1));
    world.runTo(8);
    expect(isRaised(world)).toBe(true);
    world.at(9, load(50, 9));
    expect(isRaised(world)).toBe(false);
  });
});

describe('values', () => {
  test('a stated value stands for a fact that is unknown, from the first judgement on', () => {
    const world = new World(quick({ conditions: below('load', 10), missing: { values: { load: 0 } } }));
    expect(isRaised(world)).toBe(true);
    expect(world.kinds('command')[0]!.data.missing).toEqual({ load: { is: 'fallback', value: 0 } });
    expect(world.kinds('symptom')[0]!.text).toBe('p is raised on shop (load 0 by fallback)');
    world.at(1, load(50, 1));
    expect(isRaised(world)).toBe(false);
    expect(told(world)).toEqual(['p on shop takes load for 0 while it is unknown', 'p on shop knows load again']);
  });

  test('after a held value that is too old', () => {
    const world = new World(quick({ missing: { hold: '20s', values: { load: 0 } } }));
    world.at(1, load(90, 1));
    world.runTo(20.9);
    expect(isRaised(world)).toBe(true);
    world.runTo(21);
    expect(isRaised(world)).toBe(false);
    expect(world.state.symptoms.get('p\tshop')?.truth ?? false).toBe(false);
    expect(told(world).at(-1)).toBe('p on shop takes load for 0 while it is unknown');
  });

  test('a fact without one stays unknown', () => {
    const both = { all: [below('load', 10).all[0]!, above('heat', 50).all[0]!] };
    const world = new World(quick({ conditions: both, missing: { values: { load: 0 } } }));
    world.at(1, load(5, 1));
    expect(isRaised(world)).toBe(false);
    expect(world.at(20, heat(60, 20)).commands).toHaveLength(1);
  });
});

describe('after: a fail-safe', () => {
  const given = quick({ missing: { after: '10s', actions: [{ command: 'pong' }] }, for: '5s', cooldown: '60s', priority: 7 });
  const sent = (world: World, to: number): string[] =>
    world
      .runTo(to)
      .flatMap(({ commands }) => commands.map(({ command, policy, issuedAt }) => `${(issuedAt - START) / 1_000} ${policy} ${command}`));

  test('a fact that has been unknown for so long: its actions, once until all facts are known again', () => {
    const world = new World(given);
    world.at(1, load(50, 1));
    expect(sent(world, 15.999)).toEqual([]);
    expect(sent(world, 60)).toEqual(['16 p:missing pong']);
    world.at(61, load(50, 61), ...done(world));
    expect(sent(world, 100)).toEqual(['76 p:missing pong']);
  });

  test('a fact that was never known is unknown from the beginning', () => {
    const world = new World(given);
    expect(sent(world, 60)).toEqual(['10 p:missing pong']);
  });

  test('it passes by the dead zones and the effects that are awaited, and is held by a pause of the policy until that ends', () => {
    const base = quick({ missing: { after: '10s', actions: [{ command: 'scale', params: { by: 1 } }] } });
    const type = base.types.shop!;
    const world = new World({
      ...base,
      types: {
        shop: {
          ...type,
          properties: { ...type.properties, heat: { deadZone: { low: 0, high: 100 } } },
          commands: { ...type.commands, scale: { property: 'workers', effects: { heat: 'falls' } } },
        },
      },
    });
    world.at(1, { kind: 'pause', name: 'x', scope: { policy: 'p' }, reason: 'work', author: 'ann', until: START + 20_000 });
    expect(sent(world, 19.9)).toEqual([]);
    expect(world.heldBy('p:missing', 'shop')).toBe('paused');
    expect(sent(world, 30)).toEqual(['20 p:missing scale']);
  });

  test('what is held or stated does not put it off', () => {
    const world = new World(quick({ missing: { hold: '60s', values: { load: 1 }, after: '10s', actions: [{ command: 'pong' }] } }));
    world.at(1, load(50, 1));
    expect(sent(world, 60)).toEqual(['16 p:missing pong']);
  });

  test('explain by the name of the policy explains it too, and json-rules-engine confirms it', async () => {
    const world = new World(given);
    const step = world.runTo(10).find(({ commands }) => commands.length > 0)!;
    const explanations = explain(world.state, world.derived, 'shop', 'p', START + 11_000, world.journal);
    expect(explanations.map(({ policy, symptom, priority }) => [policy, symptom, priority])).toEqual([
      ['p', 'unknown', 7],
      ['p:missing', 'raised', 7],
    ]);
    expect(explanations[1]!.actions[0]!.gates.map(({ name }) => name)).toEqual([
      ...['set-aside', 'for', 'cooldown', 'breaker', 'paused', 'mode'],
      ...['value', 'arbitration'],
    ]);
    expect(await new Confirmer().disagreement(world.derived.blueprint.policies.get('p:missing')!, step.firings[0]!)).toBeUndefined();
  });

  test.each([5, 12, 30])('a manager killed %d s after the start does the same', (killed) => {
    const run = (restart: boolean): string => {
      const world = new World(given);
      world.at(1, load(50, 1));
      world.runTo(killed);
      if (restart) world.restart();
      world.runTo(60);
      return `${world.state.hash} ${JSON.stringify(world.journal)}`;
    };
    expect(run(true)).toBe(run(false));
  });

  test('an edit of the policy counts anew, and while nothing is edited a reload changes nothing', () => {
    const world = new World(given);
    expect(dueAt(world)).toBe(10);
    world.configure(5, { ...given, mode: 'act', budgets: [] });
    expect(dueAt(world)).toBe(10);
    world.configure(6, quick({ ...given.policies[0], why: 'because' }));
    expect(sent(world, 60)).toEqual(['16 p:missing pong']);
  });

  test('with levels there is one for all, about the facts of each', () => {
    const levels = [
      { level: 'low', conditions: above('load', 10), actions: [{ command: 'ping' }] },
      { level: 'high', conditions: above('heat', 10), actions: [{ command: 'ping' }] },
    ];
    const { conditions: _, actions: __, ...shared } = given.policies[0]!;
    const world = new World({ ...given, policies: [{ ...shared, levels }] });
    world.at(1, load(5, 1), heat(5, 1));
    world.at(5, heat(5, 5));
    world.runTo(9);
    world.at(9, heat(5, 9));
    expect(sent(world, 60)).toEqual(['16 p:missing pong']);
  });
});

test.each<[string, unknown, object]>([
  [
    'values of facts that the conditions do not read',
    { values: { laod: 0 } },
    { code: 'H005', pointer: '/policies/0/missing/values/laod', message: 'the conditions read no fact "laod"; did you mean "load"?' },
  ],
  ['after without actions', { after: '5s' }, { code: 'H003', pointer: '/policies/0/missing' }],
  ['actions without after', { actions: [{ command: 'pong' }] }, { code: 'H003', pointer: '/policies/0/missing' }],
  ['nothing at all', {}, { code: 'H003', pointer: '/policies/0/missing' }],
  [
    'an action that is not there',
    { after: '5s', actions: [{ command: 'pang' }] },
    { code: 'H005', pointer: '/policies/0/missing/actions/0/command' },
  ],
])('%s: found at load', (_, missing, finding) => {
  expect(compile(setupOf(shop({ missing: missing as never })), 'homeostat.json').findings.list).toMatchObject([finding]);
});
