/** What policies do, and how far they have come with it, survives kills and reloads at every place. */
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import { seeded } from '../services/crash-plan.ts';
import { type Given, seen, succeeded, World } from './world.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const POLICIES: PolicyDocument[] = [
  {
    name: 'heal',
    scope: { type: 'server' },
    suite: 'care',
    conditions: when('errors', 'greaterThan', 2),
    cooldown: '6s',
    rank: 'worked',
    remedies: [
      { name: 'restart', if: when('memory', 'greaterThan', 3), actions: [{ command: 'restart' }] },
      { name: 'empty', actions: [{ command: 'empty' }], expect: { within: '1s', conditions: when('errors', 'lessThan', 2) } },
      { name: 'move', actions: [{ command: 'move' }, { command: 'empty' }] },
    ],
    expect: {
      within: '2s',
      on: ['missed', 'failed'],
      conditions: when('errors', 'equal', 0),
      otherwise: [{ retry: 1 }, { command: 'notify' }],
    },
  },
  {
    name: 'size',
    scope: { type: 'server' },
    setPoints: { limit: 4 },
    conditions: when('memory', 'greaterThan', { fact: 'setPoint.limit' }),
    cooldown: '2s',
    actions: [{ command: 'scale', params: { to: { expression: 'memory * 2', min: 1, max: { fact: 'errors' }, step: 2 } } }],
    expect: {
      within: '2s',
      conditions: when('errors', 'lessThan', 3),
      otherwise: [
        { rollBack: true },
        { escalate: { priority: 7, actions: [{ command: 'move' }] } },
        { compensate: [{ command: 'restart' }] },
      ],
    },
  },
  {
    name: 'calm',
    scope: { type: 'server' },
    conditions: when('errors', 'lessThan', 2),
    actions: [
      { command: 'setPoint', target: 'homeostat', params: { policy: 'size', name: 'limit', to: { fact: 'memory' } }, while: true },
      { command: 'setMode', target: 'homeostat', params: { policy: 'size', mode: 'observe' } },
    ],
  },
  {
    name: 'storm',
    scope: { type: 'server' },
    conditions: when('errors', 'greaterThan', 4),
    cooldown: '3s',
    actions: [
      { command: 'switchSuite', target: 'homeostat', params: { suite: 'care', on: false }, while: true },
      { command: 'setMode', target: 'homeostat', params: { policy: 'size', mode: 'act' } },
      { command: 'setInterval', target: 'homeostat', params: { probe: 'p', every: '5s' }, while: true },
    ],
  },
];
const given = (deadLetters: number): Given => ({
  types: {
    server: {
      properties: { errors: { stale: '8s' }, memory: { stale: 'never' }, size: { initial: 1 } },
      commands: { restart: { deadline: '3s' }, empty: {}, move: { deadline: '2s' }, scale: { property: 'size', deadline: '3s' } },
    },
  },
  elements: { 'shop/a': { type: 'server' }, 'shop/b': { type: 'server' } },
  limits: { deadLetters },
  policies: POLICIES,
});

function eventsAt(seconds: number, random: () => number, commands: readonly string[]): Event[] {
  const events: Event[] = [];
  for (const command of commands) {
    const luck = random();
    if (luck < 0.7) events.push(succeeded(command));
    else if (luck < 0.85) events.push({ kind: 'outcome', command, status: 'failed', detail: 'bad luck' });
    else if (luck < 0.9) events.push({ kind: 'withheld', command, cause: 'paused', detail: 'stop' });
  }
  for (const id of ['shop/a', 'shop/b']) {
    if (random() < 0.3) events.push(seen(id, 'errors', Math.floor(random() * 7), seconds));
    if (random() < 0.2) events.push(seen(id, 'memory', Math.floor(random() * 7), seconds));
    if (random() < 0.2) events.push(seen(id, 'size', Math.floor(random() * 9), seconds));
  }
  if (random() < 0.02) events.push({ kind: 'vanished', element: 'shop/b', source: 'test' });
  if (random() < 0.1) events.push({ kind: 'appeared', element: 'shop/b', document: { type: 'server' }, source: 'test' });
  return events;
}

test.each([1, 2, 3, 4])('kills before every step, and reloads now and then, change nothing (seed %i)', (seed) => {
  const [runsOn, killed] = [new World(given(1)), new World(given(1))];
  const random = seeded(seed);
  let commands: string[] = [];
  for (let seconds = 0.5, i = 0; seconds < 120; seconds += 0.5, i++) {
    const events = eventsAt(seconds, random, commands);
    if (i % 7 === 3) for (const world of [runsOn, killed]) world.configure(seconds, given(i));
    killed.restart();
    const [one, other] = [runsOn.at(seconds, ...events), killed.at(seconds, ...events)];
    expect(other.journal).toEqual(one.journal);
    expect(other.hash).toBe(one.hash);
    commands = one.commands.map((command) => command.id);
  }
  const data = (kind: 'command' | 'tuned' | 'remedy' | 'would') => runsOn.kinds(kind);
  expect(data('command').filter((e) => e.data.again === true).length).toBeGreaterThan(1);
  expect(data('command').filter((e) => e.data.otherwise === true).length).toBeGreaterThan(1);
  expect(data('tuned').filter((e) => e.text.includes('is again')).length).toBeGreaterThan(1);
  expect(new Set(data('tuned').map((e) => e.data.part)).size).toBe(4);
  expect(data('remedy').length).toBeGreaterThan(3);
  expect(runsOn.state.remedies.size).toBeGreaterThan(1);
});
