/** The summary of the canary's run, as Homeostat knows it; `examples/web-farm/verify-canary.js` counts it again from raw logs. */
import { FARMS, HARM } from './canary-place.ts';
import { type CanaryRecording, canary, deedsOfNew, type Series } from './canary-script.ts';
import type { PromiseKept } from './promises.ts';

/** Of one farm, from when the new version was tried. */
export interface FarmSummary {
  readonly fewestServers: number | null;
  readonly p95Ms: { readonly worst: number | null; readonly last: number | null };
}

export interface CanarySummary {
  readonly example: string;
  readonly variant: 'canary';
  readonly startedAt: string;
  readonly durationMs: number;
  /** The versions of the files of policies that decided about each farm. */
  readonly versions: { readonly old: string | null; readonly new: string | null };
  readonly withdrawnAfterMs: number | null;
  readonly reason: string | null;
  /** From its withdrawal until the farm was well again. */
  readonly wellAfterMs: number | null;
  /** Elements on which the new version has given commands. */
  readonly actedOn: readonly string[];
  readonly farms: Readonly<Record<string, FarmSummary>>;
  readonly managerRestarts: number;
  readonly replayVerified: boolean;
}

export function summarizeCanary({ deeds, journal, history }: CanaryRecording, replayVerified: boolean): CanarySummary {
  const timeOf = (event: string) => deeds.find((deed) => deed.event === event)?.time ?? Number.NaN;
  const [began, withdrawn] = [canary(journal, 'running'), canary(journal, 'withdrawn')];
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const [started, well] = [deeds[0]?.time ?? Number.NaN, timeOf('well')];
  const before = journal.find(({ kind, element, data }) => kind === 'command' && element === FARMS.stays && data.set !== undefined);
  return {
    example: 'web-farm',
    variant: 'canary',
    startedAt: new Date(started).toISOString(),
    durationMs: timeOf('over') - started,
    versions: { old: text(before?.data.set), new: text(began?.data.set) },
    withdrawnAfterMs: began && withdrawn ? withdrawn.time - began.time : null,
    reason: withdrawn?.text ?? null,
    wellAfterMs: withdrawn ? well - withdrawn.time : null,
    actedOn: [...new Set(deedsOfNew(journal).map(({ element = '' }) => element))].sort(),
    farms: Object.fromEntries(Object.entries(history).map(([farm, series]) => [farm, farmOf(series, timeOf('tried'), timeOf('over'))])),
    managerRestarts: deeds.filter(({ event }) => event === 'managerStarted').length - 1,
    replayVerified,
  };
}

function farmOf({ p95, servers }: { readonly p95: Series; readonly servers: Series }, from: number, to: number): FarmSummary {
  const during = (series: Series) =>
    series.filter(([time, value]) => time >= from && time <= to && value !== null).map(([, value]) => Number(value));
  // What it was when the new version came counts too.
  const atFirst = servers.findLast(([time]) => time <= from)?.[1];
  const sizes = [...(atFirst === undefined ? [] : [Number(atFirst)]), ...during(servers)];
  const times = during(p95);
  return {
    fewestServers: sizes.length === 0 ? null : Math.min(...sizes),
    p95Ms: {
      worst: times.length === 0 ? null : Math.round(Math.max(...times)),
      last: times.length === 0 ? null : Math.round(times.at(-1)!),
    },
  };
}

/** What this run of the demo promises, and whether it kept it. */
export function canaryPromises(summary: CanarySummary): readonly PromiseKept[] {
  const { withdrawnAfterMs, wellAfterMs, actedOn, farms, versions } = summary;
  const [stays, tried] = [farms[FARMS.stays], farms[FARMS.tried]];
  const seconds = (ms: number | null) => (ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`);
  const below = (value: number | null | undefined, limit: number) => typeof value === 'number' && value < limit;
  return [
    { name: 'acted', kept: actedOn.length > 0, text: `the new version ${versions.new} acts where it is tried: on ${actedOn.join(', ')}` },
    {
      name: 'apart',
      kept: actedOn.every((element) => element === FARMS.tried || element.startsWith(`${FARMS.tried}/`)),
      text: 'and nowhere else',
    },
    {
      name: 'worse',
      kept: !below(tried?.p95Ms.worst, HARM.p95) && tried?.p95Ms.worst !== null,
      text: `it makes things worse there: 95 of 100 answers come within ${tried?.p95Ms.worst} ms, with ${tried?.fewestServers} of 3 servers`,
    },
    {
      name: 'untouched',
      kept: below(stays?.p95Ms.worst, HARM.p95) && stays?.fewestServers === 3,
      text: `the other farm does not suffer: never above ${stays?.p95Ms.worst} ms, never below ${stays?.fewestServers} servers`,
    },
    { name: 'withdrawn', kept: withdrawnAfterMs !== null, text: `it is withdrawn by itself: after ${seconds(withdrawnAfterMs)}` },
    {
      name: 'well',
      kept: wellAfterMs !== null && below(tried?.p95Ms.last, 250),
      text: `its predecessor makes the farm well again: ${seconds(wellAfterMs)} later, ${tried?.p95Ms.last} ms at the end`,
    },
    {
      name: 'managerKilled',
      kept: summary.managerRestarts === 1,
      text: `the manager was killed meanwhile and started again: ${summary.managerRestarts}`,
    },
    { name: 'replay', kept: summary.replayVerified, text: `every decision can be derived again: ${summary.replayVerified ? 'yes' : 'no'}` },
  ];
}
