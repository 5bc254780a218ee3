/** A real manager on real processes, killed with SIGKILL at every fail point and at random moments. The long run: `npm run crash`. */
import { POINTS } from './crash-points.ts';
import { series } from './crash-series.ts';

test('after each of 30 kills the state is that of the last committed step, timers go on, nothing is done twice, and no process is lost', async () => {
  const { kills, found } = await series({ runs: 30, seed: 3 });
  expect([...kills.keys()].sort()).toEqual([...POINTS, 'random'].sort());
  expect([...kills.values()].reduce((a, b) => a + b)).toBe(30);
  expect(found.restarts).toBeGreaterThan(15);
  expect(found.commands).toBeGreaterThan(50);
  expect(found.fors).toBeGreaterThan(0);
  expect(found.cooldowns).toBeGreaterThan(0);
}, 300_000);
