import fc from 'fast-check';
import { Findings } from '../../src/compile/report.ts';
import { compileCalendars, compileSchedule } from '../../src/compile/schedule.ts';
import type { CalendarDocument, ScheduleDocument } from '../../src/documents/pace.ts';
import { farm, survives, tick } from './pace.ts';
import { loadFindings } from './pace-findings.ts';
import { START, World } from './world.ts';

const MINUTE = 60_000;
const HOLIDAYS: Record<string, CalendarDocument> = {
  holidays: { zone: 'Europe/Berlin', days: ['2026-12-25', '2026-12-26'] },
  freeze: { spans: [{ from: '2026-12-20T00:00Z', until: '2027-01-02T00:00+01:00' }] },
};

function schedule(document: ScheduleDocument) {
  const findings = new Findings();
  const place = { file: 'f', pointer: '' };
  const compiled = compileSchedule(document, compileCalendars(HOLIDAYS, place, findings), place, findings);
  expect(findings.list).toEqual([]);
  return compiled;
}
const open = (document: ScheduleDocument, instant: string) => schedule(document).at(Date.parse(instant)).open;
const next = (document: ScheduleDocument, instant: string) => {
  const at = schedule(document).at(Date.parse(instant)).next;
  return at === null ? null : new Date(at).toISOString().replace(':00.000Z', 'Z');
};
const OFFICE = { cron: '* 8-17 * * MON-FRI', zone: 'Europe/Berlin' };

