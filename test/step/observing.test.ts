/** What only observes never disturbs what acts: the acting plan of any world is the same without it. */
import fc from 'fast-check';
import type { CommandDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import { farm, over } from './arbitration.ts';
import { type Given, seen, succeeded, World } from './world.ts';

const ELEMENTS = ['a', 'b', 'b/c'];
const COMMANDS: Record<string, CommandDocument> = {
  scale: { property: 'servers', min: 0, max: 9, effects: { latency: 'falls' }, merge: 'sum' },
  warm: { property: 'cache', min: 0, max: 9, effects: { latency: 'rises' }, merge: 'utility', pool: 'memory' },
  restart: { opposes: ['scale'], deadline: '3s' },
  stop: { resource: 'restart' },
};

const action = fc.oneof(
  fc.record({ command: fc.constant('scale'), params: fc.record({ by: fc.integer({ min: -2, max: 2 }) }) }),
  fc.record({ command: fc.constantFrom('restart', 'stop', 'notify'), target: fc.constantFrom('self', ...ELEMENTS) }),
);
const pooled = fc.record({ command: fc.constant('warm'), params: fc.record({ by: fc.integer({ min: -2, max: 3 }) }) });
const actions = fc.oneof(
  fc.record({ actions: fc.array(action, { minLength: 1, maxLength: 2 }), together: fc.boolean() }),
  fc.record({ actions: fc.tuple(pooled), utility: fc.integer({ min: 0, max: 3 }) }),
);
const policy = fc
  .record({
    fact: fc.constantFrom('latency', 'cost'),
    above: fc.nat(3),
    what: actions,
    more: fc.record(
      {
        priority: fc.integer({ min: 1, max: 3 }),
        cooldown: fc.constantFrom('1s' as const, '3s' as const),
        for: fc.constantFrom('1s' as const, '2s' as const),
        expect: fc.record({
          within: fc.constant('2s' as const),
          conditions: fc.constant(over('cost', 2)),
          otherwise: fc.constant('x').map((text) => [{ command: 'notify', params: { text } }]),
        }),
        breaker: fc.record({ after: fc.constant(2) }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(
    ({ fact, above, what, more }): Omit<PolicyDocument, 'name'> => ({
      scope: { type: 'farm' },
      conditions: over(fact, above),
      ...what,
      ...more,
    }),
  );

const measured = fc.record({ element: fc.constantFrom(...ELEMENTS), fact: fc.constantFrom('latency', 'cost'), value: fc.nat(5) });
/** In each step some measurements, and the outcome of some commands. */
const steps = fc.array(fc.record({ measured: fc.array(measured, { maxLength: 4 }), done: fc.nat(4) }), { minLength: 3, maxLength: 8 });

function play(given: Given, course: readonly { measured: readonly { element: string; fact: string; value: number }[]; done: number }[]) {
  const world = new World(given);
  const open: string[] = [];
  const plans = course.map(({ measured: values, done }, i) => {
    const t = i + 1;
    const finished = open.splice(0, done).flatMap((id): Event[] => [succeeded(id, done % 2 === 0 ? { status: 'failed' } : {})]);
    const { commands } = world.at(t, ...finished, ...values.map(({ element, fact, value }) => seen(element, fact, value, t)));
    open.push(...commands.map((command) => command.id));
    return commands.map(({ id, policy: name, element, command, params }) => ({ id, name, element, command, params }));
  });
  const rows = (table: Iterable<object>) => [...table].map((row) => JSON.stringify(row));
  return { world, acting: { plans, budgets: rows(world.state.budgets.rows()), commands: rows(world.state.commands.rows()) } };
}

test('the acting plan of any world is the same with and without policies that observe', () => {
  let [acted, observed] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(policy, { minLength: 1, maxLength: 4 }),
      fc.array(policy, { minLength: 1, maxLength: 4 }),
      steps,
      fc.record({ commands: fc.integer({ min: 1, max: 4 }), per: fc.constant('2s' as const) }),
      (acts, watches, course, budget) => {
        const acting: PolicyDocument[] = acts.map((one, i) => ({ ...one, name: `b${i}` }));
        // Their names come before and after those that act.
        const watching: PolicyDocument[] = watches.map((one, i) => ({ ...one, name: `${i % 2 === 0 ? 'a' : 'c'}${i}`, mode: 'observe' }));
        const given = (policies: PolicyDocument[]): Given =>
          farm(COMMANDS, policies, {
            pools: { memory: { total: 10 } },
            budgets: [{ name: 'all', ...budget }],
            elements: Object.fromEntries(
              ELEMENTS.map((id) => [
                id,
                { type: 'farm', properties: { servers: 2, cache: 2 }, relations: { dependsOn: id === 'a' ? ['b/c'] : [] } },
              ]),
            ),
          });
        const alone = play(given(acting), course);
        const watched = play(given([...acting, ...watching]), course);
        expect(watched.acting).toEqual(alone.acting);
        acted += alone.acting.plans.flat().length;
        observed += watched.world.kinds('would').length;
      },
    ),
    { numRuns: 150, seed: 4 },
  );
  expect([acted > 100, observed > 100]).toEqual([true, true]);
});
