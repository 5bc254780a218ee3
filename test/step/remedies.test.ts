import { explain } from '../../src/analyze/explain.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import { compile } from '../../src/compile/index.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import { type Given, seen, setupOf, succeeded, World } from './world.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const heal = (more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name: 'heal',
  scope: { type: 'server' },
  conditions: when('errors', 'greaterThan', 0),
  cooldown: '1m',
  remedies: [
    { name: 'restart', if: when('memory', 'greaterThan', 0.9), actions: [{ command: 'restart' }] },
    { name: 'empty', actions: [{ command: 'empty' }] },
    { name: 'move', actions: [{ command: 'move' }], expect: { within: '20s', conditions: when('errors', 'equal', 0) } },
  ],
  expect: { within: '5s', conditions: when('errors', 'equal', 0) },
  ...more,
});
const given = (...policies: PolicyDocument[]): Given => ({
  types: {
    server: { properties: { errors: { stale: 'never' }, memory: { stale: 'never' } }, commands: { restart: {}, empty: {}, move: {} } },
  },
  elements: { 'shop/a': { type: 'server' }, 'shop/b': { type: 'server' } },
  policies,
});

const failed = (command: string): Event => ({ kind: 'outcome', command, status: 'failed', detail: 'no' });
const done = (...results: StepResult[]) => results.flatMap((r) => r.commands.map((c) => c.command));
const ill = (seconds: number, element = 'shop/a') => seen(element, 'errors', 3, seconds);
const well = (seconds: number, element = 'shop/a') => seen(element, 'errors', 0, seconds);
/** A command succeeds, and six seconds later there are as many errors as before. */
function inVain(world: World, at: number, command: string): StepResult[] {
  return [world.at(at, succeeded(command)), world.at(at + 6, ill(at + 5.9))];
}

describe('remedies are tried in turn', () => {
  test('the first whose guard holds; after a missed effect the next, which need not wait for the cooldown', () => {
    const world = new World(given(heal()));
    const first = world.at(1, ill(1), seen('shop/a', 'memory', 0.95, 1));
    expect(done(first)).toEqual(['restart']);
    expect(done(...inVain(world, 2, first.commands[0]!.id))).toEqual(['empty']);
    expect(world.kinds('remedy').map((e) => e.text)).toEqual(['restart did not help shop/a; heal goes on to empty']);
  });

  test('one whose guard is unknown or does not hold is passed over', () => {
    const world = new World(given(heal()));
    expect(done(world.at(1, ill(1)))).toEqual(['empty']);
    const other = new World(given(heal()));
    expect(done(other.at(1, ill(1), seen('shop/a', 'memory', 0.2, 1)))).toEqual(['empty']);
  });

  test('a command that fails counts as a remedy that did not help', () => {
    const world = new World(given(heal()));
    const { commands } = world.at(1, ill(1));
    expect(done(world.at(2, failed(commands[0]!.id)))).toEqual(['move']);
  });

  test('a remedy has its own expectation, or that of the policy', () => {
    const world = new World(given(heal()));
    const empty = world.at(1, ill(1)).commands[0]!.id;
    const move = world.at(2, failed(empty)).commands[0]!.id;
    world.at(3, succeeded(move));
    expect(world.runTo(22)).toEqual([]);
    expect(world.state.commands.get(move)!.phase).toBe('settling');
  });

  test('a remedy under way is not left for another because its guard has changed', () => {
    const policy = heal({
      cooldown: '1s',
      remedies: [
        { name: 'restart', if: when('memory', 'greaterThan', 0.9), actions: [{ command: 'restart' }] },
        { name: 'empty', actions: [{ command: 'empty' }] },
      ],
    });
    const world = new World(given(policy));
    world.at(1, ill(1), seen('shop/a', 'memory', 0.95, 1));
    expect(done(world.at(3, seen('shop/a', 'memory', 0.1, 3)))).toEqual([]);
    expect(world.heldBy('heal', 'shop/a')).toMatch(/^lease /);
  });

  test('after the last none is started and a person is told; when the symptom clears it begins with the first again', () => {
    const world = new World(given(heal({ cooldown: '1s' })));
    const restart = world.at(1, ill(1), seen('shop/a', 'memory', 0.95, 1)).commands[0]!.id;
    const empty = world.at(2, failed(restart)).commands[0]!.id;
    const move = world.at(3, failed(empty)).commands[0]!.id;
    expect(done(world.at(4, failed(move)), world.at(60, ill(60)))).toEqual([]);
    expect(world.kinds('remedy').at(-1)!.text).toMatch(
      /nothing left to try on shop\/a: restart, empty, move did not help.*a person must look/,
    );
    expect(world.heldBy('heal', 'shop/a')).toBe('remedy');
    expect(world.state.counters.get('remedies.exhausted')!.count).toBe(1);
    world.at(61, well(61));
    expect(done(world.at(62, ill(62)))).toEqual(['restart']);
  });

  test('one whose guard comes to hold later is tried then, although the others did not help', () => {
    const policy = heal({ remedies: heal().remedies!.slice(0, 2) });
    const world = new World(given(policy));
    const empty = world.at(1, ill(1)).commands[0]!.id;
    world.at(2, failed(empty));
    expect(world.kinds('remedy').at(-1)!.text).toMatch(/empty did not help; the guard of restart is unknown/);
    expect(done(world.at(9, seen('shop/a', 'memory', 0.95, 9)))).toEqual(['restart']);
  });

  test('while its effect was seen and the symptom stays, the same remedy has its turn again after the cooldown', () => {
    const policy = heal({ expect: { within: '5s', conditions: when('memory', 'lessThan', 0.5) } });
    const world = new World(given(policy));
    const first = world.at(1, ill(1)).commands[0]!.id;
    world.at(2, succeeded(first));
    expect(done(world.at(3, seen('shop/a', 'memory', 0.1, 2.9)))).toEqual([]);
    expect(world.heldBy('heal', 'shop/a')).toBe('cooldown');
    expect(done(...world.runTo(61))).toEqual(['empty']);
  });

  test('what was tried survives a kill, and a reload that leaves the policy as it is', () => {
    const world = new World(given(heal()));
    const restart = world.at(1, ill(1), seen('shop/a', 'memory', 0.95, 1)).commands[0]!.id;
    world.restart();
    const empty = world.at(2, failed(restart)).commands[0]!.id;
    world.configure(3, { ...given(heal()), limits: { deadLetters: 7 } });
    world.restart();
    expect(done(world.at(4, failed(empty)))).toEqual(['move']);
  });

  test('an edit of the policy begins anew, as latches do', () => {
    const world = new World(given(heal()));
    const restart = world.at(1, ill(1), seen('shop/a', 'memory', 0.95, 1)).commands[0]!.id;
    world.at(2, failed(restart));
    world.configure(3, given(heal({ why: 'another text' })));
    expect(world.state.symptoms.get('heal\tshop/a')!.trying).toBeNull();
  });
});

