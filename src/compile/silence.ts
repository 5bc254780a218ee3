/** What may be silenced: what `homeostat check` finds in what can run, by the code of it. A mistake cannot. */
import type { PolicyDocument } from '../documents/policy.ts';
import { ERRORS } from '../errors.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import { nearest } from '../suggest.ts';
import { at, type Findings, type Place } from './report.ts';

/** H210 to H229: the codes of the analyses. */
const CODES = Object.keys(ERRORS).filter((code) => /^H2[12][0-9]$/.test(code));

export function checkSilences(setup: Setup, place: Place, findings: Findings): void {
  const check = (silence: PolicyDocument['silence'], where: Place): void => {
    for (const code of Object.keys(silence ?? {})) {
      if (CODES.includes(code)) continue;
      findings.error(
        'H005',
        at(where, 'silence', code),
        `${code} is nothing that can be silenced${nearest(code, CODES)}`,
        'docs/check.md lists what can',
      );
    }
  };
  for (const policy of setup.policies) check(policy.document.silence, { file: policy.file, pointer: policy.pointer });
  for (const [type, { properties = {}, commands = {} }] of Object.entries(setup.types)) {
    for (const [name, { silence }] of Object.entries(properties)) check(silence, at(place, 'types', type, 'properties', name));
    for (const [name, { silence }] of Object.entries(commands)) check(silence, at(place, 'types', type, 'commands', name));
  }
}
