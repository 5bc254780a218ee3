/** The packs of policies in the loop of a site whose load rises and falls, on simulated time. */
import { loadConfiguration } from '../../../src/config.ts';
import { Confirmer } from '../../../src/confirm.ts';
import { durationMs } from '../../../src/duration.ts';
import { Derived } from '../../../src/knowledge/derived.ts';
import { isOwn } from '../../../src/knowledge/own.ts';
import { State } from '../../../src/knowledge/state.ts';
import { step } from '../../../src/step.ts';
import { arrivalsOf, type Period, periodOf, randomFrom, reactive, Site, scoreOf } from './modules.ts';

interface Managed {
  readonly periods: readonly Period[];
  readonly score: number;
  readonly late: number;
  readonly actions: number;
  readonly commands: readonly { readonly atS: number; readonly policy: string; readonly status: string }[];
}
const engine = { loadConfiguration, Confirmer, durationMs, Derived, isOwn, State, step };
const { run, setupOf } = (await import(new URL('../../../bench/swim/loop.js', import.meta.url).href)) as {
  run(engine: object, options: object): Promise<Managed>;
  setupOf(engine: object, options: { pack: string; everyMs?: number; bootS: number }): { setup: object; everyMs: number };
};

const UNTIL_S = 3_600;
const boot = 60;
/** Calm, up to what three servers take in ten minutes, and down again. */
const rateAt = (time: number) => (time < 1_200 ? 10 : time < 1_800 ? 10 + ((time - 1_200) * 50) / 600 : time < 2_700 ? 60 : 20);
const arrivals = (() => {
  const random = randomFrom(7);
  const gaps: number[] = [];
  for (let time = 0; time < UNTIL_S; time += gaps.at(-1)!) gaps.push(-Math.log(1 - random()) / rateAt(time));
  return arrivalsOf(gaps);
})();
const managed = (pack: string, everyMs?: number) =>
  run(engine, {
    ...setupOf(engine, { pack, bootS: boot, ...(everyMs === undefined ? {} : { everyMs }) }),
    arrivals,
    seed: 1,
    bootS: boot,
    untilS: UNTIL_S,
  });

test.each([
  ['reactive', true],
  ['reactive2', false],
])('the policies of %s do in every minute what the shipped manager does', async (pack, deadZone) => {
  const site = new Site({ arrivals, seed: 1, bootS: boot });
  const byHand: Period[] = [];
  let actions = 0;
  for (let time = 60; time <= UNTIL_S; time += 60) {
    site.advance(time);
    byHand.push(periodOf(site));
    if (time < UNTIL_S && reactive(site, deadZone)) actions++;
  }
  const ours = await managed(pack, 60_000);
  expect(ours.periods).toEqual(byHand);
  expect(ours.actions).toBe(actions);
  expect(actions).toBeGreaterThan(8);
});

test('the pack that looks ahead has its servers before they are needed, and no period is late', async () => {
  const [ahead, shipped] = [await managed('ahead'), await managed('reactive', 60_000)];
  expect(ahead.late).toBe(0);
  expect(shipped.late).toBeGreaterThan(2);
  expect(ahead.score).toBeGreaterThan(shipped.score);
  expect(ahead.score).toBeCloseTo(scoreOf(ahead.periods).score);
  const added = ahead.commands.filter(({ policy }) => policy === 'add-server-ahead').map(({ atS }) => atS);
  expect(added).toHaveLength(2);
  expect(rateAt(added[0]!)).toBeLessThan(22);
  expect(rateAt(added[1]!)).toBeLessThan(44);
  expect(ahead.commands.every(({ status }) => status === 'succeeded')).toBe(true);
});
