/** All at one glance: what there is, what is wrong with it, what was done about it, and what was held back. */
import { dashboard, decisions } from './dashboard.ts';
import { chart, choice, figure, table } from './panels.ts';

const D = '"homeostat_decision"';
const TYPED = '"type" =~ /^$type$/';

export const overview = dashboard({
  uid: 'homeostat-overview',
  title: 'Homeostat: overview',
  description: 'Elements, symptoms, commands, and what is held back by which gate.',
  variables: [choice('type', 'type', 'SHOW TAG VALUES FROM "homeostat_reading" WITH KEY = "type"')],
  annotations: decisions(),
  sections: [
    {
      title: 'Now',
      panels: [
        figure(
          { title: 'Elements', description: 'In the models of all managers.', width: 4, height: 4 },
          {
            query:
              'SELECT sum("elements") FROM (SELECT last("elements") AS "elements" FROM "homeostat_manager" WHERE $timeFilter GROUP BY "manager", "partition")',
          },
        ),
        figure(
          { title: 'Symptoms', description: 'Raised now.', width: 4, height: 4 },
          {
            query:
              'SELECT sum("symptoms") FROM (SELECT last("symptoms") AS "symptoms" FROM "homeostat_manager" WHERE $timeFilter GROUP BY "manager", "partition")',
          },
        ),
        figure(
          { title: 'Commands in flight', description: 'Sent, or succeeded with their effect awaited.', width: 4, height: 4 },
          {
            query:
              'SELECT sum("n") FROM (SELECT last("commandsInFlight") AS "n" FROM "homeostat_manager" WHERE $timeFilter GROUP BY "manager", "partition")',
          },
        ),
        figure(
          { title: 'Commands', description: 'In the span that is shown.', width: 4, height: 4 },
          { query: `SELECT count("id") FROM "homeostat_command" WHERE ${TYPED} AND $timeFilter` },
        ),
        figure(
          { title: 'Outcomes', description: 'In the span that is shown, by status.', width: 8, height: 4 },
          { query: `SELECT count("id") FROM "homeostat_outcome" WHERE ${TYPED} AND $timeFilter GROUP BY "status"`, alias: '$tag_status' },
        ),
      ],
    },
    {
      title: 'What happened',
      panels: [
        chart(
          { title: 'Commands', description: 'Committed, by what they order.', width: 12, height: 8 },
          [
            {
              query: `SELECT count("id") FROM "homeostat_command" WHERE ${TYPED} AND $timeFilter GROUP BY time($__interval), "command" fill(none)`,
              alias: '$tag_command',
            },
          ],
          { as: 'bars', interval: '10s' },
        ),
        chart(
          {
            title: 'Held back',
            description: 'By the gate that holds a symptom back, at each change of it; a command that was withheld is here too.',
            width: 12,
            height: 8,
          },
          [
            {
              query: `SELECT count("text") FROM ${D} WHERE "kind" =~ /^(held|lost|withheld)$/ AND ${TYPED} AND $timeFilter GROUP BY time($__interval), "reason" fill(none)`,
              alias: '$tag_reason',
            },
          ],
          { as: 'bars', interval: '10s' },
        ),
        chart(
          { title: 'Symptoms', description: 'Raised at each time, by manager and partition.', width: 12, height: 8 },
          [
            {
              query:
                'SELECT max("symptoms") FROM "homeostat_manager" WHERE $timeFilter GROUP BY time($__interval), "manager", "partition" fill(none)',
              alias: '$tag_manager $tag_partition',
            },
          ],
          { interval: '10s', min: 0 },
        ),
        chart(
          { title: 'Changes of symptoms', description: 'Raised, cleared, or not known any more.', width: 12, height: 8 },
          [
            {
              query: `SELECT count("text") FROM ${D} WHERE "kind" = 'symptom' AND ${TYPED} AND $timeFilter GROUP BY time($__interval), "reason" fill(none)`,
              alias: '$tag_reason',
            },
          ],
          { as: 'bars', interval: '10s' },
        ),
      ],
    },
    {
      title: 'Lists',
      panels: [
        table(
          { title: 'Elements', description: 'The newest number of each property; at most 500.', width: 10, height: 12 },
          {
            query: `SELECT last("value") AS "value" FROM "homeostat_reading" WHERE ${TYPED} AND $timeFilter GROUP BY "element", "property" SLIMIT 500`,
          },
          ['Time'],
        ),
        table(
          { title: 'Decisions', description: 'The newest 200 entries of the journal.', width: 14, height: 12 },
          { query: `SELECT "kind", "element", "policy", "reason", "text" FROM ${D} WHERE $timeFilter ORDER BY time DESC LIMIT 200` },
        ),
      ],
    },
  ],
});
