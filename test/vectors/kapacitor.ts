/** Kapacitor: alerts with levels, resets, recoveries and state changes; how long and how often a state has lasted. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLines } from '../../src/api/feeds/line-protocol.ts';
import { type Case, type Family, inputsOf, readData } from './family.ts';
import { type Point, type Script, writtenAlert, writtenState } from './kapacitor-script.ts';
import { play, type Sent } from './play.ts';

/** What the neighbour told: an alert, or the state at a point. */
interface Told {
  readonly id?: string;
  readonly tSec: number;
  readonly level?: string;
  readonly previous?: string;
  readonly durationSec?: number;
  readonly state?: number;
  readonly value: number;
}

interface KapacitorCase extends Script {
  readonly test: string;
  readonly data: string;
  readonly expectedNotificationCount: number | null;
  readonly expectedEvents: readonly Told[];
}

/** All scripts read this measurement and field, and those that read alerts this host: `from().measurement(…).where(…)`, which the file leaves out. */
const [MEASUREMENT, FIELD, HOST] = ['cpu', 'value', 'serverA'];

/** A recording: for each point the database, the retention policy, and the point in line protocol, with its time in whole seconds. */
export function recorded(text: string): (Point & { readonly host: string })[] {
  const points: (Point & { readonly host: string })[] = [];
  const lines = text.split('\n').filter((_, i) => i % 3 === 2);
  const refuse = ({ text: line, reason }: { text: string; reason: string }): never => {
    throw new Error(`${line}: ${reason}`);
  };
  parseLines(
    lines.join('\n'),
    ({ measurement, tags, fields, timestamp }) => {
      const value = fields.find(([name]) => name === FIELD)?.[1];
      const host = tags.get('host')!;
      if (measurement === MEASUREMENT && typeof value === 'number')
        points.push({ at: timestamp!, element: `kapacitor/${MEASUREMENT}/${host}`, value, host });
    },
    refuse,
  );
  return points;
}

/** Its clock begins with the first point, ours a second before. */
const secondsOf = ({ at }: Sent): number => Math.round(at) - 1;

const toldBy = (sent: Sent): Told => {
  const { level, previous, seconds, state, value } = sent.params;
  const common = { id: sent.element, tSec: secondsOf(sent), value: value as number };
  return state === undefined
    ? { ...common, level: level as string, previous: previous as string, durationSec: seconds as number }
    : { ...common, state: state as number };
};

/** Sums are made in another order here and there: what differs in the last digits is the same number. */
const same = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)) : a === b;

const differs = (is: Told | undefined, expected: Told | undefined): boolean =>
  // An id that is no path of series is made of nothing: the script groups by nothing.
  is === undefined ||
  Object.entries(expected ?? { none: 0 }).some(([key, value]) =>
    key === 'id' && !`${value}`.startsWith('kapacitor/') ? false : !same(is[key as keyof Told], value),
  );

async function compare(one: KapacitorCase, folder: string): Promise<readonly string[]> {
  const file = join(folder, 'vectors', one.data);
  if (!existsSync(file)) return [`there is no ${file}`];
  const script = inputsOf<Script>(one);
  const ofState = Object.keys(script.conditions).some((key) => key.startsWith('state'));
  const points = recorded(readFileSync(file, 'utf8')).filter(({ host }) => ofState || host === HOST);
  const played = await play((ofState ? writtenState : writtenAlert)(script, points));
  if (played.refused.length > 0) return played.refused.map(({ pointer, message }) => `refused: ${pointer} ${message}`);
  const told = played.sent.filter(({ command }) => command === 'alert' || command === 'tell').map(toldBy);
  const { expectedNotificationCount: count, expectedEvents: expected } = one;
  const wrong = count === null || told.length === count ? [] : [`${told.length} alerts; expected ${count}`];
  if (expected.length === 0) return wrong;
  // What tracks a state shows a window of it, series by series.
  const until = Number.parseInt(script.options.period ?? 'Infinity', 10) || Number.POSITIVE_INFINITY;
  const shown = ofState
    ? told.filter(({ tSec }) => tSec < until).sort((a, b) => (a.id! < b.id! ? -1 : a.id! > b.id! ? 1 : a.tSec - b.tSec))
    : told;
  const most = Math.max(shown.length, expected.length);
  for (let i = 0; i < most; i++)
    if (differs(shown[i], expected[i]))
      wrong.push(`${JSON.stringify(shown[i] ?? 'nothing')}; expected ${JSON.stringify(expected[i] ?? 'nothing')}`);
  return wrong;
}

const FILE = 'vectors/kapacitor_alert.json';

export const kapacitor: Family = {
  name: 'Kapacitor',
  file: FILE,
  cases: (folder) => {
    const { vectors } = readData(folder, FILE) as { readonly vectors: readonly KapacitorCase[] };
    return vectors.map((one): Case => ({ name: one.test, play: () => compare(one, folder) }));
  },
};
