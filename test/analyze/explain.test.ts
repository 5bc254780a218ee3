import { explain } from '../../src/analyze/explain.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import { limitsOf } from '../../src/config.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import type { Event, JournalEntry, Value } from '../../src/messages.ts';
import { step } from '../../src/step.ts';

const T0 = 1_700_000_000_000;

const above = (fact: string, value: unknown) => ({ fact, operator: 'greaterThan', value });

function setup(policies: Readonly<Record<string, Partial<PolicyDocument>>>, mode: Setup['mode'] = 'act'): Setup {
  return {
    domain: 'shop',
    mode,
    types: {
      farm: {
        properties: {
          p95: { unit: 'ms', deadZone: { low: 150, high: 250 }, stale: '1m' },
          load: { stale: '1m' },
          servers: { initial: 1 },
        },
        commands: {
          scale: { actuator: 'set', operation: 'set', resource: 'servers', property: 'servers', effects: { p95: 'falls' } },
          drain: { actuator: 'log', operation: 'write' },
        },
      },
    },
    elements: { shop: { type: 'farm' } },
    policies: Object.entries(policies).map(([name, document], i) => ({
      name,
      file: 'rules.json',
      pointer: `/policies/${i}`,
      version: '3f2a91c',
      document: { scope: { type: 'farm' }, conditions: { all: [above('load', 10)] }, actions: [{ command: 'drain' }], ...document },
      named: {},
    })),
    budgets: [],
    limits: limitsOf(),
  };
}

/** A state after some steps: configured, then these observations at these seconds. */
function after(configuration: Setup, ...moments: readonly (readonly [second: number, values: Readonly<Record<string, Value>>])[]) {
  const state = new State();
  const derived = new Derived(state);
  const journal: JournalEntry[] = [];
  const run = (second: number, events: readonly Event[]) => journal.push(...step(state, derived, events, T0 + second * 1_000).journal);
  run(0, [{ kind: 'configured', document: JSON.stringify(configuration) }]);
  for (const [second, values] of moments) {
    run(
      second,
      Object.entries(values).map(
        ([property, value]): Event => ({
          kind: 'observation',
          element: 'shop',
          property,
          value,
          time: T0 + second * 1_000,
          source: 'test',
        }),
      ),
    );
  }
  return {
    state,
    explain: (policy: string | undefined, second: number) => explain(state, derived, 'shop', policy, T0 + second * 1_000, journal),
  };
}

test('held by for: how long it has been true, and how long it must be', () => {
  const { explain } = after(setup({ busy: { for: '10s', why: 'it is busy' } }), [1, { load: 20 }], [5, { load: 21 }]);
  const [explanation] = explain('busy', 7);
  expect(explanation).toMatchObject({ symptom: 'raised', since: T0 + 1_000, summary: 'held back now by for: true for 6 s of 10 s' });
  expect(explanation!.actions[0]!.gates.map(({ name, is }) => `${is} ${name}`)).toEqual([
    'passed set-aside',
    'holds for',
    ...['dead-zone', 'cooldown', 'settling', 'breaker', 'paused', 'mode', 'value', 'arbitration'].map((name) => `notReached ${name}`),
  ]);
  expect(explanationLines(explanation!)).toEqual([
    'shop · busy · rules.json#/policies/0 · version 3f2a91c',
    'held back now by for: true for 6 s of 10 s',
    '  why             it is busy',
    '  conditions      true for 6 s',
    '    ✓ load 21 > 10   2 s old',
    '  gates           ✓ set-aside   ✗ for   · dead-zone   · cooldown   · settling   · breaker   · paused',
    '                  · mode   · value   · arbitration',
    '  last acted      never, as far as the journal goes back',
  ]);
});

test('held by a dead zone: by how much, with its unit', () => {
  const { explain } = after(
    setup({ slow: { conditions: { all: [above('p95', 200)] }, actions: [{ command: 'scale', params: { by: 1 } }] } }),
    [1, { p95: 212 }],
  );
  expect(explain('slow', 1)[0]!.summary).toBe('held back now by dead-zone: p95 212 ms is within 150…250 ms (38 ms short)');
});

