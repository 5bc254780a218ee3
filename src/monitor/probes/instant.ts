/** Instants as data files write them. Reads no clock. */

/** How a time is written: milliseconds or seconds since 1970, or as in RFC 3339. */
export type TimeFormat = 'ms' | 's' | 'iso';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)$/i;

/** Milliseconds since 1970 (UTC), to a thousandth; undefined if it is not written so. */
export function instantOf(written: unknown, format: TimeFormat): number | undefined {
  if (format === 'iso') return typeof written === 'string' ? parseRfc3339(written.trim()) : undefined;
  const number = typeof written === 'string' && written.trim() !== '' ? Number(written) : written;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return undefined;
  return thousandths(format === 's' ? number * 1_000 : number);
}

const thousandths = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/** With an offset from UTC, as RFC 3339 demands: a local time does not say when it was. */
function parseRfc3339(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) return undefined;
  const zone = match[8]!;
  const sign = zone.startsWith('-') ? -1 : 1;
  const offsetMinutes = zone.toUpperCase() === 'Z' ? 0 : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  const minutes = daysSince1970(year, month, day) * 1_440 + hour * 60 + minute - offsetMinutes;
  const instant = minutes * 60_000 + second * 1_000 + thousandths(Number(`0.${match[7] ?? '0'}`) * 1_000);
  return instant < 0 ? undefined : instant;
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number => (month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);

/** Of a day of the Gregorian calendar: `days_from_civil` of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Years begin in March. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}
