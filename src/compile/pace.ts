/** How often and how fast a policy may act, from its document to what the step reads. */
import type { RateDocument } from '../documents/pace.ts';
import type { PolicyDocument } from '../documents/policy.ts';
import { durationMs } from '../duration.ts';
import type { Allowance, Pace } from '../knowledge/pace.ts';
import { at, type Findings, type Place } from './report.ts';
import { type Calendars, compileSchedule } from './schedule.ts';

const optionalMs = (span: string | undefined): number => (span === undefined ? 0 : durationMs(span));

/** The cooldown that needs neither direction nor target: it stands in the symptom. null: there is none, or it is one of the others. */
export function plainCooldownMs({ cooldown }: PolicyDocument): number | null {
  if (cooldown === undefined) return null;
  if (typeof cooldown === 'string') return durationMs(cooldown);
  return cooldown.for !== undefined && cooldown.per !== 'target' ? durationMs(cooldown.for) : null;
}

export function compilePace(document: PolicyDocument, calendars: Calendars, place: Place, findings: Findings): Pace {
  const { stabilise, rate, schedule, breaker } = document;
  if (stabilise !== undefined && stabilise.up === undefined && stabilise.down === undefined)
    findings.error('H003', at(place, 'stabilise'), 'it says neither "up" nor "down"', 'add "down": { "over": "5m" }');
  return {
    cooldown: cooldownOf(document, place, findings),
    stabilise: stabilise && {
      ...(stabilise.up === undefined ? {} : { up: { overMs: durationMs(stabilise.up.over), take: stabilise.up.take ?? 'min' } }),
      ...(stabilise.down === undefined ? {} : { down: { overMs: durationMs(stabilise.down.over), take: stabilise.down.take ?? 'max' } }),
    },
    rate: rate && rateOf(rate, at(place, 'rate'), findings),
    schedule: schedule === undefined ? undefined : compileSchedule(schedule, calendars, at(place, 'schedule'), findings),
    probeAfterMs: breaker?.probeAfter === undefined ? null : durationMs(breaker.probeAfter),
    notify: breaker?.notify ?? true,
  };
}

function cooldownOf(document: PolicyDocument, place: Place, findings: Findings): Pace['cooldown'] {
  const { cooldown } = document;
  if (cooldown === undefined || typeof cooldown === 'string') return undefined;
  const { for: both, up, down, per = 'policy' } = cooldown;
  const directed = up !== undefined || down !== undefined;
  if ((both !== undefined) === directed)
    findings.error(
      'H003',
      at(place, 'cooldown'),
      directed ? 'it gives "for" beside "up" or "down"' : 'it does not say how long',
      'give either "for", or "up" and "down"',
    );
  if (both !== undefined) return per === 'target' ? { upMs: durationMs(both), downMs: durationMs(both), per } : undefined;
  return { upMs: optionalMs(up), downMs: optionalMs(down), per };
}

function rateOf(document: RateDocument, place: Place, findings: Findings): Pace['rate'] {
  if (document.up === undefined && document.down === undefined)
    findings.error('H003', place, 'it says neither "up" nor "down"', 'add "up": [{ "by": 1, "per": "60s" }]');
  const allowances = (way: 'up' | 'down'): readonly Allowance[] | undefined =>
    document[way]?.map(({ by, percent, per }, i) => {
      if ((by === undefined) === (percent === undefined))
        findings.error('H003', at(place, way, i), 'a rate is either a number or a share', 'give one of "by" and "percent"');
      return { by: by ?? null, percent: percent ?? null, perMs: durationMs(per) };
    });
  const [up, down] = [allowances('up'), allowances('down')];
  return { ...(up === undefined ? {} : { up }), ...(down === undefined ? {} : { down }), select: document.select ?? 'max' };
}
