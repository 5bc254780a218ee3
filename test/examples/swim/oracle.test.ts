/**
 * The site beside the real simulator, on the real trace: the same decisions at the same times as each of its twelve recorded runs. Its random numbers are not
 * ours, so what is compared are three runs of ours with one of its own, within tolerances that say how far chance goes. Without the trace, which is not ours to
 * ship, nothing of this runs: see examples/swim/README.md.
 */
import { data, type Period, periodOf, type Run, Site, scoreOf } from './modules.ts';

const given = data();
const ifGiven = given === undefined ? test.skip : test;
const SEEDS = [0, 1, 2];
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!;

/**
 * What a run did before its first recorded minute: by its counts one step of the dimmer and two removals. When, is not in it. Its caches are then those of a site
 * that kept its servers for some ten minutes: the first too cold, and the third too warm, for removals after two and three.
 */
const BEFORE: Readonly<Record<number, (site: Site) => void>> = {
  60: (site) => site.setDimmer(1),
  540: (site) => site.removeServer(),
  600: (site) => site.removeServer(),
};

/** The recorded decisions, at their times. */
function replayed(run: Run, seed: number): Period[] {
  const site = new Site({ arrivals: given!.arrivals, seed, bootS: run.bootDelay, maxServers: run.maxServers });
  const periods: Period[] = [];
  for (let time = 60; time <= 6_300; time += 60) {
    site.advance(time);
    periods.push(periodOf(site));
    const next = run.series[(time - 900) / 60];
    BEFORE[time]?.(site);
    if (time < 900 || next === undefined) continue;
    const servers = Math.round(next[2]);
    if (servers > site.servers) site.addServer();
    else if (servers < site.servers) site.removeServer();
    site.setDimmer(next[4]);
  }
  return periods;
}

const played = new Map((given?.runs ?? []).map((run) => [run, SEEDS.map((seed) => replayed(run, seed).slice(15))]));
const each = (check: (run: Run, ours: readonly (readonly Period[])[]) => void) => {
  for (const [run, ours] of played) check(run, ours);
};

ifGiven('requests come at the rates that it counted, to one request a minute', () => {
  // The trace is not random. It counts by its own reports, which come a moment before the minute; the last minute was cut short by its end.
  each((run, [ours]) => {
    const off = run.series.slice(0, -1).map(([, rate], i) => Math.abs(rate - ours![i]!.arrivalRate));
    expect(Math.max(...off)).toBeLessThan(1.01 / 60 + 0.001);
  });
});

ifGiven('servers and dimmer are what it had, boots and drains included', () => {
  // 0.1: how long a queue takes to drain is chance. Overloaded queues are left out, for they take a hundred times as long.
  each((run, [ours]) => {
    for (const [i, [, , servers, active, dimmer, time]] of run.series.entries()) {
      if (time > 0.5 || (run.series[i - 1]?.[5] ?? 0) > 0.5) continue;
      const period = ours![i]!;
      expect(Math.abs(period.servers - servers)).toBeLessThan(0.1);
      expect(Math.abs(period.active - active)).toBeLessThan(0.1);
      expect(period.dimmer).toBeCloseTo(dimmer, 5);
    }
  });
});

ifGiven('without overload its response times are ours: each minute within a quarter, and on average within a twentieth', () => {
  // A minute has some 500 answers with a deviation as large as their mean: 5 % of chance in it, three times that at two in three of capacity.
  each((run, ours) => {
    const ratios = run.series.flatMap(([, , , , , time], i) => {
      const middle = median(ours.map((periods) => periods[i]!.responseTime));
      return time < 0.07 && middle < 0.07 ? [time / middle] : [];
    });
    expect(ratios.length).toBeGreaterThan(40);
    const outside = ratios.filter((ratio) => ratio < 0.75 || ratio > 1.25);
    expect(outside.length / ratios.length).toBeLessThan(0.05);
    expect(Math.abs(ratios.reduce((sum, one) => sum + one, 0) / ratios.length - 1)).toBeLessThan(0.05);
  });
});

ifGiven('the same periods are late, but for those near the limit', () => {
  // Near capacity a backlog is chance: whether a minute ends at 0.6 or at 1.2 s differs between two runs of either simulator.
  each((run, ours) => {
    const differs = run.series.filter(([, , , , , time], i) => {
      const all = ours.map((periods) => periods[i]!.responseTime);
      return time > 0.75 ? Math.max(...all) < 0.75 : Math.min(...all) > 0.75;
    });
    expect(differs.length).toBeLessThanOrEqual(2);
  });
});

ifGiven('late periods and scores of all runs together are as many', () => {
  const late = { theirs: 0, ours: 0 };
  const score = { theirs: 0, ours: 0 };
  each((run, ours) => {
    const totals = ours.map((periods) => scoreOf(periods));
    late.theirs += run.latePeriods;
    late.ours += median(totals.map((one) => one.late));
    score.theirs += run.utilitySEAMS2017A;
    score.ours += median(totals.map((one) => one.score));
  });
  expect(Math.abs(late.ours / late.theirs - 1)).toBeLessThan(0.1);
  expect(Math.abs(score.ours / score.theirs - 1)).toBeLessThan(0.06);
});
