import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../src/config.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { type Given, START, seen, succeeded, World } from './world.ts';

const over = (value: number) => ({ all: [{ fact: 'load', operator: 'greaterThan', value }] });
const ping = (more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name: 'p',
  scope: { type: 'server' },
  conditions: over(10),
  actions: [{ command: 'ping' }],
  ...more,
});
const servers = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`shop/s${i}`, { type: 'server' }]));
const given = (policies: PolicyDocument[], more: Partial<Given> = {}): Given => ({
  types: { server: { properties: { load: {} }, commands: { ping: {} } } },
  elements: servers(1),
  policies,
  ...more,
});

describe('exact rule 9: windows', () => {
  const windowed = (gauge: Record<string, unknown>): Given =>
    given([], { types: { server: { properties: { x: { gauge: { kind: 'mean', of: 'load', window: '10s', ...gauge }, stale: '1h' } } } } });

  test('a window is (now − W, now]: expiry is a timer, and an empty window is unknown', () => {
    const world = new World(windowed({}));
    world.at(1, seen('shop/s0', 'load', 10, 1));
    world.at(3, seen('shop/s0', 'load', 20, 3));
    expect(world.value('shop/s0', 'x')).toBe(15);
    expect(world.state.nextDue()).toBe(START + 11_000);
    world.runTo(11);
    expect(world.value('shop/s0', 'x')).toBe(20);
    world.runTo(12.999);
    expect(world.value('shop/s0', 'x')).toBe(20);
    world.runTo(13);
    expect(world.value('shop/s0', 'x')).toBeUndefined();
  });

  test.each(['count', 'sum'])('but %s is 0 while its probe is alive', (kind) => {
    const world = new World(windowed({ kind }));
    world.at(1, seen('shop/s0', 'load', 10, 1));
    world.runTo(11);
    expect(world.value('shop/s0', 'x')).toBe(0);
  });

  test('the same source, property and time twice is dropped, also where it comes late', () => {
    const world = new World(windowed({ kind: 'count' }));
    world.at(
      4,
      seen('shop/s0', 'load', 1, 1),
      seen('shop/s0', 'load', 1, 1),
      seen('shop/s0', 'load', 2, 3),
      seen('shop/s0', 'load', 9, 2),
      seen('shop/s0', 'load', 9, 2),
      seen('shop/s0', 'load', 1, 1, { source: 'other' }),
    );
    expect(world.value('shop/s0', 'x')).toBe(4);
    expect(world.state.counters.get('observations.repeated')!.count).toBe(2);
  });

  test('late values enter windows, and never `last`', () => {
    const world = new World(
      given([], { types: { server: { properties: { load: {}, x: { gauge: { kind: 'max', of: 'load', window: '10s' } } } } } }),
    );
    world.at(4, seen('shop/s0', 'load', 1, 3), seen('shop/s0', 'load', 99, 2));
    expect([world.value('shop/s0', 'load'), world.value('shop/s0', 'x')]).toEqual([1, 99]);
  });

  test('coalesced telemetry lowers confidence, and makes count, sum and rate unknown until it has left the window', () => {
    const types = {
      server: {
        properties: Object.fromEntries(
          ['mean', 'count', 'sum', 'rate'].map((kind) => [kind, { gauge: { kind, of: 'load', window: '10s' }, stale: '1h' }]),
        ),
      },
    };
    const world = new World(given([], { types }));
    world.at(2, seen('shop/s0', 'load', 1, 1), seen('shop/s0', 'load', 3, 2, { coalesced: 2 }));
    expect(world.value('shop/s0', 'mean')).toBe(2);
    expect(world.state.readings.get('shop/s0\tmean')!.confidence).toBe(0.5);
    for (const kind of ['count', 'sum', 'rate']) expect(world.value('shop/s0', kind)).toBeUndefined();
    world.runTo(12);
    expect(world.value('shop/s0', 'count')).toBe(0);
  });
});

