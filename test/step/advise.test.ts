import { explain } from '../../src/analyze/explain.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event, Value } from '../../src/messages.ts';
import { type Given, START, seen, succeeded, World } from './world.ts';

const ADD: PolicyDocument = {
  name: 'add',
  why: 'people leave',
  scope: { type: 'farm' },
  mode: 'advise',
  advise: { within: '60s' },
  conditions: { fact: 'load', operator: 'greaterThan', value: 200 },
  actions: [{ command: 'scale', params: { by: 1 } }],
};

function given(policies: PolicyDocument[] = [ADD], more: Partial<Given> = {}): Given {
  return {
    types: {
      farm: {
        properties: { load: { deadZone: { low: 150, high: 250 } }, servers: {} },
        commands: {
          scale: { actuator: 'set', property: 'servers', min: 1, max: 9, effects: { load: 'falls' } },
          restart: { actuator: 'log' },
        },
      },
    },
    elements: { shop: { type: 'farm', properties: { servers: 1 } } },
    policies,
    ...more,
  };
}

const load = (value: number, at: number): Event => seen('shop', 'load', value, at, { everyMs: 1_000_000 });
const servers = (value: number, at: number): Event => seen('shop', 'servers', value, at, { everyMs: 1_000_000 });
const answered = (advice: string, answer: 'approved' | 'rejected', reason = 'it looks right', author = 'ann'): Event => ({
  kind: 'answered',
  advice,
  answer,
  reason,
  author,
});

/** Each word about an advice, with its id. */
const told = (world: World): string[] => world.kinds('advice').map(({ data }) => `${data.is} ${data.id}`);
const rows = (world: World) => [...world.state.advice.rows()];
/** What explain says of the gate that holds the policy back. */
function reasonNow({ state, derived }: World, at: number): string | undefined {
  const [explanation] = explain(state, derived, 'shop', 'add', START + at * 1_000, []);
  return explanation?.actions[0]?.gates.find(({ is }) => is === 'holds')?.reason ?? undefined;
}
const sent = (world: World): Readonly<Record<string, Value>>[] =>
  world.kinds('command').map(({ data }) => data.params as Readonly<Record<string, Value>>);

test('what an advising policy asks for is asked once, with its evidence, and nothing is sent or spent', () => {
  const world = new World(given());
  expect(world.at(10, load(300, 10)).commands).toEqual([]);
  for (const second of [11, 12, 13]) expect(world.at(second, load(300 + second, second)).commands).toEqual([]);
  expect(told(world)).toEqual(['asked shop.2.a']);
  expect(rows(world)).toMatchObject([
    {
      id: 'shop.2.a',
      policy: 'add',
      element: 'shop',
      command: 'scale',
      params: { to: 2 },
      why: 'people leave',
      facts: { load: 300 },
      conditions: ['load 300 > 200'],
      otherwise: 'drop',
      phase: 'open',
    },
  ]);
  expect(world.heldBy('add', 'shop')).toBe('mode');
  expect(world.kinds('held').at(-1)?.text).toContain('asked now, 60 s of 60 s left; approve with: homeostat approve shop.2.a');
  expect(world.state.symptoms.get('add\tshop')).toMatchObject({ acted: { committed: [] }, observed: { committed: [] } });
});

test('explain says what is asked and how to answer, and that what was approved is about to be done', () => {
  const world = new World(given());
  world.at(10, load(300, 10));
  expect(reasonNow(world, 20)).toBe('advise: asked 10 s ago, 50 s of 60 s left; approve with: homeostat approve shop.2.a');
  const [explanation] = explain(world.state, world.derived, 'shop', 'add', START + 20_000, []);
  expect(explanation?.summary).toContain('held back now by mode: advise: asked 10 s ago');
  expect(explanation?.actions[0]?.params).toEqual({ to: 2 });
});

test('it is approved with who and why, and is committed in that very step as what the person saw', () => {
  const world = new World(given());
  world.at(10, load(300, 10));
  const { commands, firings } = world.at(15, answered('shop.2.a', 'approved'));
  expect(commands).toMatchObject([{ policy: 'add', command: 'scale', params: { to: 2 } }]);
  expect(firings).toMatchObject([{ policy: 'add', facts: { load: 300 } }]);
  expect(world.kinds('command')[0]?.data).toMatchObject({ advice: 'shop.2.a', approvedBy: 'ann', approvedFor: 'it looks right' });
  expect(rows(world)).toEqual([]);
  expect(told(world)).toEqual(['asked shop.2.a', 'approved shop.2.a']);
  // It has acted, like any policy without a cooldown: once for this raise.
  world.at(16, succeeded(commands[0]!.id));
  world.at(17, servers(2, 17));
  expect(world.heldBy('add', 'shop')).toBe('cooldown');
  expect(rows(world)).toEqual([]);
});

