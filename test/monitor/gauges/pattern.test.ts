import { event, is, kind, matches } from './events.ts';
import { feeder } from './harness.ts';

describe('events', () => {
  test('a text that holds a JSON object is an event with fields; any other value is itself', () => {
    expect(
      matches({ event: { where: is('$.user.name', 'eva') } }, [
        [1, { user: { name: 'eva' } }],
        [2, { user: 'eva' }],
        [3, 'eva'],
        [4, '{broken'],
      ]),
    ).toEqual([1, 1, 1, 1]);
    const over = { event: { where: { fact: 'event', operator: 'greaterThan', value: 5 } } };
    expect(
      matches(over, [
        [1, 6],
        [2, 5],
        [3, 'six'],
        [4, 7],
      ]),
    ).toEqual([1, 1, 1, 2]);
    expect(
      matches({ event: {} }, [
        [1, 6],
        [2, true],
      ]),
    ).toEqual([1, 2]);
  });

  test('what is missing is unknown, and unknown is no match; `unknown` asks whether it is missing', () => {
    const not = { event: { where: { not: is('$.level', 'low') } } };
    expect(
      matches(not, [
        [1, { level: 'high' }],
        [2, {}],
        [3, { level: null }],
      ]),
    ).toEqual([1, 1, 2]);
    const missing = { fact: 'event', path: '$.meta.token', operator: 'unknown', value: true };
    expect(
      matches({ event: { where: missing } }, [
        [1, { meta: { token: 1 } }],
        [2, { meta: {} }],
        [3, {}],
        [4, { meta: { token: null } }],
      ]),
    ).toEqual([0, 1, 2, 2]);
    expect(
      matches({ event: { where: { ...missing, operator: 'not:unknown' } } }, [
        [1, { meta: { token: 1 } }],
        [2, {}],
      ]),
    ).toEqual([1, 1]);
  });

  test('paths lead into lists, decorators ask about some or all of them, and expressions calculate', () => {
    const some = { fact: 'event', path: '$.alerts[*].labels.job', operator: 'someFact:equal', value: 'db' };
    expect(
      matches({ event: { where: some } }, [
        [1, { alerts: [{ labels: { job: 'web' } }, { labels: { job: 'db' } }] }],
        [2, { alerts: [] }],
      ]),
    ).toEqual([1, 1]);
    const more = { expression: 'event.now > 2 * event.before' };
    expect(
      matches({ event: { where: { any: [more, is('$.now', 0)] } } }, [
        [1, { now: 5, before: 2 }],
        [2, { now: 4, before: 2 }],
        [3, { now: 5 }],
        [4, { now: 0 }],
      ]),
    ).toEqual([1, 1, 1, 2]);
  });

  test('`any` is one match for an event that fits one or more of them', () => {
    const document = { any: [kind('a'), { where: is('$.level', 1) }] };
    expect(
      matches(document, [
        [1, { kind: 'a', level: 1 }],
        [2, { kind: 'b' }],
        [3, { level: 1 }],
      ]),
    ).toEqual([1, 1, 2]);
  });

  test('`gives` reads a part of the newest match in place of their number', () => {
    const gauge = feeder({ kind: 'pattern', event: { where: { not: is('$.user', 'root') } }, gives: { fact: 'event', path: '$.user' } });
    expect(gauge.read(0)).toEqual({ why: 'nothing has matched yet' });
    gauge.observe(1_000, event({ user: 'eva' }));
    gauge.observe(2_000, event({ user: 'root' }));
    expect(gauge.read(2_000)).toEqual({ value: 'eva' });
    gauge.observe(3_000, event({ user: { name: 'bo' } }));
    expect(gauge.read(3_000)).toEqual({ why: 'the newest match has no such part' });
  });

  test('parts that are too long to be kept, and numbers that JSON cannot keep, count as missing', () => {
    const has = { event: { where: { fact: 'event', path: '$.part', operator: 'unknown', value: false } } };
    expect(
      matches(has, [
        [1, { part: 'x'.repeat(900) }],
        [2, { part: 'x'.repeat(1_100) }],
        [3, '{"part":1e999}'],
        [4, `{"part":1,"rest":"${'x'.repeat(20_000)}"}`],
      ]),
    ).toEqual([1, 1, 1, 1]);
  });
});

test('an event that nests very deeply stalls and breaks nothing', () => {
  const deep = `{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`;
  const asks = (path: string) => ({ fact: 'event', path, operator: 'unknown', value: true });
  expect(matches({ event: { where: { any: [asks('$.a'), asks('$..b'), asks('')] } } }, [[1, deep]])).toEqual([1]);
});

