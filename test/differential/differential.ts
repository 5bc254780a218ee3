/**
 * Random rules, judged by us and by json-rules-engine itself. A case is one rule judged on one object of facts. Rules come in sets that share
 * their named conditions, and each set is judged on several objects.
 */
import { Random } from '../simulation/random.ts';
import { compare, ready } from './compare.ts';
import { conditions, facts, named } from './generate.ts';
import { type Failure, shrink } from './shrink.ts';

export interface Counts {
  cases: number;
  rules: number;
  /** Rules that we refuse at load. */
  refused: number;
  true: number;
  false: number;
  unknown: number;
  /** Of json-rules-engine: it threw. */
  threw: number;
}

export interface Found {
  readonly counts: Counts;
  readonly failure?: Failure & { readonly set: number; readonly wrong: string };
}

const RULES = 10;
const OBJECTS = 10;

/** @param progress is called after every thousandth set */
export async function differential(cases: number, seed: number, progress: (counts: Counts) => void = () => undefined): Promise<Found> {
  const counts: Counts = { cases: 0, rules: 0, refused: 0, true: 0, false: 0, unknown: 0, threw: 0 };
  for (let set = 0; counts.cases < cases; set++) {
    const random = new Random(seed, set);
    const shared = named(random);
    const objects = Array.from({ length: OBJECTS }, () => facts(random));
    for (let i = 0; i < RULES; i++) {
      const rule = conditions(random);
      const both = ready(rule, shared);
      counts.rules++;
      if (both === undefined) {
        counts.refused++;
        continue;
      }
      for (const given of objects) {
        const { ours, theirs, wrong } = await compare(both, given);
        counts.cases++;
        counts[ours === undefined ? 'unknown' : ours ? 'true' : 'false']++;
        if (theirs === undefined) counts.threw++;
        if (wrong === undefined) continue;
        const smallest = await shrink({ rule, named: shared, facts: given });
        return { counts, failure: { ...smallest, set, wrong } };
      }
    }
    if (set % 1_000 === 999) progress(counts);
  }
  return { counts };
}

/** What a person needs to see of a failure. */
export const tell = (seed: number, { set, wrong, rule, named, facts }: NonNullable<Found['failure']>): string =>
  [
    `seed ${seed}, set ${set}: ${wrong}`,
    `rule        ${JSON.stringify(rule)}`,
    `conditions  ${JSON.stringify(named)}`,
    `facts       ${JSON.stringify(facts)}`,
  ].join('\n');