test('not raised: the comparison that decides, and by how much it falls short', () => {
  const conditions = { all: [above('load', 10), { any: [above('p95', 300), { not: above('servers', 0) }] }] };
  const { explain } = after(setup({ busy: { conditions } }), [1, { load: 20, p95: 299.5 }]);
  const [explanation] = explain('busy', 2);
  expect(explanation).toMatchObject({ symptom: 'clear', since: null, summary: 'not raised: p95 299.5 > 300 (0.5 short), and 1 more' });
  expect(explanationLines(explanation!).slice(2, 8)).toEqual([
    '  conditions      false',
    '    ✓ load 20 > 10        1 s old',
    '    ✗ any of',
    '      ✗ p95 299.5 > 300   0.5 ms short, 1 s old',
    '      ✗ not',
    '        ✓ servers 1 > 0',
  ]);
  expect(explanation!.actions[0]!.gates.every(({ is }) => is === 'notReached')).toBe(true);
});

test('unknown: which fact is missing, and why', () => {
  const { explain } = after(setup({ busy: {} }), [1, { p95: 1 }]);
  expect(explain('busy', 1)[0]).toMatchObject({
    symptom: 'unknown',
    summary: expect.stringMatching(/^unknown: load — > 10 \(load: .+\)$/),
  });
  const stale = after(setup({ busy: {} }), [1, { load: 20 }], [70, {}]);
  expect(stale.explain('busy', 70)[0]!.summary).toBe('unknown: load — > 10 (load: stale)');
});

test('who won over it, and all policies by falling priority', () => {
  const grow = (priority: number, by: number) => ({
    priority,
    conditions: { all: [above('load', 10)] },
    actions: [{ command: 'scale', params: { by } }],
    cooldown: '1s',
  });
  const configuration = setup({ less: grow(1, 2), more: grow(9, 1) });
  configuration.types.farm!.properties!.p95 = {};
  const { explain } = after(configuration, [1, { load: 20, p95: 1 }]);
  const [first, second] = explain(undefined, 5);
  expect([first!.policy, second!.policy]).toEqual(['more', 'less']);
  expect(first!.lastActed).toMatchObject({ text: 'scale to 2 on shop', outcome: null, effect: null });
  expect(second!.actions[0]!.heldBy).toMatchObject({ gate: 'lease', winner: first!.lastActed!.command });
  expect(second!.summary).toMatch(/^held back now by lease: shop servers is held by shop\.2\.0$/);
});

test('a manager that observes says what it would do', () => {
  const { explain } = after(setup({ busy: { for: '2s' } }, 'observe'), [1, { load: 20 }]);
  expect(explain('busy', 4)[0]!.summary).toBe('nothing holds it back: it would drain on shop, but only observes');
  expect(after(setup({ busy: { for: '2s' } }), [1, { load: 20 }]).explain('busy', 4)[0]!.summary).toBe(
    'nothing holds it back: the next step will drain on shop',
  );
});

test('to explain changes nothing', () => {
  const { state, explain } = after(setup({ busy: { for: '2s' }, slow: { conditions: { all: [above('p95', 200)] } } }), [
    1,
    { load: 20, p95: 212 },
  ]);
  const before = [...state.dump()];
  explain(undefined, 9);
  expect([...state.dump()]).toEqual(before);
  expect(state.takeChanges()).toEqual([]);
});

test('names that refer to nothing are refused with what was probably meant', () => {
  const { explain: ask, state } = after(setup({ busy: {}, elsewhere: { scope: { element: 'shop/x' } } }), [1, {}]);
  expect(() => ask('bussy', 1)).toThrow('no policy is named "bussy"; did you mean "busy"?');
  expect(() => ask('elsewhere', 1)).toThrow('elsewhere is not about shop: its scope is {"element":"shop/x"}, and shop is a farm');
  expect(() => explain(state, new Derived(state), 'shp', undefined, T0, [])).toThrow('no element is named "shp"; did you mean "shop"?');
});
