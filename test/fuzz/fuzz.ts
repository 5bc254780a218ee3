/**
 * Spoils manager files, policies and observations, from a seed, and looks at what becomes of them: a clear error or a correct load, and a step that
 * goes on; never a crash, a hang, or an acceptance that says nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, loadConfiguration } from '../../src/config.ts';
import { ERRORS, type Finding } from '../../src/errors.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import type { Event } from '../../src/messages.ts';
import { step } from '../../src/step.ts';
import type { Project } from './corpus.ts';
import { type Json, mutated } from './mutate.ts';
import { Random } from './random.ts';
import { spoil } from './spoil.ts';

export interface Outcome {
  readonly refused: number;
  readonly loaded: number;
  /** Steps that took in spoilt observations. */
  readonly steps: number;
  readonly slowestMs: number;
  readonly slowestCase: number;
}

/** Thrown for a case that went wrong: it names the seed and the number that bring it back. */
export class Failure extends Error {}

const START = Date.UTC(1971, 0, 1);

/** Runs cases `from` to `from + count`; each has a seed of its own, so that one can be run alone. @throws Failure */
export function fuzz(
  projects: readonly Project[],
  seed: number,
  count: number,
  from = 0,
  stopwatch: () => () => number = () => () => 0,
): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-fuzz-'));
  let [refused, loaded, steps, slowestMs, slowestCase] = [0, 0, 0, 0, 0];
  try {
    for (let n = from; n < from + count; n++) {
      const random = new Random(seed * 1_000_003 + n);
      const elapsed = stopwatch();
      const { files, mistake } = write(folder, random.one(projects), random);
      try {
        const { configuration, findings } = loadConfiguration(join(folder, 'homeostat.json'));
        if (configuration === undefined) {
          refused++;
          judge(findings);
        } else if (mistake !== undefined) {
          throw new Error(`accepted silently: ${mistake}`);
        } else {
          loaded++;
          steps += live(configuration, random);
        }
      } catch (thrown) {
        const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        const texts = [...files].map(([name, text]) => `${name}: ${text.slice(0, 3_000)}`).join('\n');
        throw new Failure(`case ${n} of seed ${seed} (npm run fuzz -- --seed ${seed} --from ${n} --cases 1): ${what}\n${texts}`);
      }
      const ms = elapsed();
      if (ms > slowestMs) [slowestMs, slowestCase] = [ms, n];
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { refused, loaded, steps, slowestMs, slowestCase };
}

/** A project as it was written: the texts by name, and the one mistake that was made if it must be refused. */
interface Written {
  readonly files: ReadonlyMap<string, string>;
  readonly mistake: string | undefined;
}

/** Writes the project with mistakes in one of its files. */
function write(folder: string, project: Project, random: Random): Written {
  const names = project.policies.map((_, i) => `policies-${i}.json`);
  const { probes: _probes, ...manager } = project.manager;
  const whole: { [key: string]: Json } = {
    ...(random.next() < 0.5 ? manager : project.manager),
    mode: random.one(['act', 'advise', 'observe']),
    policies: entriesOf(project, names),
  };
  const documents = new Map<string, Json>([['homeostat.json', whole], ...names.map((name, i) => [name, project.policies[i]!] as const)]);
  const chosen = random.next() < 0.25 || names.length === 0 ? 'homeostat.json' : random.one(names);
  const copy = structuredClone(documents.get(chosen)!);
  const mistake = chosen !== 'homeostat.json' && random.next() < 0.2 ? spoil(copy, random) : undefined;
  const files = new Map([...documents].map(([name, document]) => [name, JSON.stringify(document)]));
  files.set(chosen, mistake === undefined ? mutated(documents.get(chosen)!, random) : JSON.stringify(copy));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return { files, mistake };
}

/** The list of files as the project has it, under other names. */
function entriesOf({ manager }: Project, names: readonly string[]): Json {
  const entries = (manager.policies ?? []) as (string | { [key: string]: Json })[];
  return entries.map((entry, i) =>
    typeof entry === 'string' ? names[i]! : { ...entry, file: names[i]!, of: names[entries.indexOf(String(entry.of))]! },
  );
}

/** What was refused must be told: with a known code, a file, a place that is there, and a sentence. */
function judge(findings: readonly Finding[]): void {
  const errors = findings.filter((finding) => finding.severity === 'error');
  if (errors.length === 0) throw new Error('refused without an error');
  for (const { code, file, pointer, message } of errors) {
    if (ERRORS[code] === undefined) throw new Error(`the code ${code} is not in the list`);
    if (message.trim().length < 10) throw new Error(`${code} says too little: "${message}"`);
    if (message.length > 2_000) throw new Error(`${code} says too much: ${message.length} characters`);
    if (file === '') throw new Error(`${code} names no file`);
    if (!/^(\/([^/~]|~[01])*)*$/.test(pointer)) throw new Error(`${code} has no JSON pointer: ${pointer}`);
  }
}

/** A loaded configuration lives for some steps among observations of every sort. Returns how many. */
function live({ setup }: Configuration, random: Random): number {
  const state = new State();
  const derived = new Derived(state);
  let now = START;
  step(
    state,
    derived,
    [
      { kind: 'configured', document: JSON.stringify(setup) },
      { kind: 'started', wall: now },
    ],
    now,
  );
  const rounds = 6;
  for (let round = 0; round < rounds; round++) {
    now += random.one([0, 1, 500, 10_000, 600_000]);
    const sent = [...state.commands.rows()].filter((row) => row.phase === 'sent');
    const outcomes = sent.map(
      (row): Event => ({
        kind: 'outcome',
        command: row.key,
        status: random.one(['succeeded', 'failed', 'timedOut', 'unknown']),
        detail: '',
      }),
    );
    step(state, derived, [...outcomes, ...observations(state, derived, now, random)], now);
    const again = new State();
    for (const { key, text } of state.dump()) again.load(key, text!);
    if (again.hash !== state.hash) throw new Error(`the state read back has the hash ${again.hash}, not ${state.hash}`);
  }
  return rounds;
}

function observations(state: State, derived: Derived, now: number, random: Random): Event[] {
  const elements = [...state.elements.rows()];
  const events: Event[] = [];
  for (let n = random.below(12); n > 0 && elements.length > 0; n--) {
    const element = random.one(elements);
    const type = derived.blueprint.types.get(element.document.type);
    const series = [...(type?.series.keys() ?? [])];
    events.push({
      kind: 'observation',
      element: random.next() < 0.05 ? random.one(['', '..', 'nobody/x', '__proto__']) : element.key,
      property: series.length === 0 || random.next() < 0.05 ? random.one(['', 'constructor', '__proto__', 'x']) : random.one(series),
      value: random.one<number | string | boolean>([
        0,
        1,
        -1,
        50,
        260,
        1e308,
        -1e308,
        5e-324,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '',
        'ok',
        '12',
        'x'.repeat(2_000),
        true,
        false,
        random.next() * 1_000,
      ]),
      time: now + random.one([0, 0, 0, 0.001, -1, -60_000, 4_999, 5_001, 1e12, -now]),
      source: random.one(['a', 'b', '']),
      ...(random.next() < 0.3 ? { everyMs: random.one([1, 1_000]) } : {}),
      ...(random.next() < 0.1 ? { coalesced: 3 } : {}),
    });
  }
  return events;
}
