/** The tables of the report: rows of HTML. */
import { formatMs } from '../../duration.ts';
import type { Value } from '../../messages.ts';
import { wording } from './record.ts';
import { escaped } from './svg.ts';
import { concernOf, type RunView, seconds } from './view.ts';

const cell = (content: string, kind?: string): string => `<td${kind === undefined ? '' : ` class="${kind}"`}>${content}</td>`;

const shown = (value: Value): string => (typeof value === 'number' ? String(Math.round(value * 10) / 10) : String(value));

export function decisionRows(view: RunView): string {
  return view.decisions
    .map((decision, i) => {
      const { policy, facts, outcome, outcomeTime, effect, time } = decision;
      const why = view.why[policy];
      const saw = Object.entries(facts).map(([fact, value]) => `${fact} ${shown(value)}`);
      const took = outcomeTime === undefined ? '' : ` after ${formatMs(outcomeTime - time)}`;
      const came = outcome === undefined ? 'unknown' : outcome;
      return `<tr id="d${i + 1}">${[
        cell(`<span class="number ${concernOf(decision)}">${i + 1}</span>`),
        cell(seconds(view, time), 'time'),
        cell(`<b>${escaped(wording(decision))}</b>`),
        cell(
          `${escaped(policy)}<span class="small">${escaped(saw.join(' · '))}</span>${why === undefined ? '' : `<span class="why">${escaped(why)}</span>`}`,
        ),
        cell(
          `<span class="${came === 'succeeded' ? 'good' : 'bad'}">${escaped(came)}</span>${took}${effect === undefined ? '' : `<span class="small">effect ${escaped(effect)}</span>`}`,
        ),
      ].join('')}</tr>`;
    })
    .join('\n');
}

export function heldRows(view: RunView): string {
  if (view.held.length === 0) return `<tr>${cell('nothing was')}</tr>`;
  return view.held
    .map(
      ({ time, policy, element, gate, reason }) =>
        `<tr>${[cell(seconds(view, time), 'time'), cell(escaped(policy)), cell(escaped(element)), cell(escaped(gate)), cell(escaped(reason))].join('')}</tr>`,
    )
    .join('\n');
}
