import { played } from './harness.ts';
import { nomad } from './nomad.ts';

const up = (count: number) => ({ direction: 'Up', count });
const down = (count: number) => ({ direction: 'Down', count });
const none = { direction: 'None', count: 0 };
const check = (action: object | null, handler: string | null) => ({ action, handler });
const cases = (more: object): object => ({ threshold: [], targetValue: [], preemptWithinGroup: [], pickWinnerAcrossGroups: [], ...more });

test('a threshold acts when enough of its numbers are within bounds, of which only the lower is', async () => {
  const bounds = { lower_bound: '40', upper_bound: '60', within_bounds_trigger: '2' };
  const threshold = [
    { name: 'up', count: 7, metrics: [40, 59, 60], config: { ...bounds, delta: '3' }, expected: up(10) },
    { name: 'too few', count: 7, metrics: [40, 60, 60], config: { ...bounds, delta: '3' }, expected: none },
    {
      name: 'a share of what is there, away from it',
      count: 7,
      metrics: [50, 50],
      config: { ...bounds, percentage: '-20' },
      expected: down(5),
    },
    { name: 'nothing to do', count: 7, metrics: [50, 50], config: bounds, expectedError: 'nothing to do' },
    { name: 'two things to do', count: 7, metrics: [50, 50], config: { ...bounds, delta: '1', value: '9' }, expectedError: 'two' },
  ];
  expect(await played(nomad, cases({ threshold }))).toEqual(['Nomad 5 of 5']);
});

test('a target is followed in proportion, from nothing as well, with a dead band and no further than allowed', async () => {
  const targetValue = [
    { name: 'up', count: 4, metrics: [99, 30], config: { target: '20' }, expected: up(6) },
    { name: 'near', count: 4, metrics: [21], config: { target: '20', threshold: '0.06' }, expected: none },
    { name: 'from nothing', count: 0, metrics: [50], config: { target: '20' }, expected: up(3) },
    { name: 'no further', count: 4, metrics: [5], config: { target: '20', max_scale_down: '2' }, expected: down(2) },
    { name: 'no numbers', count: 4, metrics: [], config: { target: '20' } },
  ];
  expect(await played(nomad, cases({ targetValue }))).toEqual(['Nomad 5 of 5']);
});

test('the largest of several wins, a content one against fewer; a group is content only as a whole', async () => {
  const pickWinnerAcrossGroups = [
    { name: 'in a group', groups: { one: [check(none, 'a'), check(down(3), 'b')] }, want: down(3), wantHandler: 'b' },
    { name: 'in another', groups: { one: [check(none, 'a')], two: [check(down(3), 'b')] }, want: none, wantHandler: 'a' },
    { name: 'nobody does it', groups: { one: [check(up(8), null)], two: [check(up(4), 'b')] }, want: up(4), wantHandler: 'b' },
  ];
  expect(await played(nomad, cases({ pickWinnerAcrossGroups }))).toEqual(['Nomad 3 of 3']);
});

test('what comes out otherwise is told', async () => {
  const threshold = [
    { name: 'less', count: 7, metrics: [50], config: { lower_bound: '40', within_bounds_trigger: '1', delta: '3' }, expected: up(9) },
    { name: 'taken', count: 7, metrics: [50], config: { lower_bound: '40', delta: '3' }, expectedError: 'bounds' },
  ];
  const preemptWithinGroup = [{ name: 'wrong way', a: up(1), b: down(2), expected: down(2) }];
  expect(await played(nomad, cases({ threshold, preemptWithinGroup }))).toEqual([
    'Nomad 0 of 3',
    'FAILED   threshold: less: Up 10; expected Up 9',
    'FAILED   threshold: taken: the configuration is taken; expected: bounds',
    'FAILED   two checks: wrong way: Up 1; expected Down 2',
  ]);
});
