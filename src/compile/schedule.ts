/**
 * Schedules and calendars, from their documents to functions of an instant. The only file that knows cron (croner), and in which a date is made:
 * always of an instant that is given, never of the clock. Zones, and with them the change to summer time, are those of the system's Intl.
 *
 * Whether a schedule is open can change at the full minute only, and at the ends of spans: offsets of zones are whole minutes.
 */
import { Cron } from 'croner';
import type { CalendarDocument, ScheduleDocument, ScheduleEntry } from '../documents/pace.ts';
import { messageOf } from '../errors.ts';
import type { Schedule } from '../knowledge/pace.ts';
import { nearest } from '../suggest.ts';
import { at, type Findings, type Place } from './report.ts';

const MINUTE = 60_000;
/** Days begin and end, in every zone, at a full quarter of an hour (UTC). */
const QUARTER = 15 * MINUTE;
/** No zone is further ahead of UTC. */
const EASTMOST = 15 * 60 * MINUTE;
/** Changes that are looked through for the next opening before the search is put off to then. */
const LOOKED_AT = 1_000;

/** Whether an instant is in it, and when that may change at the earliest; null: never. */
interface Span {
  readonly inside: boolean;
  readonly until: number | null;
}
type Part = (now: number) => Span;
export type Calendars = ReadonlyMap<string, Part>;

const soonest = (...times: (number | null)[]): number | null => times.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null);

const latest = (...times: (number | null)[]): number | null => times.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)));

export function compileCalendars(documents: Readonly<Record<string, CalendarDocument>>, place: Place, findings: Findings): Calendars {
  return new Map(
    Object.entries(documents).map(([name, { zone, days = [], spans = [] }]) => {
      const here = at(place, name);
      const named = new Set(days);
      const sorted = [...named].sort();
      const dayOf = zoneOf(zone, here, findings);
      for (const [i, day] of days.entries())
        if (instantOf(`${day}T00:00Z`) === null)
          findings.error('H003', at(here, 'days', i), `there is no day ${day}`, 'write year-month-day, such as 2026-12-25');
      const parts = spans.map(({ from, until }, i) => between(from, until, at(here, 'spans', i), findings));
      const onDay: Part = (now) => {
        const today = dayOf(now);
        const quarter = (Math.floor(now / QUARTER) + 1) * QUARTER;
        if (named.has(today)) return { inside: true, until: quarter };
        const following = sorted.find((day) => day > today);
        return { inside: false, until: following === undefined ? null : Math.max(quarter, Date.parse(`${following}T00:00Z`) - EASTMOST) };
      };
      return [name, anyOf([onDay, ...parts])] as const;
    }),
  );
}

/** Compiles a schedule; what is wrong becomes a finding. */
export function compileSchedule(document: ScheduleDocument, calendars: Calendars, place: Place, findings: Findings): Schedule {
  const list: readonly ScheduleEntry[] = Array.isArray(document) ? document : [document as ScheduleEntry];
  const parts = list.map((entry, i) => compileEntry(entry, calendars, Array.isArray(document) ? at(place, i) : place, findings));
  return remembering(anyOf(parts), list.map(textOf).join(' or '));
}

/** What was found holds until then, so that a symptom that is looked at each second need not search anew. It changes no answer. */
function remembering(part: Part, text: string): Schedule {
  let found = { from: 0, open: true, next: null as number | null, sure: true, until: 0 as number | null };
  return {
    text,
    at: (now) => {
      if (now < found.from || (found.until !== null && now >= found.until)) {
        const { inside, until } = part(now);
        const { next, sure } = inside ? { next: null, sure: true } : nextOpening(part, until);
        found = { from: now, open: inside, next, sure, until: inside ? until : next };
      }
      return found;
    },
  };
}

function nextOpening(part: Part, first: number | null): { readonly next: number | null; readonly sure: boolean } {
  let when = first;
  for (let looked = 0; when !== null && looked < LOOKED_AT; looked++) {
    const { inside, until } = part(when);
    if (inside) return { next: when, sure: true };
    when = until;
  }
  return { next: when, sure: when === null };
}

/** Those that are inside keep it so until the last of them ends; with none, the first that begins may change it. */
const anyOf =
  (parts: readonly Part[]): Part =>
  (now) => {
    const spans = parts.map((part) => part(now));
    const inside = spans.filter((span) => span.inside);
    return inside.length > 0
      ? { inside: true, until: latest(...inside.map((span) => span.until)) }
      : { inside: false, until: soonest(...spans.map((span) => span.until)) };
  };

const negated =
  (part: Part): Part =>
  (now) => {
    const { inside, until } = part(now);
    return { inside: !inside, until };
  };

const allOf = (parts: readonly Part[]): Part => negated(anyOf(parts.map(negated)));

