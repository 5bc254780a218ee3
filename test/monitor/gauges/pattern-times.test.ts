import { event, is, kind, matches } from './events.ts';
import { feeder } from './harness.ts';

describe('time-outs', () => {
  test('`notAll`: it begins with the first that fits, and is a match exactly when the time is over', () => {
    const document = { notAll: [kind('ping'), kind('stopped')], within: '10s' };
    expect(
      matches(document, [[1, { kind: 'stopped' }], [10.999], [11], [30], [31, { kind: 'ping' }], [40.999, { kind: 'stopped' }], [60]]),
    ).toEqual([0, 0, 1, 1, 1, 1, 1]);
    const gauge = feeder({ kind: 'pattern', ...document, gives: { fact: 'event', path: '$.id' } });
    gauge.observe(1_000, event({ kind: 'ping', id: 7 }));
    gauge.observe(2_000, event({ kind: 'ping', id: 8 }));
    expect(gauge.read(2_000)).toMatchObject({ nextAt: 11_000 });
    gauge.sense(() => undefined, 11_000);
    expect(gauge.read(11_000)).toEqual({ value: 7 });
  });

  test('`absence`: none since the last one, once for each silence', () => {
    const document = { absence: kind('beat'), within: '5s', by: ['$.id'] };
    expect(
      matches(document, [
        [0],
        [10],
        [11, { kind: 'beat', id: 1 }],
        [15, { kind: 'beat', id: 1 }],
        [19.9],
        [20],
        [90],
        [91, { kind: 'beat', id: 1 }],
        [92, { kind: 'beat', id: 2 }],
        [100],
      ]),
    ).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 3]);
  });

  test('`absence` after an event of another sort: a question without its answer', () => {
    const document = {
      absence: {
        where: { all: [is('$.kind', 'answer'), is('$.id', { fact: 'asked', path: '$.id' })] },
        after: { as: 'asked', where: is('$.kind', 'question') },
      },
      within: '5s',
      gives: { fact: 'asked', path: '$.id' },
    };
    expect(
      matches(document, [
        [1, { kind: 'question', id: 'a' }],
        [2, { kind: 'question', id: 'b' }],
        [3, { kind: 'answer', id: 'a' }],
        [6.9],
        [7],
        [50, { kind: 'answer', id: 'b' }],
      ]),
    ).toEqual([undefined, undefined, undefined, undefined, 'b', 'b']);
  });

  test('an event that was in time is, however late the step; one that comes after its time-out is not', () => {
    const document = { kind: 'pattern', absence: kind('beat'), within: '5s' };
    const slow = feeder(document);
    slow.observe(1_000, event({ kind: 'beat' }));
    slow.observe(5_999, event({ kind: 'beat' }));
    slow.sense(() => undefined, 8_000);
    expect(slow.read(8_000)).toEqual({ value: 0, nextAt: 10_999 });
    const quick = feeder(document);
    quick.observe(1_000, event({ kind: 'beat' }));
    quick.sense(() => undefined, 6_000);
    quick.observe(5_999, event({ kind: 'beat' }));
    expect(quick.read(8_000)).toMatchObject({ value: 1, nextAt: 10_999 });
    // And one that shows that the time was over tells so, although no step was made in between.
    const late = feeder(document);
    late.observe(1_000, event({ kind: 'beat' }));
    late.observe(6_000, event({ kind: 'beat' }));
    expect(late.read(6_000).value).toBe(1);
  });

  test('when the manager was away, what is waited for is waited for again', () => {
    const gauge = feeder({ kind: 'pattern', absence: kind('beat'), within: '5s' });
    gauge.observe(1_000, event({ kind: 'beat' }));
    gauge.gauge.restarted!(gauge.memo, 20_000);
    gauge.sense(() => undefined, 20_000);
    expect(gauge.read(20_000)).toEqual({ value: 0, nextAt: 25_000 });
  });

  test('exact rule 9: values that were dropped on the way lower the confidence, and end what is waited for', () => {
    const gauge = feeder({ kind: 'pattern', absence: { where: is('$.kind', 'answer'), after: kind('question') }, within: '5s' });
    gauge.observe(1_000, event({ kind: 'question' }));
    gauge.observe(2_000, event({ kind: 'other' }), { coalesced: 3 });
    gauge.sense(() => undefined, 6_500);
    expect(gauge.read(6_500)).toEqual({ value: 0, confidence: 0.4, nextAt: 7_000 });
    expect(gauge.read(7_000)).toEqual({ value: 0 });
  });
});

describe('count and throttle', () => {
  const alert = (host: string) => ({ kind: 'alert', host });

  test('`count`: so many within the time, used up by their match', () => {
    const document = { count: { ...kind('alert'), atLeast: 3 }, within: '10s', by: ['$.host'] };
    expect(
      matches(document, [
        [1, alert('a')],
        [2, alert('a')],
        [3, alert('b')],
        [10.9, alert('a')],
        [11, alert('a')],
        [12, alert('a')],
        [25, alert('a')],
        [26, alert('a')],
        [27, alert('a')],
      ]),
    ).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 2]);
  });

  test('late values enter windows, as exact rule 9 has it', () => {
    const gauge = feeder({ kind: 'pattern', count: { atLeast: 3 }, within: '10s' });
    gauge.observe(11_000, 1);
    gauge.observe(15_000, 1);
    gauge.observe(5_000, 1, { late: true });
    expect(gauge.read(15_000).value).toBe(0);
    gauge.observe(5_001, 1, { late: true });
    expect(gauge.read(15_000).value).toBe(1);
  });

  test('`first`: then silent for the window, for each group', () => {
    const document = { event: kind('alert'), by: ['$.host'], throttle: { pass: 'first', within: '10s' } };
    expect(
      matches(document, [
        [1, alert('a')],
        [4, alert('a')],
        [4, alert('b')],
        [10.9, alert('a')],
        [11, alert('a')],
        [20, alert('a')],
      ]),
    ).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test('`last`: one when the window ends, and what it gives is the newest', () => {
    const document = {
      event: kind('alert'),
      by: ['$.host'],
      throttle: { pass: 'last', within: '10s' },
      gives: { fact: 'event', path: '$.n' },
    };
    expect(
      matches(document, [[1, { ...alert('a'), n: 1 }], [4, { ...alert('a'), n: 2 }], [10.9], [11], [90, { ...alert('a'), n: 3 }], [100]]),
    ).toEqual([undefined, undefined, undefined, 2, 2, 3]);
  });

  test('a number: each n-th within the window, which begins again with each', () => {
    const document = { event: kind('alert'), throttle: { pass: 2, within: '10s' } };
    expect(
      matches(document, [
        [1, alert('a')],
        [2, alert('a')],
        [3, alert('a')],
        [14, alert('a')],
        [15, alert('a')],
        [16, alert('a')],
      ]),
    ).toEqual([0, 1, 1, 1, 2, 2]);
  });

  test('a throttle holds time-outs too, at their exact times', () => {
    const document = { absence: kind('alert'), within: '5s', throttle: { pass: 'last', within: '5s' } };
    expect(matches(document, [[1, alert('a')], [6], [7, alert('a')], [10.9], [11], [12], [17]])).toEqual([0, 0, 0, 0, 1, 1, 2]);
  });
});