describe('exact rule 10: keys', () => {
  test('`for`, cooldown and breaker belong to policy and element: one element waits for no other', () => {
    const world = new World(given([ping({ cooldown: '1h' })], { elements: servers(2) }));
    expect(world.at(1, seen('shop/s0', 'load', 20, 1)).commands).toHaveLength(1);
    expect(world.at(2, seen('shop/s1', 'load', 20, 2)).commands.map((c) => c.element)).toEqual(['shop/s1']);
  });

  test.each([
    [3, 0.5, 1],
    [4, 0.5, 2],
    [1, 0.1, 1],
    [10, 0.25, 2],
  ])('of %d elements a share of %d is %d at once: rounded down, at least one', (n, share, atOnce) => {
    const world = new World(given([ping()], { elements: servers(n), budgets: [{ name: 'few', scope: { type: 'server' }, share }] }));
    const { commands } = world.at(1, ...Object.keys(servers(n)).map((id) => seen(id, 'load', 20, 1)));
    expect(commands).toHaveLength(atOnce);
    if (n === atOnce) return;
    expect(world.kinds('lost')[0]!.data).toMatchObject({ rule: 'budget', winner: 'few' });
    expect(world.at(2, succeeded(commands[0]!.id)).commands).toHaveLength(1);
  });

  test('a budget caps the commands of a window, over all elements of its scope', () => {
    const world = new World(
      given([ping()], { elements: servers(5), budgets: [{ name: 'b', scope: { command: 'ping' }, commands: 2, per: '10s' }] }),
    );
    const all = Object.keys(servers(5)).map((id) => seen(id, 'load', 20, 1, { everyMs: 60_000 }));
    const first = world.at(1, ...all).commands;
    expect(first).toHaveLength(2);
    expect(world.at(2, ...first.map((c) => succeeded(c.id))).commands).toEqual([]);
    expect(world.runTo(11).flatMap((r) => r.commands)).toHaveLength(2);
  });

  test('an edit of a policy resets its `for` and latches only; its cooldown and breaker stay', () => {
    const before = given([ping({ for: '2s', cooldown: '1h' })]);
    const world = new World(before);
    world.at(1, seen('shop/s0', 'load', 20, 1, { everyMs: 60_000 }));
    const [command] = world.runTo(3).flatMap((r) => r.commands);
    world.at(4, succeeded(command!.id));
    world.configure(5, given([ping({ for: '2s', cooldown: '1h', why: 'edited' })]));
    const row = world.state.symptoms.get('p\tshop/s0')!;
    expect(row.trueSince).toBe(START + 5_000);
    expect(row.acted).toEqual({ committed: [], cooldownUntil: START + 3_000 + 3_600_000 });
    expect(world.runTo(60).flatMap((r) => r.commands)).toEqual([]);
    expect(world.heldBy('p', 'shop/s0')).toBe('cooldown');
  });

  test('a cooldown outlives its element: it may come again under its id', () => {
    const world = new World(given([ping({ cooldown: '10s' })]));
    const appeared = { kind: 'appeared', element: 'shop/x', document: { type: 'server' }, source: 'pool' } as const;
    const vanished = { kind: 'vanished', element: 'shop/x', source: 'pool' } as const;
    const [command] = world.at(1, appeared, seen('shop/x', 'load', 20, 1)).commands;
    world.at(2, succeeded(command!.id), vanished);
    expect(world.at(3, appeared, seen('shop/x', 'load', 20, 3)).commands).toEqual([]);
    expect(world.heldBy('p', 'shop/x')).toBe('cooldown');
    world.at(4, vanished);
    world.runTo(11);
    expect(world.state.symptoms.get('p\tshop/x')).toBeUndefined();
    expect(world.at(12, appeared, seen('shop/x', 'load', 20, 12)).commands).toHaveLength(1);
  });

  test('a reload of the same text resets nothing', () => {
    const world = new World(given([ping({ for: '2s' })]));
    world.at(1, seen('shop/s0', 'load', 20, 1, { everyMs: 60_000 }));
    world.configure(2, given([ping({ for: '2s' })]));
    expect(world.runTo(3).flatMap((r) => r.commands)).toHaveLength(1);
  });
});

test('a reload leaves a value alone that has moved away from what the file gave; only what the file gives otherwise is set', () => {
  const shop = (servers: number, load: number): Given => ({
    types: { farm: { properties: { servers: {}, load: {} } } },
    elements: { shop: { type: 'farm', properties: { servers, load } } },
    policies: [],
  });
  const world = new World(shop(2, 1));
  world.at(1, seen('shop', 'servers', 4, 1));
  world.configure(2, shop(2, 7));
  expect([world.value('shop', 'servers'), world.value('shop', 'load')]).toEqual([4, 7]);
  world.configure(3, shop(3, 7));
  expect(world.value('shop', 'servers')).toBe(3);
});

describe('exact rule 11: wrong policies', () => {
  const write = (operator: string, more: object = {}): string => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-'));
    const policy = (name: string, op: string) => ({
      name,
      scope: { type: 'server' },
      conditions: { all: [{ fact: 'load', operator: op, value: 1 }] },
      actions: [{ command: 'ping' }],
    });
    writeFileSync(
      join(folder, 'rules.json'),
      JSON.stringify({ policies: [policy('right', 'greaterThan'), { ...policy('wrong', operator), ...more }] }),
    );
    writeFileSync(
      join(folder, 'homeostat.json'),
      JSON.stringify({
        types: { server: { properties: { load: {} }, commands: { ping: {} } } },
        elements: { shop: { type: 'server' } },
        policies: ['rules.json'],
      }),
    );
    return join(folder, 'homeostat.json');
  };

  test('a wrong policy refuses the whole, with file, pointer, sentence and suggestion', () => {
    const { configuration, findings } = loadConfiguration(write('greaterThen'));
    expect(configuration).toBeUndefined();
    expect(findings).toMatchObject([
      {
        code: 'H104',
        pointer: '/policies/1/conditions/all/0/operator',
        message: 'unknown operator "greaterThen"; did you mean "greaterThan"?',
      },
    ]);
  });

  test('all mistakes of a file are told at once, also those in conditions beside a misspelt key', () => {
    const { findings } = loadConfiguration(write('greaterThen', { cooldwn: '1s', for: 'long' }));
    expect(findings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'H004 /policies/1/cooldwn',
      'H003 /policies/1/for',
      'H104 /policies/1/conditions/all/0/operator',
    ]);
  });

  test('leniency leaves the wrong ones out and keeps the others', () => {
    const { configuration } = loadConfiguration(write('greaterThen'), { lenient: true });
    expect([...configuration!.blueprint.policies.keys()]).toEqual(['right']);
    expect(configuration!.setup.policies.map((p) => p.name)).toEqual(['right']);
  });
});
