/** What a family of cases is, and how its cases are counted. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One case of a neighbour's own tests. */
export interface Case {
  readonly name: string;
  /** Why it cannot be played; absent: it is played. */
  readonly excused?: string;
  /** What is to be said of it though it is played: an input that the file leaves out, a part that is not compared. */
  readonly note?: string;
  /** Converts, plays and compares. Returns what came out otherwise than the neighbour expects; empty: nothing did. */
  readonly play: () => Promise<readonly string[]>;
}

/** The cases of one neighbour. */
export interface Family {
  readonly name: string;
  /** Its file, below the folder of the data. */
  readonly file: string;
  /** `folder`: that of the data. */
  readonly cases: (folder: string) => readonly Case[];
}

export interface Tally {
  readonly family: string;
  readonly total: number;
  /** The lines to be shown: what failed, what was excused, what there is to say. */
  readonly lines: readonly string[];
  readonly failed: number;
  readonly excused: number;
}

/** Plays all cases of a family; undefined: its data is not there. */
export async function tally(family: Family, folder: string): Promise<Tally | undefined> {
  if (!existsSync(join(folder, family.file))) return undefined;
  const cases = family.cases(folder);
  const lines: string[] = [];
  let failed = 0;
  let excused = 0;
  for (const { name, excused: why, note, play } of cases) {
    const wrong = why === undefined ? await playedOut(play) : [];
    if (why !== undefined) excused++;
    if (wrong.length > 0) failed++;
    if (why !== undefined) lines.push(`  excused  ${name}: ${why}`);
    else if (note !== undefined) lines.push(`  note     ${name}: ${note}`);
    lines.push(...wrong.map((what) => `  FAILED   ${name}: ${what}`));
  }
  return { family: family.name, total: cases.length, lines, failed, excused };
}

async function playedOut(play: Case['play']): Promise<readonly string[]> {
  try {
    return await play();
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  }
}

/** `Nomad 54 of 54`, or `Kubernetes 121 of 121, of which 7 excused`. */
export const totalOf = ({ family, total, failed, excused }: Tally): string =>
  `${family} ${total - failed} of ${total}${excused === 0 ? '' : `, of which ${excused} excused`}`;

/** Reads a file of the data. */
export const readData = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

/** Keys under which the files say what the neighbour answers. */
const ANSWER = /^(expected|want)|^condition$/;

/** A case without its answers, however deep they stand: all that a converter is given. */
export function inputsOf<Input>(given: unknown): Input {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (ANSWER.test(key) ? [] : [[key, strip(inner)]])));
  };
  return strip(given) as Input;
}
