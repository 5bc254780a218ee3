/** What the manager file says of InfluxDB: defaults, and mistakes that the schema cannot see. */
import { loadConfiguration } from '../../src/config.ts';
import type { InfluxDocument } from '../../src/documents/history.ts';
import { layoutOf } from '../../src/history/layout.ts';
import { MANAGER, makeFolder } from '../api/manager.ts';

const GIVEN: InfluxDocument = { url: 'http://127.0.0.1:8086', database: 'homeostat' };
const findings = (influx: object) =>
  loadConfiguration(makeFolder({ ...MANAGER, history: { influx: { ...GIVEN, ...influx } } }).file).findings.map(
    ({ code, pointer, severity }) => [severity, code, pointer],
  );

test('without a word more than url and database there are a month of readings and three months of minutes', () => {
  const day = 86_400_000;
  expect(layoutOf(GIVEN)).toMatchObject({
    raw: { name: 'homeostat', keepMs: 30 * day },
    spans: [{ name: 'homeostat_60s', everyMs: 60_000, keepMs: 90 * day }],
    resolutionMs: 1_000,
    repeatMs: 60_000,
    warmMs: day,
    batch: 5_000,
    ageMs: 1_000,
    spoolBytes: 268_435_456,
  });
  expect(layoutOf({ ...GIVEN, retention: { name: 'x', keep: '7d' }, downsample: [] })).toMatchObject({
    raw: { name: 'x', keepMs: 7 * day },
    spans: [],
  });
});

test.each([
  [{}, []],
  [{ retention: { keep: '59m' } }, [['error', 'H003', '/history/influx/retention/keep']]],
  [{ downsample: [{ every: '1m', keep: '1s' }] }, [['error', 'H003', '/history/influx/downsample/0/keep']]],
  [{ downsample: [{ every: '5s', keep: '1d' }] }, [['error', 'H003', '/history/influx/downsample/0/every']]],
  [{ downsample: [{ every: '10.5s', keep: '1d' }] }, [['error', 'H003', '/history/influx/downsample/0/every']]],
  [
    {
      downsample: [
        { every: '60s', keep: '1d' },
        { every: '1m', keep: '2d' },
      ],
    },
    [['error', 'H003', '/history/influx/downsample/1/every']],
  ],
  [{ password: { env: 'P' } }, [['error', 'H003', '/history/influx/password']]],
  [{ username: 'u', token: { env: 'T' } }, [['error', 'H003', '/history/influx/token']]],
  [{ password: 'secret', username: 'u' }, [['error', 'H003', '/history/influx/password']]],
  [{ url: 'http://user:secret@127.0.0.1:8086' }, [['error', 'H003', '/history/influx/url']]],
  [{ batch: 0 }, [['error', 'H003', '/history/influx/batch']]],
  [{ keeep: '1d' }, [['error', 'H004', '/history/influx/keeep']]],
])('%j', (influx, expected) => {
  expect(findings(influx)).toEqual(expected);
});
