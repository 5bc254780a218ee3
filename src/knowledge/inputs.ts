/**
 * What went into a step, as text to be kept. Observations come in their hundreds, after the signals, and say the same names again and again: they are
 * kept as one table of texts and one row of numbers, a fifth of what they are one by one. A batch in which anything is out of the ordinary, such as
 * a value that is none, is kept as it is.
 */
import type { Event, ObservationEvent, Value } from '../messages.ts';
import type { StepRecord } from './store.ts';

/** Of each observation: the numbers of the texts of its element, property and source, its time less that of the first, its value, everyMs and coalesced or 0. */
const CELLS = 7;

interface Observed {
  readonly base: number;
  readonly texts: readonly string[];
  readonly cells: readonly Value[];
}

type Kept = StepRecord & { readonly observed?: Observed };

export function encodeRecord(record: StepRecord): string {
  const first = record.events.findIndex(({ kind }) => kind === 'observation');
  const observed = first < 0 ? undefined : observedOf(record.events, first);
  return JSON.stringify(observed === undefined ? record : { ...record, events: record.events.slice(0, first), observed });
}

export function decodeRecord(text: string): StepRecord {
  const { observed, ...record } = JSON.parse(text) as Kept;
  return observed === undefined ? record : { ...record, events: [...record.events, ...eventsOf(observed)] };
}

/** Undefined: not all of them would come back as they are. */
function observedOf(events: readonly Event[], first: number): Observed | undefined {
  const { time: base } = events[first] as ObservationEvent;
  const numbers = new Map<string, number>();
  const cells: Value[] = [];
  const numberOf = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size;
    if (number === numbers.size) numbers.set(text, number);
    return number;
  };
  for (let i = first; i < events.length; i++) {
    const event = events[i]!;
    if (event.kind !== 'observation') return undefined;
    const { element, property, value, time, source, everyMs = 0, coalesced = 0 } = event;
    const isValue = typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' || typeof value === 'boolean';
    const after = time - base;
    if (!isValue || !Number.isFinite(after) || base + after !== time) return undefined;
    cells.push(numberOf(element), numberOf(property), numberOf(source), after, value, everyMs, coalesced);
  }
  return { base, texts: [...numbers.keys()], cells };
}

function eventsOf({ base, texts, cells }: Observed): ObservationEvent[] {
  const events: ObservationEvent[] = [];
  for (let at = 0; at < cells.length; at += CELLS) {
    const [element, property, source, after, value, everyMs, coalesced] = cells.slice(at, at + CELLS) as number[];
    events.push({
      kind: 'observation',
      element: texts[element!]!,
      property: texts[property!]!,
      value: value!,
      time: base + after!,
      source: texts[source!]!,
      ...(everyMs === 0 ? {} : { everyMs: everyMs! }),
      ...(coalesced === 0 ? {} : { coalesced: coalesced! }),
    });
  }
  return events;
}
