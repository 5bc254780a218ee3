import { drools } from './drools.ts';
import { convert } from './drools-rules.ts';
import { played } from './harness.ts';

test('a rule becomes a pattern, and a policy that acts on it', () => {
  const { type, policies, rules } = convert({
    default_events_ttl: '10 hours',
    rules: [
      {
        Rule: {
          name: 'r',
          condition: {
            AllCondition: [
              {
                AssignmentExpression: {
                  lhs: { Events: 'first' },
                  rhs: { EqualsExpression: { lhs: { Event: 'a.b[0]' }, rhs: { Integer: '3' } } },
                },
              },
              { EqualsExpression: { lhs: { Event: 'j' }, rhs: { Events: 'first.i' } } },
            ],
          },
          throttle: { once_within: '10 minutes', group_by_attributes: ['event.host'] },
        },
      },
      { Rule: { name: 'off', enabled: false, condition: 'i == 1' } },
    ],
  });
  expect(type.properties).toEqual({
    events: {},
    rule_0_0: {
      gauge: {
        kind: 'pattern',
        of: 'events',
        all: [
          { as: 'first', where: { fact: 'event', path: "$['a']['b'][0]", operator: 'equal', value: 3 } },
          { as: 'm_1', where: { fact: 'event', path: "$['j']", operator: 'equal', value: { fact: 'first', path: "$['i']" } } },
        ],
        within: '10h',
        by: ["$['host']"],
        throttle: { pass: 'first', within: '10m' },
      },
    },
  });
  expect(policies).toMatchObject([{ conditions: { any: [{ fact: 'rule_0_0', operator: 'increased', value: '1ms' }] } }]);
  expect([...rules.values()]).toEqual(['r']);
});

const rule = {
  Rule: {
    name: 'many',
    condition: { AllCondition: [{ EqualsExpression: { lhs: { Event: 'alert' }, rhs: { Boolean: true } } }] },
    throttle: { accumulate_within: '1 minute', threshold: 2 },
  },
};
const vector = (test: string, ...matches: readonly number[]) => ({
  class: 'Own',
  test,
  rules: { rules: [rule] },
  steps: [
    { op: 'event', payload: { alert: true }, expectMatches: matches[0] },
    { op: 'advance', ms: 30_000 },
    { op: 'event', payload: { alert: true }, expectMatches: matches[1] },
    { op: 'stats', field: 'RulesTriggered', expect: 1 },
    { op: 'event', payload: { alert: true }, expectMatches: matches[2] },
  ],
});

test('activations are counted step by step, and statistics are not compared', async () => {
  const told = await played(drools, { vectors: [vector('right', 0, 1, 0), vector('wrong', 0, 1, 1)] });
  const note = (name: string) => `note     Own.${name}: steps that read statistics of the engine are not compared: RulesTriggered`;
  expect(told).toEqual([
    'Drools/EDA 1 of 2',
    note('right'),
    note('wrong'),
    'FAILED   Own.wrong: step 4: 0 activations (), and 1 are expected',
  ]);
});
