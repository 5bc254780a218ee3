/** Patterns of events and state machines in the whole step: what they remember survives kills, restarts and reloads, and policies act in time. */
import { type Given, seen, succeeded, World } from './world.ts';

const login = (is: string) => ({ where: { fact: 'event', path: '$.login', operator: 'equal', value: is } });
const GIVEN: Given = {
  types: {
    gate: {
      properties: {
        login: {},
        breakIns: {
          gauge: {
            kind: 'pattern',
            of: 'login',
            sequence: [login('failed'), login('failed'), login('entered')],
            within: '1m',
            by: ['$.user'],
          },
        },
        unseen: { gauge: { kind: 'pattern', of: 'login', absence: { ...login('left'), after: login('entered') }, within: '30s' } },
        errors: { initial: 0, stale: 'never' },
        fault: {
          gauge: {
            kind: 'machine',
            initial: 'fine',
            states: { fine: [{ to: 'suspected', when: 'errors > 3' }], suspected: [{ to: 'isolated', after: '10s' }], isolated: [] },
          },
        },
      },
      commands: { lock: {}, isolate: {} },
    },
  },
  elements: { gate: { type: 'gate' } },
  policies: [
    {
      name: 'lock',
      scope: { type: 'gate' },
      conditions: { fact: 'breakIns', operator: 'increased', value: '1ms' },
      cooldown: '0s',
      actions: [{ command: 'lock' }],
    },
    {
      name: 'isolate',
      scope: { type: 'gate' },
      conditions: { fact: 'fault', operator: 'equal', value: 'isolated' },
      actions: [{ command: 'isolate' }],
    },
  ],
};
const event = (is: string, user: string, seconds: number) => seen('gate', 'login', JSON.stringify({ login: is, user }), seconds);
const [lock, isolate] = GIVEN.policies;
/** The same with another `why` and one more type: a reload that leaves the gauges alone. */
const RELOADED: Given = { ...GIVEN, types: { ...GIVEN.types, lamp: {} }, policies: [{ ...lock!, why: 'told anew' }, isolate!] };

test('a half-matched sequence survives a kill and a reload that leaves it alone', () => {
  const world = new World(GIVEN);
  world.at(1, event('failed', 'eva', 1));
  world.restart();
  world.at(2, event('failed', 'eva', 2));
  world.configure(3, RELOADED);
  world.at(3.5, { kind: 'started', wall: 0 });
  world.restart();
  const { commands } = world.at(4, event('entered', 'eva', 4));
  expect(commands.map(({ command }) => command)).toEqual(['lock']);
  expect(world.value('gate', 'breakIns')).toBe(1);
});

test('an edit of the pattern begins it anew', () => {
  const world = new World(GIVEN);
  world.at(1, event('failed', 'eva', 1), event('failed', 'eva', 1.5));
  const { breakIns, ...others } = GIVEN.types.gate!.properties!;
  const edited = { ...breakIns, gauge: { ...breakIns!.gauge!, within: '2m' } };
  world.configure(2, { ...GIVEN, types: { gate: { ...GIVEN.types.gate, properties: { ...others, breakIns: edited } } } });
  expect(world.at(4, event('entered', 'eva', 4)).commands).toEqual([]);
});

test('with a cooldown of 0s it acts in each step that sees a match, and in no other', () => {
  const world = new World(GIVEN);
  const attack = (at: number, user: string) => [
    event('failed', user, at),
    event('failed', user, at + 0.1),
    event('entered', user, at + 0.2),
  ];
  const done = (result: { commands: readonly { id: string }[] }) => result.commands.map(({ id }) => succeeded(id, { observations: [] }));
  const first = world.at(1.2, ...attack(1, 'eva'));
  // The next instant is a step of its own, although `increased` holds still.
  const second = world.at(1.201, ...done(first), ...attack(1.05, 'bo'));
  const third = world.at(1.202, ...done(second));
  const later = world.runTo(9);
  const again = world.at(10, ...attack(9.5, 'eva'));
  expect([first, second, third, ...later, again].map(({ commands }) => commands.length)).toEqual([1, 1, 0, ...later.map(() => 0), 1]);
});

test('a time-out is a step of its own, at its very instant; when the manager was away it waits anew', () => {
  const world = new World(GIVEN);
  world.at(1, event('entered', 'eva', 1));
  world.runTo(30.999);
  expect(world.value('gate', 'unseen')).toBe(0);
  world.runTo(31);
  expect(world.value('gate', 'unseen')).toBe(1);
  world.at(40, event('entered', 'bo', 40));
  world.restart();
  world.at(100, { kind: 'started', wall: 0 });
  world.runTo(129.999);
  expect(world.value('gate', 'unseen')).toBe(1);
  world.runTo(130);
  expect(world.value('gate', 'unseen')).toBe(2);
});

test('a machine keeps its state and its time through a kill and a reload', () => {
  const world = new World(GIVEN);
  world.at(1, seen('gate', 'errors', 4, 1));
  expect(world.value('gate', 'fault')).toBe('suspected');
  world.restart();
  world.configure(5, RELOADED);
  world.restart();
  expect(world.runTo(10.999).flatMap(({ commands }) => commands)).toEqual([]);
  const sent = world.runTo(11).flatMap(({ commands }) => commands);
  expect(sent.map(({ command }) => command)).toEqual(['isolate']);
  expect(world.value('gate', 'fault')).toBe('isolated');
});

test('a machine has no series of its own: what is said to be observed of it is a dead letter', () => {
  const world = new World(GIVEN);
  const { journal } = world.at(1, seen('gate', 'fault', 'isolated', 1));
  expect(journal).toContainEqual(expect.objectContaining({ kind: 'deadLetter' }));
  expect(world.value('gate', 'fault')).toBe('fine');
});
