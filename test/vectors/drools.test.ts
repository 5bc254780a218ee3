import { existsSync } from 'node:fs';
import { drools } from './drools.ts';
import { convert } from './drools-rules.ts';

const DATA = process.env.VECTORS_DATA ?? new URL('../../../shared/data/vectors/', import.meta.url).pathname;
const FILE = `${DATA.replace(/\/$/, '')}/drools_eda.json`;
const there = existsSync(FILE);

(there ? test : test.skip)(`the cases of Drools' own tests give its answers${there ? '' : ` (skipped: there is no ${FILE})`}`, async () => {
  const { total, passed, excused, failures } = await drools(FILE);
  expect(failures).toEqual([]);
  const cases = excused.filter(({ name }) => !name.endsWith('of its steps'));
  expect(cases.map(({ name }) => name)).toEqual([
    'ArrayAccessWithoutIndexTest.testSelectAttrForTwoDimensionArray',
    'RetractTest.testRetractMatchingFacts',
  ]);
  expect({ total, passed }).toEqual({ total: 60, passed: 58 });
});

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
