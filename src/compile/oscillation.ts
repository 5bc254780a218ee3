/** The setting of the watch over commands that undo each other, with its defaults. */
import { durationMs } from '../duration.ts';
import type { Setup } from '../knowledge/blueprint.ts';
import type { Oscillation } from '../knowledge/oscillation.ts';
import { at, type Findings, type Place } from './report.ts';

const DEFAULTS = { within: '10m', reversals: 4, freeze: false } as const;

/** Undefined: nobody watches. */
export function compileOscillation({ oscillation = {} }: Setup, place: Place, findings: Findings): Oscillation | undefined {
  if (oscillation === false) return undefined;
  const { within, reversals, freeze } = { ...DEFAULTS, ...oscillation };
  const span = (name: 'within' | 'freeze', text: string): number => {
    const ms = durationMs(text);
    if (ms === 0)
      findings.error('H003', at(place, name), `"${text}" is no time at all`, name === 'freeze' ? 'give false, or 10m' : 'give 10m');
    return ms;
  };
  return { withinMs: span('within', within), reversals, freezeMs: freeze === false ? null : span('freeze', freeze) };
}
