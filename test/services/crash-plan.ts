/** Which kills are tried, from a seed: every fail point in turn, and random moments between them. */
import type { Kill } from './crash-chain.ts';
import type { Point } from './crash-points.ts';

/** A generator of numbers in [0, 1) (mulberry32, Tommy Ettinger, public domain): the same seed, the same numbers. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One chain. An inquiry comes after a kill that surely leaves a command whose actuator can be asked. */
const CHAIN: readonly (Point | 'random')[] = [
  'beforeCommit',
  'afterCommit',
  'random',
  'beforeFlush',
  'afterFlush',
  'beforeDispatch',
  'random',
  'beforeSpawn',
  'afterInquiry',
  'afterDispatch',
  'random',
  'afterSpawn',
  'beforeInquiry',
  'beforeOutcome',
  'afterOutcome',
];

const RANDOM_MS = { least: 150, most: 1_500 };

/** How often a point may be passed at most before the kill: what comes rarely is not waited for long. */
const passings = (point: Point): number =>
  point.endsWith('Inquiry') ? 1 : point.endsWith('Spawn') ? 3 : point.endsWith('Commit') ? 60 : 12;

/** The kills of chains, `runs` in all, with the name that each is counted by. */
export function planOf(runs: number, random: () => number): { readonly name: Point | 'random'; readonly kill: Kill }[][] {
  const kills = Array.from({ length: runs }, (_, i) => {
    const name = CHAIN[i % CHAIN.length]!;
    if (name !== 'random') return { name, kill: { point: name, time: 1 + Math.floor(random() * passings(name)) } };
    return { name, kill: { afterMs: Math.round(RANDOM_MS.least + random() * (RANDOM_MS.most - RANDOM_MS.least)) } };
  });
  const chains = Math.ceil(runs / CHAIN.length);
  return Array.from({ length: chains }, (_, i) => kills.slice(i * CHAIN.length, (i + 1) * CHAIN.length));
}
