/** What doctor looks at: one small entry each, bounded in time, run in the order of a table. */
import { type Clock, deadline } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { messageOf } from '../errors.ts';

/** What a check is given. */
export interface Patient {
  readonly configuration: Configuration;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** Something is wrong: what was found, and what to do. */
export interface Trouble {
  /** `warning`: it works, and will not always. `error`: it does not. `away`: it cannot be told, since something does not answer. */
  readonly severity: 'warning' | 'error' | 'away';
  readonly cause: string;
  readonly remedy: string;
}

/** All is well, with what was found; or what is wrong, worst first. */
export type Verdict = string | readonly Trouble[];

export interface Check {
  /** What it is about and what of it, such as `kafka.topics`. */
  readonly name: string;
  /** Checks that must have found nothing worse than a warning: without them this one would only repeat what they found. */
  readonly needs?: readonly string[];
  /** Whether the configuration has what it looks at; always if not given. */
  readonly concerns?: (patient: Patient) => boolean;
  /** How long it may take, ms; 10 s if not given. */
  readonly withinMs?: number;
  readonly run: (patient: Patient, signal: AbortSignal) => Promise<Verdict> | Verdict;
}

export interface Examined {
  readonly name: string;
  readonly result: 'ok' | 'warning' | 'error' | 'away' | 'skipped';
  /** What was found where all is well, or why it was skipped. */
  readonly detail?: string;
  readonly troubles: readonly Trouble[];
}

const WITHIN_MS = 10_000;
const RANK = { warning: 0, error: 1, away: 2 } as const;

/** Runs the checks that concern the configuration, one after the other. `told`: each as soon as it is known. */
export async function examine(
  checks: readonly Check[],
  patient: Patient,
  told: (examined: Examined) => void = () => {},
): Promise<readonly Examined[]> {
  const all: Examined[] = [];
  const sound = new Set<string>();
  for (const check of checks) {
    if (check.concerns?.(patient) === false) continue;
    const failed = (check.needs ?? []).find((name) => !sound.has(name) && all.some((one) => one.name === name));
    const examined: Examined =
      failed === undefined
        ? verdictOf(check, await runOne(check, patient))
        : { name: check.name, result: 'skipped', detail: `${failed} must be right first`, troubles: [] };
    if (examined.result === 'ok' || examined.result === 'warning') sound.add(check.name);
    all.push(examined);
    told(examined);
  }
  return all;
}

/** What a check says; what it throws, or that it does not come to an end, is a finding too. */
async function runOne({ run, withinMs = WITHIN_MS }: Check, patient: Patient): Promise<Verdict> {
  const late = new Error(`it took longer than ${withinMs / 1_000} s`);
  const { signal, done } = deadline(patient.clock, withinMs, late);
  try {
    return await Promise.race([
      run(patient, signal),
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(late), { once: true })),
    ]);
  } catch (thrown) {
    const remedy =
      thrown === late ? 'see whether the server is overloaded, or something on the way drops packets' : 'see the words of the error';
    return [{ severity: 'away', cause: messageOf(thrown), remedy }];
  } finally {
    done();
  }
}

function verdictOf({ name }: Check, verdict: Verdict): Examined {
  if (typeof verdict === 'string') return { name, result: 'ok', detail: verdict, troubles: [] };
  const troubles = [...verdict].sort((a, b) => RANK[b.severity] - RANK[a.severity]);
  return { name, result: troubles[0]?.severity ?? 'ok', troubles };
}

export const error = (cause: string, remedy: string): readonly Trouble[] => [{ severity: 'error', cause, remedy }];
export const warning = (cause: string, remedy: string): readonly Trouble[] => [{ severity: 'warning', cause, remedy }];
export const away = (cause: string, remedy: string): readonly Trouble[] => [{ severity: 'away', cause, remedy }];