describe('when a schedule is open', () => {
  test('in each minute that its cron matches, in its zone', () => {
    expect(open(OFFICE, '2026-01-05T06:59:59.999Z')).toBe(false);
    expect(open(OFFICE, '2026-01-05T07:00:00Z')).toBe(true);
    expect(open(OFFICE, '2026-01-05T16:59:59.999Z')).toBe(true);
    expect(open(OFFICE, '2026-01-05T17:00:00Z')).toBe(false);
    expect(open(OFFICE, '2026-07-06T06:00:30Z')).toBe(true);
    expect(open(OFFICE, '2026-01-04T10:00:00Z')).toBe(false);
  });

  test('a time that comes twice in a night is open twice, one that never comes never', () => {
    const night = { cron: '30 2 * * *', zone: 'Europe/Berlin' };
    expect(['00:30', '01:30', '02:30'].map((time) => open(night, `2026-10-25T${time}:10Z`))).toEqual([true, true, false]);
    const spring = schedule(night);
    for (let t = Date.parse('2026-03-28T20:00Z'); t < Date.parse('2026-03-29T20:00Z'); t += MINUTE) expect(spring.at(t).open).toBe(false);
    expect(next(night, '2026-03-28T20:00Z')).toBe('2026-03-30T00:30Z');
  });

  test('on the days of a calendar, in the zone of the calendar, and in its spans', () => {
    expect(open({ on: ['holidays'] }, '2026-12-24T22:59:59Z')).toBe(false);
    expect(open({ on: ['holidays'] }, '2026-12-24T23:00:00Z')).toBe(true);
    expect(open({ on: ['holidays'] }, '2026-12-26T23:00:00Z')).toBe(false);
    expect(open({ on: ['freeze'] }, '2027-01-01T22:59:59Z')).toBe(true);
    expect(open({ on: ['freeze'] }, '2027-01-01T23:00:00Z')).toBe(false);
    expect(open({ ...OFFICE, notOn: ['holidays'] }, '2026-12-25T10:00Z')).toBe(false);
    expect(open({ ...OFFICE, notOn: ['holidays'] }, '2026-12-24T10:00Z')).toBe(true);
  });

  test('from and until, turned round, and any of a list', () => {
    const year = { from: '2026-01-01T00:00Z', until: '2027-01-01T00:00Z' };
    expect(open(year, '2025-12-31T23:59:59.999Z')).toBe(false);
    expect(open(year, '2026-01-01T00:00Z')).toBe(true);
    expect(open(year, '2027-01-01T00:00Z')).toBe(false);
    expect(open({ ...OFFICE, not: true }, '2026-01-05T10:00Z')).toBe(false);
    expect(open({ ...OFFICE, not: true }, '2026-01-05T20:00Z')).toBe(true);
    expect(open([OFFICE, { cron: '* * * * SUN' }], '2026-01-04T10:00Z')).toBe(true);
    expect(open([OFFICE, { cron: '* * * * SUN' }], '2026-01-03T10:00Z')).toBe(false);
  });

  test('when it opens next is found across weekends, holidays and spans; never is never', () => {
    expect(next(OFFICE, '2026-01-02T20:00Z')).toBe('2026-01-05T07:00Z');
    expect(next({ ...OFFICE, notOn: ['holidays', 'freeze'] }, '2026-12-18T20:00Z')).toBe('2027-01-04T07:00Z');
    expect(next({ on: ['holidays'] }, '2026-12-24T12:00Z')).toBe('2026-12-24T23:00Z');
    expect(next({ ...OFFICE, not: true }, '2026-01-05T10:00Z')).toBe('2026-01-05T17:00Z');
    expect(next({ until: '2020-01-01T00:00Z' }, '2026-01-05T10:00Z')).toBe(null);
    expect(next([{ from: '2030-01-01T00:00Z' }, { from: '2031-01-01T00:00Z' }], '2026-01-05T10:00Z')).toBe('2030-01-01T00:00Z');
  });

  test('over random hours, days, zones and instants it is what the clock of the zone says, and opens when it says', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/St_Johns'];
    const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
    const arbitrary = fc.record({
      zone: fc.constantFrom(...zones),
      from: fc.integer({ min: 0, max: 23 }),
      to: fc.integer({ min: 0, max: 23 }),
      weekdays: fc.subarray(days, { minLength: 1 }),
      at: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) }),
    });
    fc.assert(
      fc.property(arbitrary, ({ zone, from, to, weekdays, at }) => {
        const [low, high] = [Math.min(from, to), Math.max(from, to)];
        const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
        const expected = (t: number) => {
          const parts = Object.fromEntries(format.formatToParts(t).map(({ type, value }) => [type, value]));
          return weekdays.includes(parts.weekday!) && Number(parts.hour) >= low && Number(parts.hour) <= high;
        };
        const { at: ask } = schedule({ cron: `* ${low}-${high} * * ${weekdays.join(',').toUpperCase()}`, zone });
        const found = ask(at);
        expect(found.open).toBe(expected(at));
        if (found.next === null) return;
        expect([expected(found.next - 1), expected(found.next)]).toEqual([false, true]);
        for (let i = 1; i < 20; i++) expect(expected(at + ((found.next - 1 - at) * i) / 20)).toBe(false);
        expect(ask(found.next).open).toBe(true);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('gate schedule', () => {
  // The runs of these tests begin on Friday, the 1st of January 1971, at 00:00 UTC.
  const given = farm([{ schedule: { cron: '10-19,40 * * * *' } }]);

  test('holds while it is closed, with the next opening, at which it acts without any reading', () => {
    const world = new World(given);
    tick(world, 30, { size: 6 });
    expect(world.heldBy('follow', 'shop')).toBe('schedule');
    expect(world.kinds('held')[0]!.data.reason).toBe('10-19,40 * * * * is closed, and opens in 10 min');
    expect(world.state.nextDue()).toBe(START + 600_000);
    expect(world.runTo(600).flatMap((r) => r.commands.map((c) => c.params.to))).toEqual([6]);
  });

  test('kills and reloads change nothing', () => {
    const deeds = survives(given, [
      [30, { size: 6 }],
      [601, {}],
      [1_250, { size: 9 }],
      [1_300, {}],
      [2_401, {}],
    ]);
    expect(deeds).toEqual([
      [600, 'scale', 6],
      [2_400, 'scale', 9],
    ]);
  });

  test('calendars come from the manager file', () => {
    const calendars = { first: { days: ['1971-01-01'] } };
    const world = new World(farm([{ schedule: { notOn: ['first'] } }], { calendars }));
    tick(world, 30, { size: 6 });
    expect(world.runTo(86_399).flatMap((r) => r.commands)).toEqual([]);
    expect(world.runTo(86_400).flatMap((r) => r.commands)).toHaveLength(1);
  });
});

test.each([
  ['/policies/0/schedule/cron', { cron: '* 25 * * *' }, /"\* 25 \* \* \*" is no cron/, /minute hour day month weekday/],
  ['/policies/0/schedule/cron', { cron: '* * * * * *' }, /is no cron/, /minute hour/],
  ['/policies/0/schedule/cron', { cron: '0 0 30 2 *' }, /matches no minute at all/, undefined],
  [
    '/policies/0/schedule/zone',
    { cron: '* * * * *', zone: 'Europe/Berln' },
    /no time zone "Europe\/Berln"; did you mean "Europe\/Berlin"\?/,
    /Europe\/Berlin/,
  ],
  ['/policies/0/schedule/zone', { from: '2026-01-01T00:00Z', zone: 'Europe/Berlin' }, /only a cron needs a zone/, /remove it/],
  [
    '/policies/0/schedule/notOn/0',
    { notOn: ['holiday'] },
    /no calendar is named "holiday"; did you mean "holidays"\?/,
    /under "calendars"/,
  ],
  ['/policies/0/schedule', {}, /says nothing/, /give cron/],
  ['/policies/0/schedule/from', { from: '2026-02-30T00:00Z' }, /there is no instant/, /2026-01-01T00:00Z/],
  ['/policies/0/schedule/until', { from: '2026-02-03T00:00Z', until: '2026-02-03T00:00Z' }, /is not after/, undefined],
])('what is wrong with a schedule is told with its place and remedy: %s %j', (pointer, wrong, message, remedy) => {
  const findings = loadFindings({ schedule: wrong }, { calendars: { holidays: { days: ['2026-12-25'] } } });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ pointer, message: expect.stringMatching(message) });
  if (remedy !== undefined) expect(findings[0]!.remedy).toMatch(remedy);
});

test('what is wrong with a calendar is told too', () => {
  const findings = loadFindings({}, { calendars: { odd: { zone: 'Nowhere/City', days: ['2026-02-30'] } } });
  expect(findings.map(({ pointer }) => pointer)).toEqual(['/calendars/odd/zone', '/calendars/odd/days/0']);
});