test('all gates judge again what was approved, and it is committed as soon as they let it', () => {
  const world = new World(given());
  world.at(10, load(300, 10));
  world.at(12, load(240, 12));
  expect(world.heldBy('add', 'shop')).toBe('dead-zone');
  const held = world.at(13, answered('shop.2.a', 'approved'));
  expect(held.commands).toEqual([]);
  expect(held.journal.find(({ data }) => data.is === 'held')?.data).toMatchObject({
    id: 'shop.2.a',
    gate: 'dead-zone',
    reason: expect.stringContaining('load 240 is within 150…250'),
  });
  expect(world.at(20, load(260, 20)).commands).toMatchObject([{ params: { to: 2 } }]);
  expect(told(world)).toEqual(['asked shop.2.a', 'approved shop.2.a', 'held shop.2.a']);
});

test('a pause and the emergency stop hold what was approved', () => {
  for (const scope of [{}, { policy: 'add' }]) {
    const world = new World(given());
    world.at(10, load(300, 10));
    world.at(11, { kind: 'pause', name: 'p', scope, reason: 'no', author: 'bob', until: null });
    const { commands, journal } = world.at(12, answered('shop.2.a', 'approved'));
    expect(commands).toEqual([]);
    expect(journal.find(({ data }) => data.is === 'held')?.data.gate).toBe('paused');
    expect(world.at(13, { kind: 'resume', scope, reason: 'go', author: 'bob' }).commands).toHaveLength(1);
  }
});

test('what was approved enters arbitration with what acts, and waits while it loses', () => {
  const rival: PolicyDocument = { ...ADD, name: 'rival', mode: 'act', priority: 9, actions: [{ command: 'scale', params: { by: 3 } }] };
  const world = new World(given([ADD, { ...rival, conditions: { fact: 'load', operator: 'greaterThan', value: 400 } }]));
  world.at(10, load(300, 10));
  const { commands, journal } = world.at(11, load(500, 11), answered('shop.2.a', 'approved'));
  expect(commands).toMatchObject([{ policy: 'rival', params: { to: 4 } }]);
  expect(journal.find(({ data }) => data.is === 'held')?.data.gate).toBe('resource rival');
});

test('asking disturbs nothing that acts, and what only observes is judged without it', () => {
  const acting: PolicyDocument = { ...ADD, name: 'acting', mode: 'act', priority: 1 };
  const watching: PolicyDocument = { ...ADD, name: 'watching', mode: 'observe', priority: 1, actions: [{ command: 'restart' }] };
  const world = new World(
    given([{ ...ADD, priority: 99, actions: [{ command: 'restart' }] }, acting, watching], {
      budgets: [{ name: 'one', commands: 1, per: '1h' }],
    }),
  );
  expect(world.at(10, load(300, 10)).commands).toMatchObject([{ policy: 'acting' }]);
  // The budget is spent by what acts: there is nothing to ask for.
  expect(told(world)).toEqual([]);
  expect(world.heldBy('add', 'shop')).toBe('budget one');
});

test('a changed value closes the old question and asks anew, open or approved', () => {
  const world = new World(given([{ ...ADD, deadZone: { fact: 'load', low: 0, high: 250 } }]));
  world.at(10, load(300, 10));
  world.at(11, servers(3, 11));
  expect(told(world)).toEqual(['asked shop.2.a', 'superseded shop.2.a', 'asked shop.3.a']);
  expect(world.kinds('advice')[1]?.data).toMatchObject({ by: 'shop.3.a' });
  world.at(12, load(240, 12));
  world.at(13, answered('shop.3.a', 'approved'));
  const { commands } = world.at(14, servers(5, 14), load(300, 14));
  expect(commands).toEqual([]);
  expect(told(world).slice(3)).toEqual(['approved shop.3.a', 'held shop.3.a', 'superseded shop.3.a', 'asked shop.6.a']);
  expect(rows(world)).toMatchObject([{ phase: 'open', params: { to: 6 }, author: null }]);
});

