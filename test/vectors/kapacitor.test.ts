import { played } from './harness.ts';
import { kapacitor } from './kapacitor.ts';

const recording = (...values: readonly number[]): Record<string, string> => ({
  'kapacitor/one.srpl': values.map((value, i) => `db\nrp\ncpu,host=serverA value=${value} 000000000${i + 1}\n`).join(''),
});
const alert = (conditions: object, options: object, expectedEvents: readonly object[]) => ({
  vectors: [
    {
      test: 'one',
      data: '../kapacitor/one.srpl',
      conditions,
      options,
      groupBy: [],
      expectedNotificationCount: expectedEvents.length,
      expectedEvents,
    },
  ],
});
const event = (tSec: number, previous: string, level: string, durationSec: number, value: number) => ({
  id: 'kapacitor/cpu/serverA',
  tSec,
  level,
  previous,
  durationSec,
  value,
});

test('a level lasts until its reset, but only while it is the one that was told', async () => {
  const conditions = { info: '"value" > 10', infoReset: '"value" < 5', crit: '"value" > 20', critReset: '"value" < 15' };
  const data = alert(conditions, {}, [
    event(0, 'OK', 'Info', 0, 11),
    event(1, 'Info', 'Info', 1, 7),
    event(2, 'Info', 'Critical', 2, 21),
    event(3, 'Critical', 'Critical', 3, 16),
    event(4, 'Critical', 'OK', 4, 9),
    event(6, 'OK', 'Info', 0, 12),
  ]);
  expect(await played(kapacitor, data, recording(11, 7, 21, 16, 9, 9, 12))).toEqual(['Kapacitor 1 of 1']);
});

test('without recoveries an end is not told, and the next alert follows the last', async () => {
  const data = alert({ warn: '"value" >= 3' }, { noRecoveries: '' }, [
    event(0, 'OK', 'Warning', 0, 3),
    event(2, 'Warning', 'Warning', 0, 4),
  ]);
  expect(await played(kapacitor, data, recording(3, 1, 4))).toEqual(['Kapacitor 1 of 1']);
});

test('with state changes only the same level is told once', async () => {
  const data = alert({ warn: '"value" >= 3' }, { stateChangesOnly: '' }, [
    event(0, 'OK', 'Warning', 0, 3),
    event(2, 'Warning', 'OK', 2, 1),
  ]);
  expect(await played(kapacitor, data, recording(3, 4, 1, 1))).toEqual(['Kapacitor 1 of 1']);
});

test('a state is counted in points and in time', async () => {
  const states = (node: string, ...expected: readonly number[]) => ({
    test: node,
    data: '../kapacitor/one.srpl',
    conditions: { [node]: '"value" > 5' },
    options: { period: '4s' },
    groupBy: [],
    expectedNotificationCount: null,
    expectedEvents: expected.map((state, tSec) => ({ tSec, state, value: [6, 7, 1, 8][tSec] })),
  });
  const data = { vectors: [states('stateCount', 1, 2, -1, 1), states('stateDuration', 0, 1000, -1, 0)] };
  expect(await played(kapacitor, data, recording(6, 7, 1, 8, 9))).toEqual(['Kapacitor 2 of 2']);
});

test('what comes out otherwise is told', async () => {
  const data = alert({ warn: '"value" >= 3' }, {}, [event(0, 'OK', 'Warning', 0, 3), event(1, 'Warning', 'Warning', 1, 4)]);
  expect(await played(kapacitor, data, recording(3, 2))).toEqual([
    'Kapacitor 0 of 1',
    'FAILED   one: {"id":"kapacitor/cpu/serverA","tSec":1,"value":2,"level":"OK","previous":"Warning","durationSec":1}; ' +
      'expected {"id":"kapacitor/cpu/serverA","tSec":1,"level":"Warning","previous":"Warning","durationSec":1,"value":4}',
  ]);
});
