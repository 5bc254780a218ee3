/** How long an advising policy waits for an answer, and what happens without one. */
import type { AdviseDocument, Mode } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { Advise } from '../knowledge/blueprint.ts';
import { at, type Findings, type Place } from './report.ts';

const DEFAULT_WITHIN = '1h';

/** `mode`: the manager's. One that does not act itself does not act on silence either, whatever the policy says. */
export function compileAdvise(document: AdviseDocument | undefined, mode: Mode, place: Place, findings: Findings): Advise {
  const withinMs = durationMs(document?.within ?? DEFAULT_WITHIN);
  if (withinMs === 0)
    findings.error('H003', at(place, 'advise', 'within'), 'nobody can answer in no time', 'give a span such as "10m", or leave it out: 1h');
  return { withinMs, otherwise: mode === 'act' ? (document?.otherwise ?? 'drop') : 'drop' };
}
