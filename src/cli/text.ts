/** How values, ages and tables are shown to people. */
import { formatMs } from '../duration.ts';
import type { Value } from '../messages.ts';

/** Shown for what is not known. */
export const UNKNOWN = '—';

/** A value as short as it can be without misleading: four significant digits of a fraction, whole numbers whole. */
export function showValue(value: Value | null | undefined, unit?: string): string {
  if (value === null || value === undefined) return UNKNOWN;
  const text = typeof value === 'number' ? showNumber(value) : String(value);
  return unit === undefined ? text : `${text} ${unit}`;
}

export function showNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) >= 10_000 ? value.toLocaleString('en') : String(value);
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 10_000 ? Math.round(value).toLocaleString('en') : String(rounded);
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
