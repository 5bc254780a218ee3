/** `homeostat doctor`: whether the machine and the servers are as a manager file needs them, and what to do where they are not. */
import { SystemClock } from '../clock.ts';
import { environment, loadConfiguration } from '../config.ts';
import { type Examined, examine } from '../doctor/check.ts';
import { CHECKS } from '../doctor/index.ts';
import { complainOf, EXIT, print, printJson } from './output.ts';

export interface DoctorOptions {
  readonly json: boolean;
}

/** 0: nothing but warnings. 1: something is wrong. 3: something does not answer, so that not all could be told. */
export async function doctor(file: string, { json }: DoctorOptions): Promise<number> {
  const { configuration, findings } = loadConfiguration(file);
  if (configuration === undefined) {
    if (json) printJson({ checks: [], findings });
    complainOf(findings);
    return findings.some(({ code, file: where }) => where === file && (code === 'H001' || code === 'H002')) ? EXIT.usage : EXIT.finding;
  }
  const patient = { configuration, environment: environment(), clock: new SystemClock() };
  const checks = await examine(CHECKS, patient, (examined) => {
    if (!json) for (const line of linesOf(examined)) print(line);
  });
  if (json) printJson({ checks, findings });
  else print(summaryOf(checks));
  const results = new Set(checks.map(({ result }) => result));
  return results.has('away') ? EXIT.surroundings : results.has('error') ? EXIT.finding : EXIT.good;
}

const WIDTH = 18;
const indent = ' '.repeat(10 + WIDTH);

export function linesOf({ name, result, detail, troubles }: Examined): string[] {
  const head = (word: string) => `${word.padEnd(9)} ${name.padEnd(WIDTH)}`;
  if (troubles.length === 0) return [`${head(result)}${detail ?? ''}`];
  return troubles.flatMap(({ severity, cause, remedy }) => [`${head(severity)}${cause}`, `${indent}${remedy}`]);
}

function summaryOf(checks: readonly Examined[]): string {
  const count = (of: Examined['result'], word: string) => {
    const n = checks.filter(({ result }) => result === of).length;
    return n === 0 ? [] : [`${n} ${word}`];
  };
  return [
    ...count('ok', 'well'),
    ...count('warning', 'to be looked at'),
    ...count('error', 'wrong'),
    ...count('away', 'did not answer'),
    ...count('skipped', 'skipped'),
  ].join(', ');
}
