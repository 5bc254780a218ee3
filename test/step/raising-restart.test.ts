import { above, below, done, shop } from './raising.ts';
import { type Given, seen, World } from './world.ts';

/** Everything that says when a symptom is raised and what holds it back, at once. */
const everything = (why: string): Given => {
  const given = shop({});
  const type = given.types.shop!;
  const scope = { type: 'shop' };
  return {
    ...given,
    types: {
      shop: {
        ...type,
        properties: {
          ...type.properties,
          load: {
            stale: '4s',
            zones: [
              { name: 'low', below: 40 },
              { name: 'high', from: 50 },
            ],
          },
          heat: { stale: '6s', gauge: { kind: 'mean', window: '5s' } },
        },
      },
    },
    elements: { shop: { type: 'shop', properties: { workers: 1, aim: 60 } }, 'shop/till': { type: 'shop' } },
    policies: [
      {
        name: 'levels',
        scope,
        why,
        cooldown: '2s',
        keepFor: '3s',
        levels: [
          { level: 'warning', conditions: above('load', 60), reset: below('load', 50), actions: [{ command: 'ping' }] },
          { level: 'critical', conditions: above('load', 80), reset: below('heat', 50), for: '2s', actions: [{ command: 'pong' }] },
        ],
        missing: { hold: '6s', values: { heat: 70 }, after: '7s', actions: [{ command: 'ping' }] },
      },
      {
        name: 'gated',
        scope,
        cooldown: '1s',
        conditions: above('heat', 20),
        zone: { fact: 'load', in: ['high'] },
        tolerance: { fact: 'heat', target: { fact: 'aim' }, within: 5 },
        confidence: 0.7,
        actions: [{ command: 'scale', params: { by: 1 } }],
      },
      {
        name: 'restless',
        scope,
        cooldown: '1s',
        conditions: above('load', 55),
        flapping: { history: 6, low: 0.3, high: 0.5 },
        missing: { hold: '20s' },
        actions: [{ command: 'pong' }],
      },
    ],
  };
};

/** The numbers of Park and Miller's generator, from 0 up to, without, `below`. */
const numbers = (seed: number) => {
  let at = seed;
  return (below: number): number => {
    at = (at * 48_271) % 2_147_483_647;
    return at % below;
  };
};

/** Plays a random life. `restarts`: also kills the manager after each step, with one chance in so many. */
function play(seed: number, restarts: number | undefined): { readonly end: string; readonly gates: ReadonlySet<string> } {
  const random = numbers(seed);
  const killing = numbers(seed + 1);
  const world = new World(everything('first'));
  const gates = new Set<string>();
  const maybe = (): void => {
    for (const row of world.state.symptoms.rows()) if (row.heldBy !== null) gates.add(row.heldBy);
    if (restarts !== undefined && killing(restarts) === 0) world.restart();
  };
  for (let t = 0, i = 0; i < 60; i++) {
    t += 1 + random(2_500) / 1_000;
    for (let due = world.state.nextDue(); due !== null && due < Date.UTC(1971, 0, 1) + t * 1_000; due = world.state.nextDue()) {
      world.at((due - Date.UTC(1971, 0, 1)) / 1_000);
      maybe();
    }
    const events = ['shop', 'shop/till'].flatMap((element) => [
      ...(random(3) === 0 ? [] : [seen(element, 'load', random(100), t)]),
      ...(random(3) === 0 ? [] : [seen(element, 'heat', random(100), t, random(3) === 0 ? { coalesced: 1 + random(3) } : {})]),
    ]);
    if (random(25) === 0) world.configure(t, everything(`edit ${i}`));
    world.at(t, ...(random(2) === 0 ? done(world) : []), ...events);
    maybe();
  }
  return { end: `${world.state.hash}\n${world.journal.map((entry) => `${entry.step} ${entry.text}`).join('\n')}`, gates };
}

test('a manager that is killed again and again does what one does that never is', () => {
  const gates = new Set<string>();
  for (let seed = 1; seed <= 5; seed++) {
    const whole = play(seed, undefined);
    for (const gate of whole.gates) gates.add(gate);
    expect(play(seed, 6).end).toBe(whole.end);
  }
  // The lives were not idle: each of these gates has held something back.
  for (const gate of ['for', 'unknown', 'level', 'zone', 'tolerance', 'confidence', 'flapping', 'cooldown']) expect(gates).toContain(gate);
});