describe('ranked by what worked', () => {
  const ranked = heal({
    cooldown: '1s',
    rank: 'worked',
    remedies: [
      { name: 'restart', actions: [{ command: 'restart' }] },
      { name: 'empty', actions: [{ command: 'empty' }] },
    ],
  });

  test('the one with the greater share of effects seen on elements of the type comes first; ties stay in order', () => {
    const world = new World(given(ranked));
    const restart = world.at(1, ill(1)).commands[0]!;
    expect(restart.command).toBe('restart');
    const empty = inVain(world, 2, restart.id)[1]!.commands[0]!;
    world.at(9, succeeded(empty.id));
    world.at(10, well(9.5));
    expect([...world.state.remedies.rows()].map(({ key, tries, seen }) => [key, tries, seen])).toEqual([
      ['heal\tserver\tempty', 1, 1],
      ['heal\tserver\trestart', 1, 0],
    ]);
    world.restart();
    expect(done(world.at(20, ill(20, 'shop/b')))).toEqual(['empty']);
  });

  test('the counts stay when the policy is edited, and go with the remedy', () => {
    const world = new World(given(ranked));
    world.at(2, failed(world.at(1, ill(1)).commands[0]!.id));
    world.configure(3, given({ ...ranked, why: 'edited' }));
    expect(world.state.remedies.size).toBe(1);
    world.configure(4, given({ ...ranked, remedies: ranked.remedies!.slice(1) }));
    expect(world.state.remedies.size).toBe(0);
  });
});

test('explain shows what was tried, what is next and what worked before', () => {
  const world = new World(given(heal()));
  const shown = () => {
    const [explained] = explain(world.state, world.derived, 'shop/a', 'heal', world.state.position.now, world.journal);
    return explanationLines(explained!)
      .filter((line) => /^ {2}remedies|^held back/.test(line))
      .map((line) => line.trim());
  };
  const restart = world.at(1, ill(1), seen('shop/a', 'memory', 0.95, 1)).commands[0]!.id;
  expect(shown().at(-1)).toBe('remedies        → restart   · empty   · move');
  world.at(2, failed(restart), seen('shop/a', 'memory', 0.1, 2));
  expect(shown().at(-1)).toBe('remedies        ✗ restart (worked 0 of 1)   → empty   · move');
  world.at(3, ...[...world.state.commands.rows()].map((row) => failed(row.key)));
  world.at(4, ...[...world.state.commands.rows()].map((row) => failed(row.key)));
  expect(shown()).toEqual([
    'held back now by remedy: restart, empty, move did not help, and nothing is left to try: a person must look',
    'remedies        ✗ restart (worked 0 of 1)   ✗ empty (worked 0 of 1)   ✗ move (worked 0 of 1)',
  ]);
});

describe('refused at load', () => {
  test.each<[string, Partial<PolicyDocument>, string, string]>([
    ['actions beside remedies', { actions: [{ command: 'move' }] }, '/policies/0/remedies', 'a policy has either actions or remedies'],
    [
      'a name twice',
      { remedies: [...heal().remedies!, heal().remedies![1]!] },
      '/policies/0/remedies/3/name',
      'the remedy "empty" is there twice',
    ],
    [
      'a rank without expectations',
      { rank: 'worked', expect: undefined },
      '/policies/0/remedies/0',
      'whether "restart" worked cannot be told: nothing is expected of it',
    ],
    [
      'an unknown command',
      { remedies: [{ name: 'x', actions: [{ command: 'moev' }] }] },
      '/policies/0/remedies/0/actions/0/command',
      'type "server" has no command "moev"; did you mean "move"?',
    ],
    [
      'an unknown fact in a guard',
      { remedies: [{ name: 'x', if: when('memroy', 'equal', 1), actions: [{ command: 'move' }] }] },
      '/policies/0/remedies/0/if/all/0/fact',
      'type "server" has no property "memroy"; did you mean "memory"?',
    ],
  ])('%s', (_what, more, pointer, message) => {
    const { expect: own, ...policy } = { ...heal(), ...more };
    const { findings } = compile(
      setupOf(given({ ...policy, ...(own === undefined ? {} : { expect: own }) } as PolicyDocument)),
      'homeostat.json',
    );
    expect(findings.list.map((f) => [f.pointer, f.message])).toContainEqual([pointer, message]);
  });
});
