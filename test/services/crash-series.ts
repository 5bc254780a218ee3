/** A series of chains with its count: what the test in CI and the long run both do. */
import { build } from './crash-build.ts';
import { Chain } from './crash-chain.ts';
import type { Found } from './crash-checks.ts';
import { planOf, seeded } from './crash-plan.ts';
import type { Point } from './crash-points.ts';

export interface Series {
  /** Kills by the name of their point. */
  readonly kills: ReadonlyMap<Point | 'random', number>;
  /** Sums over all chains, as each was found at its end. */
  readonly found: Found;
}

export interface SeriesOptions {
  readonly runs: number;
  readonly seed: number;
  /** Told of each kill. */
  readonly progress?: (text: string) => void;
  /** The folder of a chain that failed is left, and named in the error. */
  readonly keep?: boolean;
}

/** Kills `runs` times. @throws at the first thing that is wrong, with the seed and the kill */
export async function series({ runs, seed, progress = () => {}, keep = false }: SeriesOptions): Promise<Series> {
  const built = build();
  const random = seeded(seed);
  const kills = new Map<Point | 'random', number>();
  const founds: Found[] = [];
  let killed = 0;
  try {
    for (const plan of planOf(runs, random)) {
      const chain = await Chain.begin(built.program, random);
      let at = 'the beginning';
      let failed = false;
      try {
        for (const { name, kill } of plan) {
          at = `kill ${killed + 1}: ${name} ${JSON.stringify(kill)}`;
          const { steps, commands } = await chain.kill(kill);
          kills.set(name, (kills.get(name) ?? 0) + 1);
          progress(`${++killed}/${runs} ${name}: ${steps} steps, ${commands} commands`);
        }
        at = 'coming to rest';
        founds.push(await chain.rest());
      } catch (thrown) {
        failed = true;
        const where = keep ? `, in ${chain.folder}` : '';
        throw new Error(`seed ${seed}, ${at}${where}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown });
      } finally {
        await chain.end(keep && failed);
      }
    }
  } finally {
    built.remove();
  }
  const sum = (of: (found: Found) => number) => founds.reduce((total, found) => total + of(found), 0);
  const found = {
    steps: sum((f) => f.steps),
    commands: sum((f) => f.commands),
    restarts: sum((f) => f.restarts),
    fors: sum((f) => f.fors),
    cooldowns: sum((f) => f.cooldowns),
  };
  return { kills, found };
}
