/** Which commands are in flight, and which still have their effect awaited: told from events and deadlines, not from what the manager says. */
import { durationMs } from '../../../src/duration.ts';
import type { CommandRow } from '../../../src/knowledge/state.ts';
import type { Moment } from './stream.ts';

interface Aloft {
  readonly row: CommandRow;
  /** Null: without outcome. Else: until when its effect is awaited at most. */
  settlingUntil: number | null;
}

export class Flight {
  readonly #aloft = new Map<string, Aloft>();

  launch(row: CommandRow): void {
    this.#aloft.set(row.key, { row, settlingUntil: null });
  }

  has(id: string): boolean {
    return this.#aloft.has(id);
  }

  /** Commands without outcome. */
  *sent(): IterableIterator<CommandRow> {
    for (const { row, settlingUntil } of this.#aloft.values()) if (settlingUntil === null) yield row;
  }

  /** Takes out what ended by the events, or by the time, of a step. */
  land({ events, journal, now, policies }: Moment): void {
    for (const event of events) {
      if (event.kind === 'withheld') this.#aloft.delete(event.command);
      const aloft = event.kind === 'outcome' ? this.#aloft.get(event.command) : undefined;
      if (event.kind !== 'outcome' || aloft === undefined || aloft.settlingUntil !== null) continue;
      const expect = aloft.row.otherwise ? undefined : policies.get(aloft.row.policy)?.expect;
      if (event.status === 'succeeded' && expect !== undefined) aloft.settlingUntil = now + durationMs(expect.within);
      else this.#aloft.delete(event.command);
    }
    for (const entry of journal) if (entry.kind === 'effect') this.#aloft.delete(entry.command!);
    for (const [id, { row, settlingUntil }] of this.#aloft) if (now >= (settlingUntil ?? row.deadlineAt)) this.#aloft.delete(id);
  }
}