test('when the conditions are no longer true it is withdrawn; while they are unknown it stays', () => {
  const world = new World(given());
  world.at(10, seen('shop', 'load', 300, 10));
  world.runTo(20);
  expect(world.state.symptoms.get('add\tshop')?.truth).toBe(null);
  const { commands, journal } = world.at(21, answered('shop.2.a', 'approved'));
  expect(commands).toEqual([]);
  expect(journal.find(({ data }) => data.is === 'held')?.data.gate).toBe('conditions');
  world.at(22, load(100, 22));
  expect(told(world).at(-1)).toBe('withdrawn shop.2.a');
  expect(rows(world)).toEqual([]);
  world.at(23, load(300, 23));
  expect(told(world).at(-1)).toBe('asked shop.6.a');
});

test('what was rejected is not asked again for that raise, and is for the next', () => {
  const world = new World(given([{ ...ADD, cooldown: '5s' }]));
  world.at(10, load(300, 10));
  world.at(11, answered('shop.2.a', 'rejected', 'not on a Friday'));
  for (const second of [20, 30, 300]) world.at(second, load(300 + second, second));
  expect(told(world)).toEqual(['asked shop.2.a', 'rejected shop.2.a']);
  expect(reasonNow(world, 300)).toBe('advise: rejected by ann, until it is raised anew: not on a Friday');
  world.at(301, load(100, 301));
  world.at(302, load(300, 302));
  expect(told(world).at(-1)).toMatch(/^asked/);
});

test('an approval can be taken back before it is done', () => {
  const world = new World(given());
  world.at(10, load(300, 10));
  world.at(11, load(240, 11), answered('shop.2.a', 'approved'));
  world.at(12, answered('shop.2.a', 'rejected', 'a mistake'));
  expect(world.at(13, load(300, 13)).commands).toEqual([]);
  expect(told(world)).toEqual(['asked shop.2.a', 'approved shop.2.a', 'held shop.2.a', 'rejected shop.2.a']);
});

test('without an answer in its time it is dropped: for that raise, or for as long as the policy rests', () => {
  const once = new World(given());
  once.at(10, load(300, 10));
  once.runTo(1_000);
  expect(told(once)).toEqual(['asked shop.2.a', 'expired shop.2.a']);
  expect(once.kinds('advice')[1]).toMatchObject({ time: once.kinds('advice')[0]!.time + 60_000, data: { then: 'drop' } });
  expect(sent(once)).toEqual([]);

  const again = new World(given([{ ...ADD, cooldown: '30s' }]));
  again.at(10, load(300, 10));
  again.runTo(101);
  const times = again.kinds('advice').map(({ time, data }) => `${data.is} ${(time - again.kinds('advice')[0]!.time) / 1_000}`);
  expect(times).toEqual(['asked 0', 'expired 60', 'asked 90']);
});

test('otherwise "act": silence counts as approval, which the gates judge like any', () => {
  const silent: PolicyDocument = { ...ADD, advise: { within: '60s', otherwise: 'act' } };
  const world = new World(given([silent]));
  world.at(10, load(300, 10));
  world.at(20, load(240, 20));
  world.runTo(75);
  expect(sent(world)).toEqual([]);
  expect(world.at(80, load(300, 80)).commands).toMatchObject([{ params: { to: 2 } }]);
  expect(world.kinds('command')[0]?.data).toMatchObject({ approvedBy: 'nobody', approvedFor: 'no answer in 60 s' });
  // A manager that only advises does not act on silence.
  const careful = new World(given([silent], { mode: 'advise' }));
  careful.at(10, load(300, 10));
  careful.runTo(500);
  expect(sent(careful)).toEqual([]);
  expect(told(careful)).toEqual(['asked shop.2.a', 'expired shop.2.a']);
});

test('an approval that no gate let through in its time is over', () => {
  const world = new World(given());
  world.at(10, load(300, 10));
  world.at(20, load(240, 20), answered('shop.2.a', 'approved'));
  world.runTo(100);
  expect(told(world).at(-1)).toBe('expired shop.2.a');
  expect(world.at(110, load(300, 110)).commands).toEqual([]);
});

test('an answer that comes too late changes nothing and is written down', () => {
  const world = new World(given());
  world.at(10, load(300, 10));
  expect(world.at(70, answered('shop.2.a', 'approved')).commands).toEqual([]);
  expect(told(world)).toEqual(['asked shop.2.a', 'late shop.2.a', 'expired shop.2.a']);
  world.at(71, answered('shop.9.z', 'approved'));
  expect(told(world).at(-1)).toBe('late shop.9.z');
});

