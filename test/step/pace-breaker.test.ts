import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Command, Event } from '../../src/messages.ts';
import { farm } from './pace.ts';
import { seen, World } from './world.ts';

const ping = (breaker: NonNullable<PolicyDocument['breaker']>, more: Partial<PolicyDocument> = {}) =>
  farm([{ cooldown: '1s', actions: [{ command: 'ping' }], breaker, ...more }]);

/** Steps each second; every ping ends as told, at once. Returns at which second what was sent. */
function run(
  world: World,
  from: number,
  to: number,
  status: 'succeeded' | 'failed',
  before: (t: number) => void = () => {},
): [number, string][] {
  const sent: [number, string][] = [];
  for (let t = from; t <= to; t++) {
    before(t);
    const outcomes = [...world.state.commands.rows()]
      .filter((row) => row.phase === 'sent')
      .map((row): Event => ({ kind: 'outcome', command: row.key, status: row.command === 'ping' ? status : 'succeeded', detail: '' }));
    for (const { command } of world.at(t, ...outcomes, seen('shop', 'size', 6, t)).commands) sent.push([t, command]);
  }
  return sent;
}
const notices = (commands: readonly Command[]) => commands.filter((c) => c.command === 'notify');

describe('breaker', () => {
  test('it opens after that many commands without effect, and one word goes to people, by the log', () => {
    const world = new World(ping({ after: 3 }));
    expect(run(world, 1, 30, 'failed')).toEqual([
      [1, 'ping'],
      [2, 'ping'],
      [3, 'ping'],
      [4, 'notify'],
    ]);
    const [told] = world.kinds('command').filter((entry) => entry.data.command === 'notify');
    expect(told!.data.params).toMatchObject({
      level: 'error',
      text: expect.stringMatching(
        /^follow on shop is stopped after 3 commands without the expected effect; .* homeostat resume --policy follow --element shop$/,
      ),
    });
    expect(world.heldBy('follow', 'shop')).toBe('breaker');
    expect(world.kinds('breaker').map((entry) => entry.data.is)).toEqual(['open']);
  });

  test('the word is a command like others, and draws on no budget', () => {
    const world = new World({ ...ping({ after: 2 }), budgets: [{ name: 'all', commands: 2 }] });
    expect(run(world, 1, 9, 'failed').map(([, command]) => command)).toEqual(['ping', 'ping', 'notify']);
    const told = world.kinds('command').at(-1)!;
    expect(told.data).toMatchObject({ budgets: [], otherwise: true });
    expect(world.kinds('outcome').at(-1)).toMatchObject({ command: told.command, data: { status: 'succeeded' } });
  });

  test('`notify: false` tells nobody but the journal', () => {
    const world = new World(ping({ after: 1, notify: false }));
    expect(run(world, 1, 9, 'failed')).toEqual([[1, 'ping']]);
    expect(world.kinds('breaker')).toHaveLength(1);
  });

  test('an emergency stop holds the word back, and it goes when that ends, also after a kill', () => {
    const world = new World(ping({ after: 1 }));
    const [command] = world.at(1, seen('shop', 'size', 6, 1)).commands;
    const stop: Event = { kind: 'pause', name: 'p', scope: {}, reason: 'stop', author: 'ann', until: null };
    expect(world.at(2, stop, { kind: 'outcome', command: command!.id, status: 'failed', detail: '' }).commands).toEqual([]);
    world.restart();
    expect(world.at(3).commands).toEqual([]);
    expect(notices(world.at(4, { kind: 'resume', scope: {}, reason: 'go', author: 'ann' }).commands)).toHaveLength(0);
    // Resuming everything closes the breaker as well: there is nothing left to say.
    expect(world.state.breakers.size).toBe(0);
    const other = new World(ping({ after: 1 }));
    const [first] = other.at(1, seen('shop', 'size', 6, 1)).commands;
    other.at(
      2,
      { ...stop, until: other.state.position.now + 10_000 },
      { kind: 'outcome', command: first!.id, status: 'failed', detail: '' },
    );
    other.restart();
    expect(notices(other.runTo(20).flatMap((r) => r.commands))).toHaveLength(1);
  });

  test('half open: one command is let through, and closes it if it helps', () => {
    const world = new World(ping({ after: 2, probeAfter: '10s' }));
    run(world, 1, 3, 'failed');
    expect(world.kinds('held').at(-1)!.data.reason).toBe(
      'open after 2 commands without the expected effect; one command is let through in 10 s',
    );
    expect(run(world, 4, 12, 'failed')).toEqual([]);
    expect(run(world, 13, 16, 'succeeded')).toEqual([
      [13, 'ping'],
      [14, 'ping'],
      [15, 'ping'],
      [16, 'ping'],
    ]);
    expect(world.kinds('breaker').map((entry) => entry.data.is)).toEqual(['open', 'halfOpen', 'closed']);
    expect(world.state.breakers.size).toBe(0);
  });

  test('half open: if it does not help it is open again for as long, and nobody is told twice', () => {
    const world = new World(ping({ after: 2, probeAfter: '10s' }));
    expect(run(world, 1, 40, 'failed')).toEqual([
      [1, 'ping'],
      [2, 'ping'],
      [3, 'notify'],
      [13, 'ping'],
      [24, 'ping'],
      [35, 'ping'],
    ]);
    expect(
      world
        .kinds('breaker')
        .map((entry) => entry.data.is)
        .slice(0, 5),
    ).toEqual(['open', 'halfOpen', 'openAgain', 'halfOpen', 'openAgain']);
  });

  test('while it is not known whether it helps, no second command goes; its expected effect decides', () => {
    const expecting = { expect: { within: '5s', conditions: { all: [{ fact: 'load', operator: 'lessThan', value: 1 }] } } };
    const world = new World(ping({ after: 1, probeAfter: '10s', notify: false }, expecting));
    expect(run(world, 1, 8, 'failed')).toEqual([[1, 'ping']]);
    expect(run(world, 9, 13, 'succeeded')).toEqual([[12, 'ping']]);
    expect(world.heldBy('follow', 'shop')).toBe('settling');
    world.at(14, seen('shop', 'load', 9, 14));
    expect(run(world, 15, 20, 'succeeded')).toEqual([]);
    expect(world.kinds('breaker').at(-1)!.data.is).toBe('openAgain');
    expect(run(world, 21, 29, 'succeeded')).toEqual([[28, 'ping']]);
    world.at(30, seen('shop', 'load', 0, 30));
    expect(world.kinds('breaker').at(-1)!.data.is).toBe('closed');
  });

  test('kills and reloads in the middle change nothing', () => {
    const given = ping({ after: 2, probeAfter: '10s' });
    const edited = ping({ after: 2, probeAfter: '10s' }, { why: 'edited' });
    const whole = run(new World(given), 1, 40, 'failed');
    for (let at = 2; at < 40; at += 3) {
      const killed = new World(given);
      expect(run(killed, 1, 40, 'failed', (t) => t === at && killed.restart())).toEqual(whole);
      const reloaded = new World(given);
      expect(run(reloaded, 1, 40, 'failed', (t) => t === at && reloaded.configure(t - 1, edited))).toEqual(whole);
    }
  });

  test('a person may resume it at any time, and what went with its element is forgotten', () => {
    const world = new World(ping({ after: 1, probeAfter: '1h', notify: false }));
    run(world, 1, 5, 'failed');
    expect(world.at(6, { kind: 'resume', scope: { policy: 'follow' }, reason: 'mended', author: 'ann' }).commands).toHaveLength(1);
    expect(world.state.breakers.size).toBe(0);
    run(world, 7, 9, 'failed');
    expect(world.state.breakers.size).toBe(1);
    world.at(10, { kind: 'vanished', element: 'shop', source: 'test' });
    expect(world.state.breakers.size).toBe(0);
  });
});
