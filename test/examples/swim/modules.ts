/** What the tests use of examples/swim, which is plain JavaScript, with its types; and where the trace is, which is not ours to ship. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Site {
  readonly now: number;
  readonly servers: number;
  readonly activeServers: number;
  readonly maxServers: number;
  readonly booting: boolean;
  readonly dimmer: number;
  advance(until: number): void;
  utilization(name: string): number | undefined;
  arrivalRate(from?: number, to?: number): number;
  answered(kind: 'basic' | 'optional', from?: number, to?: number): { readonly time: number; readonly throughput: number };
  addServer(): void;
  removeServer(): void;
  setDimmer(value: number): void;
}

export interface Period {
  readonly end: number;
  readonly arrivalRate: number;
  readonly servers: number;
  readonly active: number;
  readonly dimmer: number;
  readonly responseTime: number;
  readonly utility: number;
  readonly late: boolean;
}

interface SiteOptions {
  readonly arrivals: Float64Array;
  readonly seed: number;
  readonly bootS?: number;
  readonly maxServers?: number;
  readonly initialServers?: number;
  readonly dimmer?: number;
}

const load = (name: string) => import(new URL(`../../../examples/swim/${name}.js`, import.meta.url).href);

export const { Site, Aborted } = (await load('site')) as {
  Site: new (options: SiteOptions) => Site;
  Aborted: new () => Error;
};
export const { periodOf, scoreOf, responseTimeOf } = (await load('score')) as {
  periodOf(site: Site): Period;
  scoreOf(periods: readonly Period[]): { readonly score: number; readonly late: number };
  responseTimeOf(site: Site, from: number, to: number): number;
};
export const { arrivalsOf, readGaps, scaled, reversed } = (await load('trace')) as {
  arrivalsOf(gaps: Iterable<number>): Float64Array;
  readGaps(file: string): Float64Array;
  scaled(arrivals: Float64Array, factor: number, random: () => number): Float64Array;
  reversed(arrivals: Float64Array): Float64Array;
};
export const { randomFrom, truncatedNormal } = (await load('random')) as {
  randomFrom(seed: number): () => number;
  truncatedNormal(random: () => number, mean: number, deviation: number): number;
};

/** One run of the real simulator; a row is the end of a period, arrival rate, servers, active ones, dimmer, response time, utility. */
export interface Run {
  readonly config: 'Reactive' | 'Reactive2';
  readonly bootDelay: number;
  readonly maxServers: number;
  readonly utilitySEAMS2017A: number;
  readonly latePeriods: number;
  readonly series: readonly (readonly [number, number, number, number, number, number, number])[];
}

/** Beside the repository if SWIM_DATA does not say otherwise. */
const folder = process.env.SWIM_DATA ?? new URL('../../../../shared/data/swim/', import.meta.url).pathname;
const [trace, oracle] = ['wc_day53-r0-105m-l70.delta', 'oracle_seed0.json'].map((name) => join(folder, name)) as [string, string];

/** The trace and the runs of the real simulator; undefined where they are not on this machine. */
export const data = () =>
  existsSync(trace) && existsSync(oracle)
    ? { arrivals: arrivalsOf(readGaps(trace)), runs: (JSON.parse(readFileSync(oracle, 'utf8')) as { runs: Run[] }).runs }
    : undefined;

/** The manager that the exemplar ships, as its page describes it, by hand: what it does now, at the end of a period; whether it did anything. */
export function reactive(site: Site, deadZone = true): boolean {
  const { now, servers, activeServers, maxServers, dimmer, booting } = site;
  const busy = Array.from({ length: activeServers }, (_, i) => site.utilization(`server${i + 1}`)!).reduce((sum, one) => sum + one, 0);
  if (responseTimeOf(site, now - 60, now) > 0.75) {
    if (!booting && servers < maxServers) site.addServer();
    else if (dimmer > 0) site.setDimmer(Math.max(0, dimmer - 0.25));
    else return false;
    return true;
  }
  if (deadZone && activeServers - busy <= 1) return false;
  if (dimmer < 1) site.setDimmer(Math.min(1, dimmer + 0.25));
  else if (servers > 1 && !booting) site.removeServer();
  else return false;
  return true;
}
