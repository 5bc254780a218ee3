/** How values, ages and tables are shown to people. */
import { durationMs, formatMs } from '../duration.ts';
import { HomeostatError } from '../errors.ts';
import type { Value } from '../messages.ts';

/** Shown for what is not known. */
const UNKNOWN = '—';

/** A value as short as it can be without misleading: four significant digits of a fraction, whole numbers whole. */
export function showValue(value: Value | null | undefined, unit?: string): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (unit === 'bytes' && typeof value === 'number') return showBytes(value);
  const text = typeof value === 'number' ? showNumber(value) : String(value);
  return unit === undefined ? text : `${text} ${unit}`;
}

export function showNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) >= 10_000 ? value.toLocaleString('en') : String(value);
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 10_000 ? Math.round(value).toLocaleString('en') : String(rounded);
}

const BYTES = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

function showBytes(value: number): string {
  let [rest, unit] = [value, 0];
  while (Math.abs(rest) >= 1_000 && unit < BYTES.length - 1) [rest, unit] = [rest / 1_000, unit + 1];
  return `${Number(rest.toPrecision(4))} ${BYTES[unit]}`;
}

export const showAge = (ms: number): string => (ms < 0 ? 'just now' : `${formatMs(ms)} old`);

/** Time of day, with the date when it is not that of `now`. Local time, for people. */
export function showTime(instant: number, now: number): string {
  const day = (ms: number) => new Date(ms).toLocaleDateString('sv');
  const time = new Date(instant).toLocaleTimeString('sv');
  return day(instant) === day(now) ? time : `${day(instant)} ${time}`;
}

export const showParams = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');

/** Rows with aligned columns, indented. A column is as wide as its widest cell, the last is not padded. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    `${indent}${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('   ')}`.trimEnd(),
  );
}

export const plural = (n: number, word: string, many = `${word}s`): string => `${showNumber(n)} ${n === 1 ? word : many}`;

/**
 * An instant as people give it: 2026-01-31T12:00:00Z, a time of today (12:00:05), how long ago (-5m), or ms since 1970.
 *
 * @throws HomeostatError H501 if it is none of these
 */
export function instantOf(text: string, wall: number): number {
  if (/^[0-9]{10,}$/.test(text)) return Number(text);
  const ago = /^-([0-9.]+(?:ms|s|m|h|d))$/.exec(text)?.[1];
  if (ago !== undefined) return wall - durationMs(ago);
  const today = /^[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$/.test(text)
    ? `${new Date(wall).toLocaleDateString('sv')}T${text.padStart(5, '0')}`
    : text;
  const instant = Date.parse(today);
  if (!Number.isNaN(instant)) return instant;
  throw new HomeostatError(
    'H501',
    `"${text}" is no time; give 2026-01-31T12:00:00Z, a time of today such as 12:00:05, how long ago such as -5m, or ms since 1970`,
  );
}
