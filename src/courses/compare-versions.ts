/** Two versions of one file of policies over the same recording: what would differ. */
import { compile } from '../compile/index.ts';
import { Findings } from '../compile/report.ts';
import { HomeostatError } from '../errors.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import { policiesIn } from '../load-policies.ts';
import { versionOfSet } from '../load-sets.ts';
import { OtherCourse } from './course.ts';
import { DEEDS, type Decision, decisionOf } from './decisions.ts';
import { lineUp, type PolicyTotals, totalsOf } from './line-up.ts';
import { refuse } from './other-setup.ts';
import type { Recording } from './recording.ts';

/** A version of a file, with what it says. */
export interface KeptVersion {
  /** The file, as the manager file names it. */
  readonly file: string;
  readonly version: string;
  readonly text: string;
}

export interface VersionsCompared {
  /** Of the first and last recorded step, ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  /** `recorded` is the first version, `other` the second. */
  readonly totals: readonly PolicyTotals[];
  /** Decisions that only one of the two makes, and those of them by which something is done, or would be. */
  readonly differences: number;
  readonly deeds: number;
}

/** @param recordingOf gives the recording anew each time. Undefined: nothing is recorded. @throws HomeostatError if a version does not fit what was in force then */
export function compareVersions(recordingOf: () => Recording, one: KeptVersion, other: KeptVersion): VersionsCompared | undefined {
  const [first, second] = [courseUnder(recordingOf(), one), courseUnder(recordingOf(), other)];
  if (first.steps === 0) return undefined;
  const lines = lineUp(first.decisions, second.decisions);
  const differing = lines.filter((line) => line.recorded === undefined || line.other === undefined);
  const { from, to, steps } = first;
  const deeds = differing.filter(({ kind }) => DEEDS.includes(kind)).length;
  return { from, to, steps, totals: totalsOf(lines), differences: differing.length, deeds };
}

function courseUnder(recording: Recording, version: KeptVersion) {
  const made = new Map<string, string>();
  const course = new OtherCourse(recording, (recorded) => {
    const document = made.get(recorded) ?? JSON.stringify(withVersion(JSON.parse(recorded) as Setup, version));
    made.set(recorded, document);
    return document;
  });
  const decisions: Decision[] = [];
  let [from, to, steps] = [0, 0, 0];
  for (const record of recording.steps) {
    if (steps++ === 0) from = record.now;
    to = record.now;
    for (const { journal } of course.follow(record)) decisions.push(...journal.flatMap((entry) => decisionOf(entry) ?? []));
  }
  return { from, to, steps, decisions };
}

/** A recorded configuration with this version in place of what the file said, and nothing that is only tried. */
function withVersion(setup: Setup, { file: called, version, text }: KeptVersion): Setup {
  const sets = (setup.sets ?? []).filter(({ successor }) => successor === undefined);
  const set = sets.find((one) => one.called === called);
  if (set === undefined)
    throw new HomeostatError('H005', `${called} was not in force in all of that time, so that its versions cannot be compared there`);
  const findings = new Findings();
  const sources = policiesIn(JSON.parse(text), set.file, findings, { called });
  const names = [`${called} ${version}`];
  refuse(findings.list, names);
  const files = new Set(sets.map(({ file }) => file));
  const at = setup.policies.findIndex(({ file }) => file === set.file);
  const others = setup.policies.filter(({ file }) => files.has(file) && file !== set.file);
  const policies = at < 0 ? [...others, ...sources] : [...others.slice(0, at), ...sources, ...others.slice(at)];
  const made = { ...setup, policies, sets: sets.map((one) => (one === set ? { ...set, version: versionOfSet(sources) } : one)) };
  refuse(compile(made, called).findings.list, names);
  return made;
}
