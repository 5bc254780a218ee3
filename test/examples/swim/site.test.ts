/** The site by itself, on made-up requests: what queueing theory and the exemplar's page say of it. */
import { Aborted, arrivalsOf, randomFrom, reversed, Site, scaled, truncatedNormal } from './modules.ts';

const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;

/** Poisson arrivals, which processor sharing has a formula for. */
function poisson(rate: number, seconds: number, seed = 1) {
  const random = randomFrom(seed);
  return arrivalsOf(Array.from({ length: Math.ceil(rate * seconds) }, () => -Math.log(1 - random()) / rate));
}

const even = (rate: number, seconds: number) => arrivalsOf(Array.from({ length: rate * seconds }, () => 1 / rate));

test('normal numbers that are not negative have the mean that the formula gives', () => {
  const random = randomFrom(1);
  const drawn = Array.from({ length: 100_000 }, () => truncatedNormal(random, 0.03, 0.03));
  // μ + σ·φ(1)/Φ(1); the tolerance is four standard errors of 0.024/√100,000.
  expect(Math.abs(mean(drawn) - (0.03 + (0.03 * 0.24197) / 0.84134))).toBeLessThan(0.0003);
  expect(Math.min(...drawn.slice(0, 10_000))).toBeGreaterThanOrEqual(0);
});

test('the same seed gives the same run, and another one another', () => {
  const [one, same, other] = [1, 1, 2].map((seed) => {
    const site = new Site({ arrivals: poisson(20, 300), seed });
    site.advance(300);
    return site.answered('optional', 0, 300);
  });
  expect(same).toEqual(one);
  expect(other).not.toEqual(one);
});

test('a warm server answers as processor sharing of Poisson arrivals does: s / (1 − load)', () => {
  const site = new Site({ arrivals: poisson(15, 8_000), seed: 3, initialServers: 1, dimmer: 1 });
  const busy = Array.from({ length: 100 }, (_, i) => {
    site.advance(2_000 + 60 * (i + 1));
    return site.utilization('server1')!;
  });
  const load = 15 * 0.03863;
  expect(Math.abs(site.answered('optional', 2_000, 8_000).time / (0.03863 / (1 - load)) - 1)).toBeLessThan(0.05);
  expect(Math.abs(mean(busy) - load)).toBeLessThan(0.02);
});

test('a cold cache makes answers slow at first, and a server that comes back finds its cache as it was', () => {
  const site = new Site({ arrivals: even(10, 3_000), seed: 4, initialServers: 2, bootS: 0, dimmer: 1 });
  site.advance(60);
  const cold = site.answered('optional').time;
  site.advance(2_000);
  const warm = site.answered('optional').time;
  expect(cold).toBeGreaterThan(0.075);
  expect(warm).toBeLessThan(0.045);
  site.removeServer();
  site.advance(2_100);
  site.addServer();
  site.advance(2_200);
  expect(site.answered('optional').time).toBeLessThan(0.045);
});

test('the dimmer is the share of answers with optional content', () => {
  const site = new Site({ arrivals: even(30, 200), seed: 5, dimmer: 0.25 });
  site.advance(200);
  const [basic, optional] = [site.answered('basic', 0, 200).throughput, site.answered('optional', 0, 200).throughput];
  expect(Math.abs(optional / (basic + optional) - 0.25)).toBeLessThan(0.03);
});

test('a server boots for its time, and serves from that instant on', () => {
  const site = new Site({ arrivals: even(1, 200), seed: 6, initialServers: 1, bootS: 60 });
  site.advance(10);
  site.addServer();
  expect([site.servers, site.activeServers, site.booting]).toEqual([2, 1, true]);
  expect(site.utilization('server2')).toBeUndefined();
  site.advance(69.9);
  expect(site.activeServers).toBe(1);
  site.advance(70);
  expect([site.servers, site.activeServers, site.booting]).toEqual([2, 2, false]);
  expect(site.utilization('server2')).toBe(0);
});

test('a server that is removed answers what it has, and is counted until then', () => {
  const site = new Site({ arrivals: even(60, 30), seed: 7, initialServers: 2, dimmer: 1 });
  site.advance(20); // two cold servers take 23/s between them: both have a queue by now
  site.removeServer();
  expect([site.servers, site.activeServers]).toEqual([2, 1]);
  site.advance(100);
  expect([site.servers, site.activeServers]).toEqual([1, 1]);
});

test('what the real simulator does not survive is refused', () => {
  const site = new Site({ arrivals: even(60, 30), seed: 8, initialServers: 2, maxServers: 3, dimmer: 1 });
  site.advance(20);
  site.addServer();
  expect(() => site.addServer()).toThrow(Aborted);
  expect(() => site.removeServer()).toThrow('a server is booting');
  site.advance(100);
  expect(() => site.addServer()).toThrow('as many servers');
  site.removeServer();
  site.removeServer();
  expect(() => site.removeServer()).toThrow('one server only');
});

test('a request that has waited ten seconds is not served', () => {
  const site = new Site({ arrivals: even(100, 60), seed: 9, initialServers: 1, dimmer: 1 });
  site.advance(10_000);
  const answers = Math.round(site.answered('optional', 0, 10_000).throughput * 10_000);
  expect(answers).toBeGreaterThan(100);
  expect(answers).toBeLessThan(2_500); // of 6,000: about 60 + 10 s and the hundred of the threads, at no more than 26/s
});

test('a trace is scaled and turned round without losing its shape', () => {
  const arrivals = even(10, 6_300);
  const count = (list: Float64Array) => list.length / arrivals.length;
  const random = randomFrom(1);
  expect(Math.abs(count(scaled(arrivals, 0.8, random)) - 0.8)).toBeLessThan(0.01);
  expect(Math.abs(count(scaled(arrivals, 1.2, random)) - 1.2)).toBeLessThan(0.01);
  const back = reversed(arrivals);
  expect(back.length).toBe(arrivals.length);
  expect([...back].every((time, i) => i === 0 || time >= back[i - 1]!)).toBe(true);
  expect(back[0]).toBeCloseTo(6_300 - arrivals.at(-1)!);
});
