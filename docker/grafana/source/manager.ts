/** The managers themselves: whether they keep up, how long steps take, and what waits for this very database. */
import { dashboard, decisions } from './dashboard.ts';
import { chart, choice, type Look, table } from './panels.ts';

const THESE = '"manager" =~ /^$manager$/';
const EACH = 'GROUP BY time($__interval), "manager", "partition" fill(none)';

/** Greatest values of figures in each span, a series for each manager and partition. */
const over = (title: string, description: string, fields: Readonly<Record<string, string>>, look: Look = {}) =>
  chart(
    { title, description, width: 12, height: 8 },
    Object.entries(fields).map(([field, called]) => ({
      query: `SELECT max("${field}") FROM "homeostat_manager" WHERE ${THESE} AND $timeFilter ${EACH}`,
      alias: `${called}$tag_manager $tag_partition`,
    })),
    { interval: '10s', min: 0, ...look },
  );

/** How fast counters grow; one that begins anew after a restart is no fall. */
const rate = (title: string, description: string, field: string) =>
  chart(
    { title, description, width: 12, height: 8 },
    [
      {
        query: `SELECT non_negative_derivative(max("${field}"), 1s) FROM "homeostat_manager" WHERE ${THESE} AND $timeFilter ${EACH}`,
        alias: '$tag_manager $tag_partition',
      },
    ],
    { interval: '10s', min: 0 },
  );

export const manager = dashboard({
  uid: 'homeostat-manager',
  title: 'Homeostat: the manager itself',
  description: 'Lag, the time of steps, queues, and the spool of the history.',
  variables: [choice('manager', 'managers', 'SHOW TAG VALUES FROM "homeostat_manager" WITH KEY = "manager"')],
  annotations: decisions(),
  sections: [
    {
      title: 'Keeping up',
      panels: [
        over('Lag', 'How old the oldest input is that waits.', { lag: '' }, { unit: 'ms' }),
        over(
          'Step time',
          'The slowest step of each ten seconds: to decide, to store, and both.',
          { decideMs: 'decide ', commitMs: 'store ', stepMs: 'both ' },
          { unit: 'ms' },
        ),
        rate('Observations', 'Taken in, each second.', 'observations'),
        rate('Steps', 'Made, each second.', 'steps'),
        over('Waiting', 'Events that wait for a step.', { waitingSignals: 'signals ', waitingTelemetry: 'telemetry ' }),
        over('Commands', 'In flight, and being carried out.', { commandsInFlight: 'in flight ', commandsRunning: 'running ' }),
      ],
    },
    {
      title: 'The history',
      panels: [
        over('Spool', 'Points that wait for InfluxDB.', { spoolPoints: '' }),
        over('Spool on disk', 'Bytes that they take, compressed.', { spoolBytes: '' }, { unit: 'bytes' }),
        over('Lost', 'Points dropped because the spool was full, and points that InfluxDB refused, since the start.', {
          dropped: 'dropped ',
          refused: 'refused ',
        }),
      ],
    },
    {
      title: 'Who has what',
      panels: [
        table(
          { title: 'Partitions', description: 'The newest figures of each.', width: 12, height: 8 },
          {
            query: `SELECT last("elements") AS "elements", last("symptoms") AS "symptoms", last("stepMs") AS "step, ms" FROM "homeostat_manager" WHERE ${THESE} AND $timeFilter GROUP BY "manager", "partition"`,
          },
          ['Time'],
        ),
        table(
          { title: 'Starts', description: 'Of managers on a state, in the span that is shown.', width: 12, height: 8 },
          {
            query: `SELECT "journal", "text" FROM "homeostat_decision" WHERE "kind" = 'started' AND $timeFilter ORDER BY time DESC LIMIT 100`,
          },
        ),
      ],
    },
  ],
});
