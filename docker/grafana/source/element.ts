/** One element: how its properties went, what was done to it, what held that back, and what came of it. */
import { MappingType } from '@grafana/schema';
import { dashboard, decisions } from './dashboard.ts';
import { chart, choice, lanes, table } from './panels.ts';

const THIS = '"element" =~ /^$element$/';
const SHOWN = `${THIS} AND "property" =~ /^$property$/`;

export const element = dashboard({
  uid: 'homeostat-element',
  title: 'Homeostat: one element',
  description: 'The properties of one element, and every decision about it.',
  variables: [
    choice('element', 'element', 'SHOW TAG VALUES FROM "homeostat_reading" WITH KEY = "element"', true),
    choice('property', 'properties', `SHOW TAG VALUES FROM "homeostat_reading" WITH KEY = "property" WHERE ${THIS}`),
  ],
  annotations: decisions(THIS),
  sections: [
    {
      title: 'Readings',
      panels: [
        chart({ title: 'Numbers', description: 'The mean in each span.', width: 24, height: 10 }, [
          {
            query: `SELECT mean("value") FROM "homeostat_reading" WHERE ${SHOWN} AND $timeFilter GROUP BY time($__interval), "property" fill(none)`,
            alias: '$tag_property',
          },
        ]),
        lanes(
          { title: 'Known', description: 'While a property is unknown, no condition on it is true or false.', width: 12, height: 8 },
          [
            {
              query: `SELECT last("known") FROM "homeostat_reading" WHERE ${SHOWN} AND $timeFilter GROUP BY time($__interval), "property" fill(none)`,
              alias: '$tag_property',
            },
          ],
          [
            {
              type: MappingType.ValueToText,
              options: { true: { text: 'known', color: 'green', index: 0 }, false: { text: 'unknown', color: 'orange', index: 1 } },
            },
          ],
        ),
        table(
          { title: 'Values', description: 'The newest of each sort that a property has had.', width: 12, height: 8 },
          {
            query: `SELECT last("value") AS "number", last("text") AS "text", last("flag") AS "true or false", last("known") AS "known" FROM "homeostat_reading" WHERE ${SHOWN} AND $timeFilter GROUP BY "property"`,
          },
          ['Time'],
        ),
      ],
    },
    {
      title: 'Decisions',
      panels: [
        table(
          { title: 'Commands', description: 'What was ordered, by which policy.', width: 12, height: 9 },
          {
            query: `SELECT "command", "params", "policy", "actuator", "id" FROM "homeostat_command" WHERE ${THIS} AND $timeFilter ORDER BY time DESC LIMIT 200`,
          },
        ),
        table(
          { title: 'Outcomes', description: 'What came of it, and how long that took, ms.', width: 12, height: 9 },
          {
            query: `SELECT "command", "status", "took", "detail", "policy", "id" FROM "homeostat_outcome" WHERE ${THIS} AND $timeFilter ORDER BY time DESC LIMIT 200`,
          },
        ),
        table(
          { title: 'Why not', description: 'What held symptoms back, at each change.', width: 24, height: 9 },
          {
            query: `SELECT "policy", "reason", "text" FROM "homeostat_decision" WHERE "kind" =~ /^(held|lost|withheld)$/ AND ${THIS} AND $timeFilter ORDER BY time DESC LIMIT 200`,
          },
        ),
      ],
    },
    {
      title: 'In the long run',
      panels: [
        chart(
          {
            title: 'Numbers, down-sampled',
            description: 'Mean over time, least and greatest of each minute; kept longer than the readings.',
            width: 24,
            height: 9,
          },
          [
            {
              query: `SELECT sum("integral") / sum("seconds") FROM "homeostat_60s"."homeostat_reading_60s" WHERE ${SHOWN} AND $timeFilter GROUP BY time($__interval), "property" fill(none)`,
              alias: '$tag_property',
            },
            {
              query: `SELECT min("min") AS "least", max("max") AS "greatest" FROM "homeostat_60s"."homeostat_reading_60s" WHERE ${SHOWN} AND $timeFilter GROUP BY time($__interval), "property" fill(none)`,
              alias: '$tag_property $col',
            },
          ],
          { interval: '1m' },
        ),
      ],
    },
  ],
});