test('a kill at any moment loses no question, no answer and no timer', () => {
  const script: [number, ...Event[]][] = [
    [10, load(300, 10)],
    [11, load(240, 11)],
    [12, answered('shop.2.a', 'approved')],
    [30, load(300, 30)],
    [31, succeeded('shop.5.0'), servers(2, 31)],
    [40, load(100, 40)],
    [41, load(300, 41)],
    [42, answered('shop.8.a', 'rejected')],
    [50, load(100, 50)],
    [51, load(300, 51)],
  ];
  const play = (killAt: number): World => {
    const world = new World(given());
    for (const [i, [at, ...events]] of script.entries()) {
      world.at(at, ...events);
      if (i === killAt) world.restart();
    }
    world.runTo(200);
    return world;
  };
  const whole = play(-1);
  expect(told(whole)).toEqual([
    'asked shop.2.a',
    'approved shop.2.a',
    'held shop.2.a',
    'asked shop.8.a',
    'rejected shop.8.a',
    'asked shop.11.a',
    'expired shop.11.a',
  ]);
  expect(sent(whole)).toEqual([{ to: 2 }]);
  for (const i of script.keys()) {
    const killed = play(i);
    expect(killed.state.hash).toBe(whole.state.hash);
    expect(killed.journal).toEqual(whole.journal);
  }
});

test('an edit of the policy withdraws what it asked, open, approved or rejected; an edit of another leaves it', () => {
  for (const answer of [undefined, 'approved', 'rejected'] as const) {
    const other: PolicyDocument = { ...ADD, name: 'other', conditions: { fact: 'load', operator: 'greaterThan', value: 1_000 } };
    const world = new World(given([ADD, other]));
    world.at(10, load(300, 10));
    world.at(11, load(240, 11));
    if (answer !== undefined) world.at(12, answered('shop.2.a', answer));
    world.configure(13, given([ADD, { ...other, priority: 7 }]));
    expect(rows(world)).toMatchObject([{ id: 'shop.2.a', phase: answer ?? 'open' }]);
    world.configure(14, given([{ ...ADD, priority: 3 }, other]));
    expect(rows(world)).toEqual([]);
    world.at(20, load(300, 20));
    expect(rows(world)).toMatchObject([{ phase: 'open' }]);
  }
});

test('a manager that is told to act, or only to observe, withdraws what it asked', () => {
  for (const mode of ['act', 'observe'] as const) {
    const { mode: _mode, ...plain } = ADD;
    const world = new World(given([plain], { mode: 'advise' }));
    world.at(10, load(300, 10));
    expect(told(world)).toEqual(['asked shop.2.a']);
    expect(world.configure(11, given([plain], { mode })).commands).toHaveLength(mode === 'act' ? 1 : 0);
    expect(told(world).at(-1)).toBe('withdrawn shop.2.a');
  }
});

test('what is asked goes with its element', () => {
  const world = new World(given([ADD], { elements: {} }));
  world.at(5, { kind: 'appeared', element: 'shop', document: { type: 'farm', properties: { servers: 1 } }, source: 'agent' });
  world.at(10, load(300, 10));
  world.at(11, { kind: 'vanished', element: 'shop', source: 'agent' });
  expect(told(world)).toEqual(['asked shop.3.a', 'withdrawn shop.3.a']);
});

test('each action of a policy is asked for by itself', () => {
  const world = new World(given([{ ...ADD, actions: [...ADD.actions!, { command: 'restart' }] }]));
  world.at(10, load(300, 10));
  expect(told(world)).toEqual(['asked shop.2.a', 'asked shop.2.b']);
  expect(world.at(11, answered('shop.2.b', 'approved')).commands).toMatchObject([{ command: 'restart' }]);
  expect(rows(world)).toMatchObject([{ id: 'shop.2.a', phase: 'open' }]);
  expect(world.state.counters.get('advice.asked')?.count).toBe(2);
  expect(world.state.counters.get('advice.committed')?.count).toBe(1);
});

const HELPLESS: PolicyDocument = {
  ...ADD,
  cooldown: '1h',
  expect: {
    within: '10s',
    conditions: { fact: 'load', operator: 'lessThan', value: 200 },
    otherwise: [{ retry: 1 }, { rollBack: true }, { command: 'restart' }],
  },
};