function compileEntry(entry: ScheduleEntry, calendars: Calendars, place: Place, findings: Findings): Part {
  const parts: Part[] = [];
  if (entry.from !== undefined || entry.until !== undefined) parts.push(between(entry.from, entry.until, place, findings));
  for (const key of ['on', 'notOn'] as const) {
    const named = (entry[key] ?? []).flatMap((name, i) => {
      const calendar = calendars.get(name);
      if (calendar !== undefined) return [calendar];
      findings.error(
        'H005',
        at(place, key, i),
        `no calendar is named "${name}"${nearest(name, [...calendars.keys()])}`,
        'declare it under "calendars" in the manager file',
      );
      return [];
    });
    if (named.length > 0) parts.push(key === 'on' ? anyOf(named) : negated(anyOf(named)));
  }
  zoneOf(entry.zone, place, findings);
  if (entry.cron !== undefined) {
    const cron = cronOf(entry.cron, entry.zone, place, findings);
    if (cron !== undefined) parts.push(cron);
  }
  if (entry.cron === undefined && entry.zone !== undefined)
    findings.error('H003', at(place, 'zone'), 'only a cron needs a zone; a calendar has its own, and an instant its offset', 'remove it');
  if (['cron', 'on', 'notOn', 'from', 'until'].every((key) => !(key in entry)))
    findings.error('H003', place, 'the schedule says nothing', 'give cron, on, notOn, from or until');
  return entry.not === true ? negated(allOf(parts)) : allOf(parts);
}

/** Open in each minute that it matches. */
function cronOf(pattern: string, zone: string | undefined, place: Place, findings: Findings): Part | undefined {
  let cron: Cron;
  const timezone = zone !== undefined && isZone(zone) ? zone : 'UTC';
  try {
    new Cron(pattern, { mode: '5-part', timezone });
    // Of each second, so that a time that comes twice or never when the clock is changed is open twice or never, and is not put off.
    cron = new Cron(`* ${pattern}`, { mode: '6-part', timezone });
  } catch (thrown) {
    findings.error(
      'H003',
      at(place, 'cron'),
      `"${pattern}" is no cron: ${messageOf(thrown)}`,
      'write minute hour day month weekday, such as "* 8-17 * * MON-FRI"',
    );
    return undefined;
  }
  if (cron.nextRun(new Date(0)) === null) {
    findings.error('H003', at(place, 'cron'), `"${pattern}" matches no minute at all`);
    return undefined;
  }
  return (now) => {
    const minute = Math.floor(now / MINUTE) * MINUTE;
    // The minute itself is the next one after its own last second before.
    const next = cron.nextRun(new Date(minute - 1_000))?.getTime() ?? null;
    return next === minute ? { inside: true, until: minute + MINUTE } : { inside: false, until: next };
  };
}

function between(from: string | undefined, until: string | undefined, place: Place, findings: Findings): Part {
  const read = (key: string, text: string | undefined): number | null => {
    const time = text === undefined ? null : instantOf(text);
    if (text !== undefined && time === null)
      findings.error('H003', at(place, key), `there is no instant ${text}`, 'write it such as 2026-01-01T00:00Z');
    return time;
  };
  const [start, end] = [read('from', from), read('until', until)];
  if (start !== null && end !== null && end <= start)
    findings.error('H003', at(place, 'until'), `until ${until} is not after from ${from}`);
  return (now) => {
    if (start !== null && now < start) return { inside: false, until: start };
    return end !== null && now >= end ? { inside: false, until: null } : { inside: true, until: end };
  };
}

/** An ISO instant as ms; null: there is no such day or time. */
function instantOf(text: string): number | null {
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  // A 30th of February is taken for a day in March: the day that comes out must be the one that was written.
  const day = Date.parse(`${text.slice(0, 10)}T00:00Z`);
  return new Date(day).toISOString().slice(0, 10) === text.slice(0, 10) ? time : null;
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-CA', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The day of an instant in a zone, as 2026-12-25. */
function zoneOf(zone: string | undefined, place: Place, findings: Findings): (now: number) => string {
  if (zone !== undefined && !isZone(zone)) {
    const known = Intl.supportedValuesOf('timeZone');
    findings.error(
      'H005',
      at(place, 'zone'),
      `there is no time zone "${zone}"${nearestZone(zone, known)}`,
      'write a name such as Europe/Berlin',
    );
  }
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone !== undefined && isZone(zone) ? zone : 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (now) => format.format(now);
}

/** Of some four hundred names only one that is meant is worth saying. */
const nearestZone = (zone: string, known: readonly string[]): string => {
  const text = nearest(zone, known);
  return text.startsWith('; did') ? text : '';
};

function textOf({ cron, zone, on, notOn, from, until, not }: ScheduleEntry): string {
  const parts = [
    ...(cron === undefined ? [] : [`${cron}${zone === undefined ? '' : ` ${zone}`}`]),
    ...(on === undefined ? [] : [`on ${on.join(', ')}`]),
    ...(notOn === undefined ? [] : [`not on ${notOn.join(', ')}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(until === undefined ? [] : [`until ${until}`]),
  ].join(', ');
  return not === true ? `not (${parts})` : parts;
}
