/** A manager on a virtual clock whose run is recorded as a store would: late by a few milliseconds, with actuators that take their time. */
import type { PastReading } from '../../src/history/recorded.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { isOwn } from '../../src/knowledge/own.ts';
import { State } from '../../src/knowledge/state.ts';
import type { Archive, NumberedEntry, StepRecord } from '../../src/knowledge/store.ts';
import type { Command, Event, JournalEntry, OutcomeEvent } from '../../src/messages.ts';
import { step } from '../../src/step.ts';
import { type Given, START, seen, setupOf } from '../step/world.ts';

/** What an actuator says, and after how long. Undefined: nothing, ever. */
export type Actuating = (command: Command) => (Partial<OutcomeEvent> & { readonly afterMs: number }) | undefined;

/** Carried out in 300 ms; what it sets is read back. */
export const carriedOut: Actuating = ({ element, resource, params, issuedAt }) => ({
  afterMs: 300,
  observations:
    params.to === undefined ? [] : [{ element, property: resource, value: params.to, time: issuedAt + 300, source: 'actuator' }],
});

const LATE_MS = 3;

export class Recorder implements Archive {
  readonly #state = new State();
  readonly #derived = new Derived(this.#state);
  readonly #agenda: { readonly at: number; readonly event: Event }[] = [];
  readonly #actuating: Actuating;
  readonly records: StepRecord[] = [];
  entries: NumberedEntry[] = [];
  /** As a history would have stored them. */
  readonly readings: PastReading[] = [];
  #awakeAt = START;
  #base: { readonly step: number; readonly rows: readonly (readonly [string, string])[] } = { step: 0, rows: [] };

  constructor(given: Given, actuating = carriedOut) {
    this.#actuating = actuating;
    this.tell(0, { kind: 'started', wall: START });
    this.tell(0, { kind: 'configured', document: JSON.stringify(setupOf(given)) });
  }

  /** Something that comes, `seconds` after the start. */
  tell(seconds: number, event: Event): this {
    this.#agenda.push({ at: START + Math.round(seconds * 1_000), event });
    return this;
  }

  /** Values of a property, one a second from a second on. */
  series(element: string, property: string, from: number, values: readonly number[]): this {
    for (const [i, value] of values.entries()) this.tell(from + i, seen(element, property, value, from + i));
    return this;
  }

  /** Runs to the end. `answer`: what people do, asked after each step. */
  run(toSeconds: number, answer: (state: State, now: number) => Event | undefined = () => undefined): this {
    const end = START + toSeconds * 1_000;
    for (let at = this.#next(); at <= end; at = this.#next()) {
      const due = this.#agenda.filter((one) => one.at <= at);
      for (const one of due) this.#agenda.splice(this.#agenda.indexOf(one), 1);
      const events = due.map(({ event }) => event);
      this.#step([...events.filter(({ kind }) => kind !== 'observation'), ...events.filter(({ kind }) => kind === 'observation')], at);
      const said = answer(this.#state, at);
      if (said !== undefined) this.#agenda.push({ at: at + 500, event: said });
    }
    return this;
  }

  #next(): number {
    const due = this.#state.nextDue();
    const timer = due === null ? Number.POSITIVE_INFINITY : Math.max(due + LATE_MS, this.#state.position.now + LATE_MS, this.#awakeAt);
    return Math.min(timer, ...this.#agenda.map(({ at }) => at));
  }

  #step(events: readonly Event[], now: number): void {
    const result = step(this.#state, this.#derived, events, now);
    // As they come back from where they were kept.
    this.records.push(JSON.parse(JSON.stringify({ step: result.step, now, events, hash: result.hash, withheld: [] })) as StepRecord);
    for (const entry of result.journal)
      this.entries.push({ seq: this.entries.length + 1, ...(JSON.parse(JSON.stringify(entry)) as JournalEntry) });
    for (const { element, property, value } of result.readings) {
      const key = `${element}\t${property}`;
      const series = this.#state.series.get(key);
      const observed = series === undefined || series.last < 0 ? undefined : this.#state.readings.get(key)!.time;
      this.readings.push({ element, property, value, time: now, observed, everyMs: series?.everyMs ?? undefined });
    }
    for (const command of result.commands.filter((one) => !isOwn(one))) {
      const { afterMs, ...said } = this.#actuating(command) ?? { afterMs: Number.POSITIVE_INFINITY };
      if (afterMs < Number.POSITIVE_INFINITY)
        this.#agenda.push({
          at: now + afterMs,
          event: { kind: 'outcome', command: command.id, status: 'succeeded', detail: '', ...said },
        });
    }
  }

  /** No manager runs until then. */
  awayTo(seconds: number): this {
    this.#awakeAt = START + seconds * 1_000;
    return this;
  }

  /** Keeps the inputs only from here on. */
  keepFromHere(): this {
    this.#base = { step: this.#state.position.step, rows: [...this.#state.dump()].map(({ key, text }) => [key, text!]) };
    return this;
  }

  base(): State {
    const state = new State();
    for (const [key, text] of this.#base.rows) state.load(key, text);
    return state;
  }

  *steps(): IterableIterator<StepRecord> {
    yield* this.records.filter(({ step: number }) => number > this.#base.step);
  }

  journal(after: number, limit: number): NumberedEntry[] {
    return this.entries.filter(({ seq }) => seq > after).slice(0, limit);
  }

  history(): never {
    throw new Error('nobody asks for it');
  }
}
