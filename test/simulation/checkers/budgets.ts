/** Budgets hold over crashes: commands in any window, and the share of elements that are acted on at once (exact rule 10). */
import type { BudgetDocument } from '../../../src/documents/manager.ts';
import { durationMs } from '../../../src/duration.ts';
import type { CommandRow } from '../../../src/knowledge/state.ts';
import type { Checker } from '../trace.ts';
import { Flight } from './flight.ts';
import { type Moment, moments } from './stream.ts';

export const budgets: Checker = {
  name: 'budgets',
  check: ({ steps }) => {
    const issued: { readonly row: CommandRow; readonly type: string; readonly concern: string | undefined }[] = [];
    const withheld = new Set<string>();
    const elements = new Map<string, string>();
    const flight = new Flight();
    for (const moment of moments(steps)) {
      const { step, now, setup, policies } = moment;
      for (const event of moment.events) if (event.kind === 'withheld') withheld.add(event.command);
      for (const entry of moment.journal) {
        if (entry.kind === 'appeared') elements.set(entry.element!, String(entry.data.type));
        if (entry.kind === 'vanished') elements.delete(entry.element!);
      }
      flight.land(moment);
      for (const row of moment.issued) {
        flight.launch(row);
        // The word to people that a breaker has opened draws on no budget.
        const word = row.command === 'notify' && row.resource === `breaker:${row.policy}`;
        if (!word) issued.push({ row, type: elements.get(row.element) ?? '', concern: policies.get(row.policy)?.concern });
      }
      if (moment.issued.length === 0) continue;
      for (const budget of setup.budgets) {
        const mine = issued.filter(({ row, type, concern }) => !withheld.has(row.key) && covers(budget, row, type, concern));
        if (!mine.some(({ row }) => row.issuedAt === now && moment.issued.includes(row))) continue;
        const wrong = overWindow(budget, mine, moment) ?? overShare(budget, mine, moment, flight, elements);
        if (wrong !== undefined) return { step, message: `${budget.name}: ${wrong}` };
      }
    }
    return undefined;
  },
};

const covers = ({ scope = {} }: BudgetDocument, row: CommandRow, type: string, concern: string | undefined): boolean =>
  // A word that a breaker has opened goes with no budget.
  !row.resource.startsWith('breaker:') &&
  (scope.type ?? type) === type &&
  (scope.command ?? row.command) === row.command &&
  (scope.policy ?? row.policy) === row.policy &&
  (scope.concern === undefined || scope.concern === concern);

type Mine = readonly { readonly row: CommandRow; readonly type: string }[];

function overWindow({ commands, per }: BudgetDocument, mine: Mine, { now }: Moment): string | undefined {
  if (commands === undefined) return undefined;
  const since = per === undefined ? Number.NEGATIVE_INFINITY : now - durationMs(per);
  const within = mine.filter(({ row }) => row.issuedAt > since).map(({ row }) => row.key);
  return within.length > commands ? `${within.length} of ${commands} commands in ${per ?? 'all time'}: ${within.join(', ')}` : undefined;
}

function overShare(
  { share }: BudgetDocument,
  mine: Mine,
  { issued }: Moment,
  flight: Flight,
  elements: ReadonlyMap<string, string>,
): string | undefined {
  if (share === undefined) return undefined;
  const aloft = mine.filter(({ row }) => flight.has(row.key));
  const busy = new Set(aloft.map(({ row }) => row.element));
  const before = new Set(aloft.filter(({ row }) => !issued.includes(row)).map(({ row }) => row.element));
  // Elements may have vanished since, and one that is being acted on may be acted on again: only another one is too many.
  if (busy.size === before.size) return undefined;
  const type = mine.at(-1)!.type;
  const all = [...elements.values()].filter((t) => t === type).length;
  const allowed = Math.max(1, Math.floor(share * all));
  return busy.size > allowed ? `${busy.size} of ${allowed} elements at once: ${[...busy].join(', ')}` : undefined;
}
