/** `homeostat replay --policies FILE`: what other policies would have done with what was recorded, beside what was done. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../clock.ts';
import { compile } from '../compile/index.ts';
import { type Comparison, compare } from '../courses/compare.ts';
import { aroundOf, otherSetup } from '../courses/other-setup.ts';
import { type Recording, recordingIn } from '../courses/recording.ts';
import { Traces } from '../courses/traces.ts';
import { HomeostatError } from '../errors.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import { EXIT, print, printJson } from './output.ts';
import { DEFAULT_FILE, folderOf, withFolder } from './place.ts';
import { linesOf } from './replay-text.ts';
import { instantOf } from './text.ts';

export interface ReplayPoliciesOptions {
  /** A manager file, or files of policies. */
  readonly policies: readonly string[];
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** What the InfluxDB of the manager file holds, in place of what its folder does. */
  readonly influx: boolean;
  /** Where a picture goes. */
  readonly html?: string | undefined;
  /** Decisions that are listed at most, and whether those to hold back are. */
  readonly limit: number;
  readonly held: boolean;
  readonly json: boolean;
}

/** PATH is the manager file, its folder or that of its state. Ends with 1 if the two courses differ. @throws HomeostatError if there are mistakes in the files, or nothing is recorded of that time */
export async function replayPolicies(path: string | undefined, options: ReplayPoliciesOptions): Promise<number> {
  const wall = new SystemClock().wall();
  const from = options.from === undefined ? 0 : instantOf(options.from, wall);
  const to = options.to === undefined ? Number.MAX_SAFE_INTEGER : instantOf(options.to, wall);
  const manager = managerFileOf(path);
  const { documentOf } = otherSetup(options.policies, manager === undefined ? undefined : aroundOf(manager));
  if (options.influx) {
    if (manager === undefined) throw new HomeostatError('H501', `--influx asks the InfluxDB of a manager file, and ${path} is none`);
    if (options.from === undefined) throw new HomeostatError('H501', 'say from when on, with --from: InfluxDB may hold years');
    const { recordingOfInflux } = await import('./replay-influx.ts');
    const recording = await recordingOfInflux(manager, from, Math.min(to, wall));
    return show(manager, recording, documentOf, options, wall);
  }
  const folder = folderOf(path);
  return withFolder(folder, async (store) => show(folder, recordingIn(store, from, to), documentOf, options, wall));
}

/** The manager file that PATH stands for, if it stands for one. */
function managerFileOf(path = '.'): string | undefined {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, DEFAULT_FILE) : path;
  return existsSync(file) ? file : undefined;
}

async function show(
  folder: string,
  recording: Recording,
  documentOf: (recorded: string) => string,
  options: ReplayPoliciesOptions,
  wall: number,
): Promise<number> {
  const facts = new Set<string>();
  const traces = options.html === undefined ? undefined : new Traces((property) => facts.has(property));
  const progress = process.stderr.isTTY && !options.json ? (steps: number) => process.stderr.write(`\r${steps} steps`) : undefined;
  const comparison = compare(
    recording,
    (recorded) => {
      const document = documentOf(recorded);
      if (traces !== undefined) for (const fact of [...factsIn(recorded), ...factsIn(document)]) facts.add(fact);
      return document;
    },
    { progress, traces },
  );
  if (progress !== undefined) process.stderr.write('\r\u001b[K');
  if (options.html !== undefined && traces !== undefined)
    writeFileSync(options.html, (await import('./replay-page.ts')).pageOf({ folder, files: options.policies, comparison, traces }));
  if (options.json) printJson(documentFor(folder, options, comparison));
  else
    for (const line of linesOf({ folder, files: options.policies, comparison, limit: options.limit, held: options.held, wall }))
      print(line);
  return comparison.differences === 0 ? EXIT.good : EXIT.finding;
}

/** What the conditions of all policies of a configuration read. */
const factsIn = (document: string): string[] =>
  [...compile(JSON.parse(document) as Setup, 'setup').blueprint.policies.values()].flatMap((policy) => policy.facts);

function documentFor(folder: string, { policies, html }: ReplayPoliciesOptions, comparison: Comparison): Record<string, unknown> {
  const { from, to, steps, observations, departures, lines, totals, differences, deeds } = comparison;
  return {
    folder,
    policies,
    from,
    to,
    steps,
    observations,
    departures,
    differences,
    deeds,
    totals,
    decisions: lines.map(({ recorded, other, ...line }) => ({ ...line, recorded: recorded?.text ?? null, other: other?.text ?? null })),
    ...(html === undefined ? {} : { html }),
  };
}
