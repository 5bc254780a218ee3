/** Manager files to be examined, each in a folder of its own. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/clock.ts';
import { loadConfiguration } from '../../src/config.ts';
import { type Check, type Examined, examine, type Patient } from '../../src/doctor/check.ts';

export function patientWith(manager: object = {}, more: Partial<Patient> = {}): Patient & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-doctor-'));
  const file = join(folder, 'homeostat.json');
  writeFileSync(file, JSON.stringify({ types: {}, ...manager }));
  const { configuration, findings } = loadConfiguration(file);
  if (configuration === undefined) throw new Error(JSON.stringify(findings));
  return { configuration, environment: {}, clock: new SystemClock(), folder, ...more };
}

/** What the checks of these names find, in their order. */
export const found = (checks: readonly Check[], patient: Patient, told?: (examined: Examined) => void) => examine(checks, patient, told);

/** What is wrong, as `name severity: cause`. */
export const troublesOf = (examined: readonly Examined[]): string[] =>
  examined.flatMap(({ name, troubles }) => troubles.map(({ severity, cause }) => `${name} ${severity}: ${cause}`));

/** The same patient with parts of the manager file put in as they are. */
export function withParts(patient: Patient, parts: object): Patient {
  const { configuration } = patient;
  return {
    ...patient,
    configuration: { ...configuration, manager: { ...configuration.manager, ...parts } as typeof configuration.manager },
  };
}