describe('all', () => {
  test('an event for each step, in any order, each of them in one match only', () => {
    const document = { all: [kind('a'), kind('b')], within: '10s' };
    expect(
      matches(document, [
        [1, { kind: 'b' }],
        [2, { kind: 'a' }],
        [3, { kind: 'a' }],
        [4, { kind: 'a' }],
        [5, { kind: 'b' }],
        [6, { kind: 'b' }],
        [7, { kind: 'b' }],
      ]),
    ).toEqual([0, 1, 1, 1, 2, 3, 3]);
  });

  test('an event expires: all of a match lie within the time', () => {
    const document = { all: [kind('a'), kind('b'), kind('c')], within: '10s' };
    expect(
      matches(document, [
        [0, { kind: 'a' }],
        [8, { kind: 'b' }],
        [11, { kind: 'c' }],
        [15, { kind: 'a' }],
      ]),
    ).toEqual([0, 0, 0, 1]);
    // Just the time apart is too far.
    expect(
      matches({ all: [kind('a'), kind('b')], within: '10s' }, [
        [0, { kind: 'a' }],
        [10, { kind: 'b' }],
        [19.999, { kind: 'a' }],
      ]),
    ).toEqual([0, 0, 1]);
  });

  test('a step may compare with the event of one before it, whichever came first', () => {
    const document = {
      all: [
        { as: 'order', where: is('$.kind', 'order') },
        { where: { all: [is('$.kind', 'paid'), is('$.id', { fact: 'order', path: '$.id' })] } },
      ],
    };
    expect(
      matches(document, [
        [1, { kind: 'paid', id: 2 }],
        [2, { kind: 'order', id: 1 }],
        [3, { kind: 'order', id: 2 }],
        [4, { kind: 'paid', id: 1 }],
        [5, { kind: 'paid', id: 1 }],
      ]),
    ).toEqual([0, 0, 1, 2, 2]);
    const plus = { all: [{ as: 'first', where: is('$.i', 0) }, { where: { expression: 'event.i == first.i + 2' } }] };
    expect(
      matches(plus, [
        [1, { i: 2 }],
        [2, { i: 1 }],
        [3, { i: 0 }],
      ]),
    ).toEqual([0, 0, 1]);
  });

  test('an event that stays does not expire, and is part of a match with each that it goes together with', () => {
    const document = { all: [{ ...kind('linux'), stays: true }, kind('patch')], within: '10s' };
    expect(
      matches(document, [
        [1, { kind: 'linux' }],
        [2, { kind: 'linux' }],
        [3, { kind: 'patch' }],
        [500, { kind: 'patch' }],
        [501, { kind: 'linux' }],
      ]),
    ).toEqual([0, 0, 2, 4, 4]);
    // One that waits is completed by a state, and used up.
    expect(
      matches(document, [
        [1, { kind: 'patch' }],
        [2, { kind: 'linux' }],
        [3, { kind: 'linux' }],
      ]),
    ).toEqual([0, 1, 1]);
  });

  test('`by` keeps events apart, and one without such a field is none', () => {
    const document = { all: [kind('a'), kind('b')], by: ['$.host', '$.port'] };
    expect(
      matches(document, [
        [1, { kind: 'a', host: 1, port: 1 }],
        [2, { kind: 'b', host: 1, port: 2 }],
        [3, { kind: 'b', host: 1 }],
        [4, { kind: 'b', host: 1, port: 1 }],
      ]),
    ).toEqual([0, 0, 0, 1]);
  });

  test('what is kept is bounded: the oldest goes first, which explain tells', () => {
    const gauge = feeder({ kind: 'pattern', all: [kind('a'), kind('b')], keep: 3, by: ['$.id'] });
    for (let id = 0; id < 5; id++) gauge.observe(id * 1_000, event({ kind: 'a', id }));
    for (const id of [2, 3, 4, 0, 1]) gauge.observe(6_000 + id, event({ kind: 'b', id }));
    expect(gauge.read(7_000).value).toBe(3);
    expect(gauge.gauge.tells!(gauge.memo, 8_000)).toBe('3 matched, the newest 2 s ago, 2 kept in 2 groups, 2 went for want of room');
    expect(JSON.stringify(gauge.memo).length).toBeLessThan(500);
  });

  test('a join of many steps over many events ends', () => {
    const differs = (n: number) => ({
      as: `s${n}`,
      where: { all: [is('$.kind', `k${n}`), ...(n === 0 ? [] : [{ expression: `event.i != s${n - 1}.i && event.i < 0` }])] },
    });
    const gauge = feeder({ kind: 'pattern', all: Array.from({ length: 8 }, (_, n) => differs(n)), keep: 1_000 });
    for (let i = 1; i < 200; i++) gauge.observe(i, event({ kind: `k${i % 8}`, i }));
    expect(gauge.read(700).value).toBe(0);
  });
});

describe('sequence', () => {
  const login = {
    sequence: [
      { as: 'failed', where: is('$.login', 'failed') },
      { where: is('$.login', 'failed') },
      { as: 'entered', where: is('$.login', 'entered') },
    ],
    within: '1m',
    by: ['$.user'],
  };

  test('events in this order, whatever comes between, and again only with others', () => {
    const [failed, entered] = [
      { login: 'failed', user: 'eva' },
      { login: 'entered', user: 'eva' },
    ];
    expect(
      matches(login, [
        [1, failed],
        [2, entered],
        [3, { other: 1, user: 'eva' }],
        [4, failed],
        [5, { ...entered, user: 'bo' }],
        [6, entered],
        [7, entered],
      ]),
    ).toEqual([0, 0, 0, 0, 0, 1, 1]);
    // The newest two of many will do: attempts begin at each.
    expect(
      matches(login, [
        [1, failed],
        [50, failed],
        [70, failed],
        [80, entered],
      ]),
    ).toEqual([0, 0, 0, 1]);
    expect(
      matches(login, [
        [1, failed],
        [50, failed],
        [61, entered],
      ]),
    ).toEqual([0, 0, 0]);
  });

  test('an event that lies before the one that it should follow does not', () => {
    const gauge = feeder({ kind: 'pattern', sequence: [kind('a'), kind('b')] });
    gauge.observe(5_000, event({ kind: 'a' }));
    gauge.observe(4_000, event({ kind: 'b' }), { late: true });
    expect(gauge.read(5_000).value).toBe(0);
    gauge.observe(5_000, event({ kind: 'b' }));
    expect(gauge.read(5_000).value).toBe(1);
  });
});
