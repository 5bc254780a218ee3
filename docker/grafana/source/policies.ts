/** What policies do: how often they fire, what holds them back, and whether they bring about what they should. */
import { dashboard, decisions } from './dashboard.ts';
import { chart, choice, figure, table } from './panels.ts';

const THESE = '"policy" =~ /^$policy$/';
const D = '"homeostat_decision"';

export const policies = dashboard({
  uid: 'homeostat-policies',
  title: 'Homeostat: policies',
  description: 'Fired, held back and why, and whether the expected effect was seen.',
  variables: [choice('policy', 'policies', `SHOW TAG VALUES FROM ${D} WITH KEY = "policy"`)],
  annotations: decisions(THESE),
  sections: [
    {
      title: 'How often',
      panels: [
        chart(
          { title: 'Fired', description: 'Commands of each policy.', width: 12, height: 8 },
          [
            {
              query: `SELECT count("id") FROM "homeostat_command" WHERE ${THESE} AND $timeFilter GROUP BY time($__interval), "policy" fill(none)`,
              alias: '$tag_policy',
            },
          ],
          { as: 'bars', interval: '10s' },
        ),
        chart(
          {
            title: 'Held back, by reason',
            description: 'The gate, or the rule by which a proposal lost, at each change.',
            width: 12,
            height: 8,
          },
          [
            {
              query: `SELECT count("text") FROM ${D} WHERE "kind" =~ /^(held|lost|withheld)$/ AND ${THESE} AND $timeFilter GROUP BY time($__interval), "reason" fill(none)`,
              alias: '$tag_reason',
            },
          ],
          { as: 'bars', interval: '10s' },
        ),
        table(
          { title: 'Held back, by policy and reason', description: 'In the span that is shown.', width: 12, height: 9 },
          {
            query: `SELECT count("text") AS "times" FROM ${D} WHERE "kind" =~ /^(held|lost|withheld)$/ AND ${THESE} AND $timeFilter GROUP BY "policy", "reason"`,
          },
          ['Time'],
        ),
        table(
          { title: 'Symptoms', description: 'Changes by policy: raised, cleared, not known any more.', width: 12, height: 9 },
          {
            query: `SELECT count("text") AS "times" FROM ${D} WHERE "kind" = 'symptom' AND ${THESE} AND $timeFilter GROUP BY "policy", "reason"`,
          },
          ['Time'],
        ),
      ],
    },
    {
      title: 'What came of it',
      panels: [
        figure(
          {
            title: 'Expected effects',
            description: 'Seen, missed, or not to be known because there are no newer readings.',
            width: 8,
            height: 6,
          },
          {
            query: `SELECT count("text") FROM ${D} WHERE "kind" = 'effect' AND ${THESE} AND $timeFilter GROUP BY "reason"`,
            alias: '$tag_reason',
          },
        ),
        chart(
          { title: 'Expected effects over time', description: 'As they were told.', width: 16, height: 6 },
          [
            {
              query: `SELECT count("text") FROM ${D} WHERE "kind" = 'effect' AND ${THESE} AND $timeFilter GROUP BY time($__interval), "reason" fill(none)`,
              alias: '$tag_reason',
            },
          ],
          { as: 'bars', interval: '10s' },
        ),
        table(
          { title: 'Effects by policy', description: 'In the span that is shown.', width: 8, height: 8 },
          {
            query: `SELECT count("text") AS "times" FROM ${D} WHERE "kind" = 'effect' AND ${THESE} AND $timeFilter GROUP BY "policy", "reason"`,
          },
          ['Time'],
        ),
        table(
          {
            title: 'Outcomes by policy',
            description: 'In the span that is shown, with the longest that one took, ms.',
            width: 16,
            height: 8,
          },
          {
            query: `SELECT count("id") AS "times", max("took") AS "longest", mean("took") AS "mean" FROM "homeostat_outcome" WHERE ${THESE} AND $timeFilter GROUP BY "policy", "status"`,
          },
          ['Time'],
        ),
      ],
    },
  ],
});
