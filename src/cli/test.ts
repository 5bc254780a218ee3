/** `homeostat test`: runs scenarios. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Findings } from '../compile/report.ts';
import { loadConfiguration } from '../config.ts';
import { ScenarioDocument } from '../documents/scenario.ts';
import { type Finding, HomeostatError, messageOf } from '../errors.ts';
import { readJson } from '../read-json.ts';
import { Coverage, type Miss, runScenario, setupOf, shareOf } from '../scenario/index.ts';
import { validate } from '../validate.ts';
import { coverageLines, percent } from './coverage-text.ts';
import { EXIT } from './output.ts';

export interface TestedFile {
  readonly file: string;
  readonly passed: boolean;
  readonly expectations: number;
  readonly steps: number;
  readonly misses: readonly Miss[];
  /** What is wrong with the scenario itself, or with the manager file that it names. */
  readonly findings: readonly Finding[];
}

export interface TestOptions {
  readonly json: boolean;
  /** Also says what no scenario has shown. */
  readonly coverage?: boolean;
  /** Less of it, from 0 to 1, ends with 1. */
  readonly coverageMin?: number | undefined;
  readonly out: (line: string) => void;
}

/** Folders that hold no scenarios of ours. */
export const PASSED_OVER = new Set(['node_modules', 'dist', '.git', '.homeostat']);

/** Runs the named scenarios, or all below the named folders; all below this folder if none is named. Returns the exit status. */
export async function runTests(
  files: readonly string[],
  { json, coverage: isAsked = false, coverageMin, out }: TestOptions,
): Promise<number> {
  const coverage = isAsked || coverageMin !== undefined ? new Coverage() : undefined;
  const found = (files.length === 0 ? ['.'] : files).flatMap(scenariosIn);
  const tested: TestedFile[] = [];
  for (const file of found) {
    const result = await testFile(file, coverage);
    tested.push(result);
    if (!json) for (const line of describe(result)) out(line);
  }
  const failed = tested.filter((t) => !t.passed).length;
  const covered = coverage === undefined ? undefined : { ...shareOf(coverage.policies), of: coverage.policies };
  if (json) out(JSON.stringify({ passed: tested.length - failed, failed, scenarios: tested, ...(covered && { coverage: covered }) }));
  else if (tested.length === 0) out(`no scenario found; one is a .json file in a folder named "scenarios", or ends in .scenario.json`);
  else out(`${tested.length - failed} passed, ${failed} failed`);
  if (!json && coverage !== undefined) for (const line of coverageLines(coverage.policies)) out(line);
  const isShort = covered !== undefined && coverageMin !== undefined && covered.share < coverageMin;
  if (!json && isShort) out(`coverage is below ${percent(coverageMin)}, which is asked for`);
  return tested.length === 0 ? EXIT.usage : failed > 0 || isShort ? EXIT.finding : EXIT.good;
}

/** The scenarios that a path stands for: itself, if it is no folder. */
export function scenariosIn(path: string): string[] {
  let isFolder = false;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    // A file that is not there is said where it is read.
  }
  if (!isFolder) return [path];
  const found: string[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(PASSED_OVER.has(entry.name) ? [] : scenariosIn(child)));
    else if (entry.name.endsWith('.scenario.json') || (entry.name.endsWith('.json') && /(^|\/)scenarios$/.test(dirname(child))))
      found.push(child);
  }
  return found;
}

/** Runs one scenario file. `coverage`: takes note of what it shows. */
export async function testFile(file: string, coverage?: Coverage): Promise<TestedFile> {
  const findings = new Findings();
  const nothing = { file, passed: false, expectations: 0, steps: 0, misses: [] };
  const document = readJson(file, file, findings);
  if (document === undefined || !validate(ScenarioDocument, document, { file, pointer: '' }, findings))
    return { ...nothing, findings: findings.list };
  const scenario = document as ScenarioDocument;
  const { configuration, findings: wrong } = loadConfiguration(managerOf(file, scenario.manager));
  if (configuration === undefined) return { ...nothing, findings: wrong };
  coverage?.expect(configuration.blueprint);
  const kinds: Record<string, string> = { log: 'log', set: 'set' };
  for (const [name, { kind }] of Object.entries(configuration.manager.actuators ?? {})) kinds[name] = kind;
  try {
    const verdict = await runScenario(
      setupOf(configuration.setup, scenario),
      scenario,
      (actuator) => kinds[actuator],
      undefined,
      (moment) => coverage?.look(moment),
    );
    return { file, passed: verdict.misses.length === 0, ...verdict, findings: [] };
  } catch (thrown) {
    if (!(thrown instanceof HomeostatError)) throw thrown;
    findings.error(thrown.code, { file, pointer: '/series' }, messageOf(thrown));
    return { ...nothing, findings: findings.list };
  }
}

/** The manager file that a scenario names, or homeostat.json beside it or in a folder above. */
export function managerOf(file: string, named: string | undefined): string {
  const here = dirname(file);
  if (named !== undefined) return join(here, named);
  for (const up of ['.', '..', '../..']) {
    const candidate = join(here, up, 'homeostat.json');
    try {
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here; perhaps above.
    }
  }
  return join(here, 'homeostat.json');
}

function* describe({ file, passed, expectations, steps, misses, findings }: TestedFile): IterableIterator<string> {
  yield `${passed ? '✓' : '✗'} ${relative('.', file) || file}${passed ? `  ${expectations} expectations, ${steps} steps` : ''}`;
  for (const { pointer, message } of misses) yield `    ${pointer}  ${message}`;
  for (const finding of findings)
    yield `    ${finding.file}#${finding.pointer}  ${finding.code}  ${finding.message}${finding.remedy === undefined ? '' : `; ${finding.remedy}`}`;
}
