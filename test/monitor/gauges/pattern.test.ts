import fc from 'fast-check';
import type { GaugeDocument } from '../../../src/documents/manager.ts';
import { HomeostatError } from '../../../src/errors.ts';
import type { Value } from '../../../src/messages.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import { feeder } from './harness.ts';

const is = (path: string, value: unknown, fact = 'event') => ({ fact, path, operator: 'equal', value });
const kind = (name: string) => ({ where: is('$.kind', name) });
const event = (fields: object): Value => JSON.stringify(fields);

/** A pattern, and the number of its matches after each event: [seconds, event]; an instant alone is a moment at which nothing comes. */
function matches(document: object, happenings: readonly (readonly [seconds: number, event?: object | Value])[]): (Value | undefined)[] {
  const gauge = feeder({ kind: 'pattern', ...document });
  return happenings.map(([seconds, what]) => {
    if (what !== undefined) gauge.observe(seconds * 1_000, typeof what === 'object' ? event(what) : what);
    gauge.sense(() => undefined, seconds * 1_000);
    return gauge.read(seconds * 1_000).value;
  });
}

const refusal = (document: object): string => {
  try {
    createGauge({ kind: 'pattern', ...document } as GaugeDocument);
  } catch (thrown) {
    if (thrown instanceof HomeostatError) return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
  return 'taken';
};

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

test('what cannot be meant is refused, with its place', () => {
  expect(refusal({})).toBe('H007 pattern: it needs one of event, any, all, sequence, notAll, absence, count; found none');
  expect(refusal({ event: {}, any: [{}] })).toMatch(/found event and any$/);
  expect(refusal({ absence: {} })).toBe('H007 pattern: "absence" needs "within", such as "5m"');
  expect(refusal({ event: {}, within: '5s' })).toMatch(/"within" means nothing beside "event"/);
  expect(refusal({ count: { atLeast: 200 }, within: '5s' })).toMatch(/let "keep" be 200 or more/);
  expect(refusal({ event: { where: { fact: 'event', operator: 'greaterThen', value: 1 } } })).toBe(
    'H104 pattern: /event/where/operator: unknown operator "greaterThen"; did you mean "greaterThan"?; take the suggested one; they are listed in docs/conditions.md',
  );
  expect(refusal({ all: [{ as: 'first' }, { where: { any: [is('$.a', 1, 'frist')] } }] })).toMatch(
    /^H103 pattern: \/all\/1\/where\/any\/0: no event before it is named "frist"; did you mean "first"\?/,
  );
  expect(refusal({ any: [{ as: 'first' }, { where: is('$.a', 1, 'first') }] })).toMatch(/^H103/);
  expect(refusal({ event: { where: { fact: 'event', operator: 'changed', value: '5s' } } })).toBe(
    'H104 pattern: /event/where/operator: an event has no past, which "changed" asks about',
  );
  expect(refusal({ event: { where: { expression: 'event.a >' } } })).toMatch(/^H107/);
  expect(refusal({ event: { where: is('$.a[?(@.b)]', 1) } })).toMatch(/^H121 pattern: \/event\/where\/path/);
  expect(refusal({ event: {}, by: ['$[?(1)]'] })).toMatch(/^H121/);
  expect(refusal({ all: [{ as: 'a' }, { as: 'a' }] })).toMatch(/there is "a" already/);
  expect(refusal({ event: {}, gives: { fact: 'other' } })).toMatch(/no step is named "other"/);
});

/** Small events with times that do not fall. */
const story = fc
  .array(fc.record({ gap: fc.nat(6), kind: fc.constantFrom('a', 'b', 'c'), id: fc.nat(2) }), { maxLength: 40 })
  .map((events) => {
    let at = 0;
    return events.map(({ gap, kind: what, id }) => {
      at += gap;
      return { at, kind: what, id };
    });
  });
const total = (document: object, events: readonly { at: number; kind: string; id: number }[], until?: number): Value | undefined => {
  const gauge = feeder({ kind: 'pattern', ...document });
  for (const { at, ...fields } of events) gauge.observe(at, event(fields));
  if (until !== undefined) gauge.sense(() => undefined, until);
  return gauge.read(until ?? 0).value;
};

describe('by the definition', () => {
  test('a sequence: from each event that could begin it, by the next that fit, with none in two matches', () => {
    const kinds = ['a', 'b', 'a', 'c'];
    fc.assert(
      fc.property(story, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 30 }), (events, length, within) => {
        const used = new Set<number>();
        const ends = new Set<number>();
        let count = 0;
        for (const [i, last] of events.entries()) {
          for (let start = 0; start < i && !ends.has(i); start++) {
            const chain: number[] = [];
            for (let j = start; j < i && chain.length < length - 1; j++) {
              const { at, kind: what } = events[j]!;
              // It begins with its own first event, and what ended a match is offered to no other.
              if (ends.has(j) || at - events[start]!.at >= within) continue;
              if (what === kinds[chain.length]) chain.push(j);
              else if (j === start) break;
            }
            if (chain[0] !== start || chain.length < length - 1 || last.kind !== kinds[length - 1]) continue;
            if (last.at - events[start]!.at >= within || chain.some((j) => used.has(j))) continue;
            for (const j of [...chain, i]) used.add(j);
            ends.add(i);
            count++;
          }
        }
        expect(total({ sequence: kinds.slice(0, length).map(kind), within: `${within}ms` }, events)).toBe(count);
      }),
    );
  });

  test('a join of two: the oldest that goes together and is still there', () => {
    const joined = {
      all: [{ as: 'one', where: is('$.kind', 'a') }, { where: { all: [is('$.kind', 'b'), is('$.id', { fact: 'one', path: '$.id' })] } }],
    };
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 30 }), (events, within) => {
        let left: typeof events = [];
        let count = 0;
        for (const one of events) {
          left = left.filter(({ at }) => one.at - at < within);
          const other = left.find(({ kind: what, id }) => id === one.id && [what, one.kind].sort().join('') === 'ab');
          if (other !== undefined) {
            left = left.filter((it) => it !== other);
            count++;
          } else if (one.kind !== 'c') left.push(one);
        }
        expect(total({ ...joined, within: `${within}ms` }, events)).toBe(count);
      }),
    );
  });

  test('an absence: the stretches between events of a group that are as long as the time', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 12 }), (events, within) => {
        const until = (events.at(-1)?.at ?? 0) + 20;
        const stretches = [0, 1, 2].flatMap((id) => {
          const times = events.filter((one) => one.id === id && one.kind === 'a').map(({ at }) => at);
          return times.map((at, i) => (times[i + 1] ?? until) - at);
        });
        expect(total({ absence: kind('a'), within: `${within}ms`, by: ['$.id'] }, events, until)).toBe(
          stretches.filter((ms) => ms >= within).length,
        );
      }),
    );
  });

  test('not all: one that begins when none is under way, and whose others do not come', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 20 }), (events, within) => {
        const until = (events.at(-1)?.at ?? 0) + 40;
        const rest = [...events];
        let count = 0;
        for (let one = rest.shift(); one !== undefined; one = rest.shift()) {
          const { at: begin, kind: first } = one;
          const end = rest.findIndex(({ at }) => at >= begin + within);
          const inTime = rest.slice(0, end < 0 ? rest.length : end);
          const second = inTime.findIndex((it) => it.kind !== first);
          const third = inTime.findIndex((it) => it.kind !== first && it.kind !== inTime[second]?.kind);
          if (third < 0) count++;
          rest.splice(0, third < 0 ? inTime.length : third + 1);
        }
        expect(total({ notAll: ['a', 'b', 'c'].map(kind), within: `${within}ms` }, events, until)).toBe(count);
      }),
    );
  });

  test('counts and throttles: windows that slide, and windows that their first match opens', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 20 }), (events, n, within) => {
        const times = events.filter((one) => one.kind === 'a').map(({ at }) => at);
        let [counted, sliding] = [0, [] as number[]];
        for (const at of times) {
          sliding = [...sliding.filter((t) => at - t < within), at];
          if (sliding.length < n) continue;
          counted++;
          sliding = [];
        }
        expect(total({ count: { ...kind('a'), atLeast: n }, within: `${within}ms` }, events)).toBe(counted);
        let [firsts, nths, from, held] = [0, 0, Number.NEGATIVE_INFINITY, 0];
        for (const at of times) {
          if (at - from < within) continue;
          from = at;
          firsts++;
        }
        from = Number.NEGATIVE_INFINITY;
        for (const at of times) {
          if (at - from >= within) [from, held] = [at, 0];
          if (++held === n) [from, nths] = [Number.NEGATIVE_INFINITY, nths + 1];
        }
        const throttle = (pass: 'first' | 'last' | number) =>
          total({ event: kind('a'), throttle: { pass, within: `${within}ms` } }, events, 10_000);
        expect([throttle('first'), throttle('last'), throttle(n)]).toEqual([firsts, firsts, nths]);
      }),
    );
  });
});
