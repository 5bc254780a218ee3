/** What is derived from the state beside it must not decide: a state that is read again before each step goes the same way. */
import type { Event } from '../../src/messages.ts';
import { seeded } from '../services/crash-plan.ts';
import { type Given, seen, succeeded, World } from '../step/world.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const GIVEN: Given = {
  types: {
    farm: {
      properties: {
        load: { stale: '20s', deadZone: { low: 3, high: 5 } },
        servers: { initial: 1, stale: 'never' },
        mean: { gauge: { kind: 'mean', of: 'load', window: '5s' } },
        total: { gauge: { kind: 'rollup', of: 'work', fold: 'sum' } },
        rising: {
          gauge: {
            kind: 'pattern',
            of: 'load',
            sequence: [{ as: 'before', where: when('event', 'greaterThan', 1) }, { where: { expression: 'event > before' } }],
            within: '20s',
            throttle: { pass: 'last', within: '5s' },
          },
        },
        mood: {
          gauge: {
            kind: 'machine',
            initial: 'calm',
            states: {
              calm: [{ to: 'busy', when: 'total > 8' }],
              busy: [{ to: 'tired', after: '3s' }],
              tired: [{ to: 'calm', when: 'total < 9' }],
            },
          },
        },
      },
      commands: {
        scale: { property: 'servers', resource: 'servers', effects: { load: 'falls' }, deadline: '4s', min: 0, max: 9 },
        shed: { resource: 'gate', effects: { load: 'falls' }, opposes: ['admit'], deadline: '3s' },
        admit: { resource: 'gate', effects: { load: 'rises' }, deadline: '3s' },
      },
    },
    lamp: { properties: { dark: { stale: 'never' } }, commands: { light: { deadline: '2s' }, call: { deadline: '2s' } } },
    server: { properties: { work: { stale: '15s' } }, commands: { restart: { deadline: '5s' } } },
  },
  elements: {
    lamp: { type: 'lamp' },
    shop: { type: 'farm' },
    'shop/a': { type: 'server' },
    'shop/b': { type: 'server' },
    'shop/c': { type: 'server' },
  },
  budgets: [
    { name: 'few', scope: { command: 'shed' }, commands: 2, per: '10s' },
    { name: 'half', scope: { type: 'server' }, share: 0.5 },
  ],
  policies: [
    {
      name: 'grow',
      scope: { type: 'farm' },
      priority: 5,
      conditions: when('load', 'greaterThan', 2),
      for: '2s',
      cooldown: '9s',
      actions: [{ command: 'scale', params: { by: 1 } }],
      expect: { within: '2s', conditions: when('load', 'lessThan', 2), otherwise: [{ command: 'shed' }] },
      breaker: { after: 6 },
    },
    {
      name: 'shrink',
      scope: { type: 'farm' },
      conditions: when('mean', 'lessThan', 4),
      cooldown: '5s',
      actions: [{ command: 'scale', params: { by: -1 } }],
    },
    { name: 'shed', scope: { type: 'farm' }, conditions: when('total', 'greaterThan', 12), cooldown: '1s', actions: [{ command: 'shed' }] },
    { name: 'rest', scope: { type: 'farm' }, conditions: when('mood', 'equal', 'tired'), cooldown: '3s', actions: [{ command: 'admit' }] },
    { name: 'admit', scope: { type: 'farm' }, conditions: when('total', 'lessThan', 8), actions: [{ command: 'admit' }] },
    {
      name: 'heal',
      scope: { type: 'server' },
      conditions: when('work', 'equal', 0),
      for: '1s',
      cooldown: '4s',
      actions: [{ command: 'restart' }],
      expect: { within: '3s', conditions: when('work', 'greaterThan', 0), otherwise: [{ command: 'admit', target: 'parent' }] },
    },
    // Its otherwise comes while it sleeps out its cooldown, and nothing else happens to the lamp.
    {
      name: 'light',
      scope: { type: 'lamp' },
      conditions: when('dark', 'equal', 1),
      cooldown: '6s',
      actions: [{ command: 'light' }],
      expect: { within: '2s', conditions: when('dark', 'equal', 0), otherwise: [{ command: 'call' }] },
    },
    {
      name: 'watch',
      scope: { type: 'server' },
      mode: 'observe',
      conditions: when('work', 'greaterThan', 6),
      cooldown: '2s',
      actions: [{ command: 'restart' }],
    },
  ],
};

/** What happens in half a second: measurements, some of them missing, and outcomes of commands of either sort. */
function eventsAt(seconds: number, random: () => number, commands: readonly string[]): Event[] {
  const events: Event[] = [];
  for (const command of commands) {
    const luck = random();
    if (luck < 0.6) events.push(succeeded(command, { observations: [] }));
    else if (luck < 0.75) events.push({ kind: 'outcome', command, status: 'failed', detail: 'bad luck' });
    else if (luck < 0.8) events.push({ kind: 'withheld', command, cause: 'paused', detail: 'stop' });
  }
  if (random() < 0.03) events.push({ kind: 'pause', name: 'p', scope: { type: 'server' }, reason: 'r', author: 'me', until: null });
  if (random() < 0.06) events.push({ kind: 'resume', scope: {}, reason: 'r', author: 'me' });
  if (random() < 0.5) events.push(seen('lamp', 'dark', random() < 0.95 ? 1 : 0, seconds));
  if (random() < 0.15) events.push(seen('shop', 'load', Math.floor(random() * 8), seconds));
  for (const id of ['shop/a', 'shop/b', 'shop/c']) if (random() < 0.2) events.push(seen(id, 'work', Math.floor(random() * 8), seconds));
  return events;
}

test.each([1, 2, 3])('a manager that is restarted before every step decides what one decides that runs on (seed %i)', (seed) => {
  const [runsOn, restarted] = [new World(GIVEN), new World(GIVEN)];
  const random = seeded(seed);
  let commands: string[] = [];
  let sent = 0;
  for (let seconds = 0.5; seconds < 90; seconds += 0.5) {
    const events = eventsAt(seconds, random, commands);
    restarted.restart();
    const [one, other] = [runsOn.at(seconds, ...events), restarted.at(seconds, ...events)];
    expect(other.journal).toEqual(one.journal);
    expect(other.hash).toBe(one.hash);
    commands = one.commands.map((command) => command.id);
    sent += commands.length;
  }
  expect(sent).toBeGreaterThan(20);
});