test('what follows when it did not help is approved with it, and told when it is asked', () => {
  const world = new World(given([HELPLESS]));
  world.at(10, load(300, 10));
  expect(rows(world)[0]?.follows).toEqual(['the same again, at most once', 'restart', 'the value that it has now']);
  const [first] = world.at(11, answered('shop.2.a', 'approved')).commands;
  world.at(12, succeeded(first!.id));
  const [again] = world.at(22, load(300, 22)).commands;
  expect(again).toMatchObject({ command: 'scale', params: { to: 2 } });
  world.at(23, succeeded(again!.id), servers(2, 23));
  const rest = world.at(33, load(300, 33)).commands;
  expect(rest.map(({ command, params }) => [command, params])).toEqual(
    expect.arrayContaining([
      ['restart', {}],
      ['scale', { to: 1 }],
    ]),
  );
  expect(world.kinds('command').map(({ data }) => data.approvedBy)).toEqual(['ann', 'ann', 'ann', 'ann']);
});

test('what follows a command that nobody approved is held back where the policy has come to advise since', () => {
  const world = new World(given([{ ...HELPLESS, mode: 'act' }]));
  const [first] = world.at(10, load(300, 10)).commands;
  world.configure(11, given([HELPLESS]));
  world.at(12, succeeded(first!.id));
  expect(world.at(22, load(300, 22)).commands).toEqual([]);
  expect(world.kinds('held').at(-1)?.text).toContain('nobody approved the command that this follows');
});

test('what follows an approved command is not done by a manager that only observes by now', () => {
  const world = new World(given([HELPLESS]));
  world.at(10, load(300, 10));
  const [first] = world.at(11, answered('shop.2.a', 'approved')).commands;
  world.configure(12, given([HELPLESS], { mode: 'observe' }));
  world.at(13, succeeded(first!.id));
  expect(world.at(23, load(300, 23)).commands).toEqual([]);
});

test('of remedies the one whose turn it is is asked for', () => {
  const world = new World(
    given([
      {
        name: 'add',
        scope: { type: 'farm' },
        mode: 'advise',
        conditions: { fact: 'load', operator: 'greaterThan', value: 200 },
        remedies: [
          { name: 'restart', if: { fact: 'servers', operator: 'lessThan', value: 3 }, actions: [{ command: 'restart' }] },
          { name: 'grow', actions: [{ command: 'scale', params: { by: 1 } }] },
        ],
      },
    ]),
  );
  world.at(10, load(300, 10));
  expect(rows(world)).toMatchObject([{ id: 'shop.2.a', command: 'restart' }]);
  world.at(11, servers(3, 11));
  expect(told(world)).toEqual(['asked shop.2.a', 'withdrawn shop.2.a', 'asked shop.3.a']);
  expect(world.at(12, answered('shop.3.a', 'approved')).commands).toMatchObject([{ command: 'scale', params: { to: 4 } }]);
});

test('while a latch keeps a symptom raised, what was asked stays', () => {
  const world = new World(given([{ ...ADD, keepFor: '30s', deadZone: { fact: 'servers', low: 5, high: 6 } }]));
  world.at(10, load(300, 10));
  world.at(11, load(100, 11));
  expect(rows(world)).toMatchObject([{ id: 'shop.2.a', phase: 'open' }]);
  expect(world.at(12, answered('shop.2.a', 'approved')).commands).toHaveLength(1);
  const other = new World(given([{ ...ADD, keepFor: '30s' }]));
  other.at(10, load(300, 10));
  other.at(11, load(100, 11));
  other.runTo(41);
  expect(told(other).at(-1)).toBe('withdrawn shop.2.a');
});

test('what is all or nothing is done when all of it is approved', () => {
  const world = new World(given([{ ...ADD, together: true, actions: [...ADD.actions!, { command: 'restart' }] }]));
  world.at(10, load(300, 10));
  expect(told(world)).toEqual(['asked shop.2.a', 'asked shop.2.b']);
  const { commands, journal } = world.at(11, answered('shop.2.a', 'approved'));
  expect(commands).toEqual([]);
  expect(journal.find(({ data }) => data.is === 'held')?.data.reason).toContain('waits for what it goes together with');
  expect(
    world
      .at(12, answered('shop.2.b', 'approved'))
      .commands.map(({ command }) => command)
      .sort(),
  ).toEqual(['restart', 'scale']);
  expect(rows(world)).toEqual([]);
});
