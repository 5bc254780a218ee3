/**
 * The inbox of one partition's manager, fed from the log. It counts in messages, as the log does, so that where reading goes on is an
 * offset. Over the limit the newest value of a series stands for those that wait; signals are never dropped: when too many wait, no more are fetched.
 */
import type { Batch, Inbox, UpTo } from '../bus/bus.ts';
import type { ReadRecord } from '../log/log.ts';
import type { Event, ObservationEvent, Signal } from '../messages.ts';

export interface LogBusOptions {
  readonly limits: { readonly batch: number; readonly queue: number; readonly signals: number };
  readonly topics: { readonly observations: string; readonly signals: string };
  /** What a message of each topic holds. What cannot be read of it comes as `rejected`. */
  readonly observationsOf: (text: string) => readonly (ObservationEvent | Signal)[];
  readonly signalOf: (text: string) => Signal;
  /** Called when no more signals should be fetched, and when they may be again. */
  readonly hold: (full: boolean) => void;
}

/** A message of observations that waits. One that was coalesced away leaves a hole. */
interface Message {
  readonly offset: number;
  readonly observations: (ObservationEvent | undefined)[];
}

interface Taken {
  readonly signals: readonly Signal[];
  readonly messages: readonly Message[];
}

const seriesOf = (o: ObservationEvent): string => `${o.element}\t${o.property}\t${o.source}`;

export class LogBus implements Inbox {
  readonly #options: LogBusOptions;
  #signals: Signal[] = [];
  #messages: Message[] = [];
  #live = 0;
  /** By series: the message and place of its newest waiting observation. Kept only while the queue is at its limit. */
  #newest: Map<string, readonly [Message, number]> | undefined;
  #coalesced = 0;
  /** Some of what was read since the queue was last empty is not what its offsets say. */
  #altered = false;
  /** Where reading goes on after all that has been read, and where the telemetry of the next batch begins. */
  #readTo: { observations: number; signals: number };
  #from: number;
  #held = false;
  #taken: Taken | undefined;
  onArrival: (kind: 'signal' | 'telemetry') => void = () => {};
  /** The end of each topic as far as is known. */
  #ends = { observations: 0, signals: 0 };

  /** `next`: where reading begins, by topic. */
  constructor(options: LogBusOptions, next: Readonly<Record<string, number>>) {
    this.#options = options;
    const { observations, signals } = options.topics;
    this.#readTo = { observations: next[observations] ?? 0, signals: next[signals] ?? 0 };
    this.#from = this.#readTo.observations;
  }

  get waiting() {
    return { signals: this.#signals.length, telemetry: this.#live };
  }

  /** Records that have been written and not yet read. */
  get lag(): { readonly observations: number; readonly signals: number } {
    return {
      observations: Math.max(0, this.#ends.observations - this.#readTo.observations),
      signals: Math.max(0, this.#ends.signals - this.#readTo.signals),
    };
  }

  /** Where reading goes on, by topic: what a new place in the group asks for. */
  get position(): Readonly<Record<string, number>> {
    const { observations, signals } = this.#options.topics;
    return { [observations]: this.#readTo.observations, [signals]: this.#readTo.signals };
  }

  /** A signal of the manager's own. The queue keeps places for them: it is asked before more is fetched. */
  signal(signal: Signal): boolean {
    this.#signals.push(signal);
    this.onArrival('signal');
    return true;
  }

  /** Records of one of its topics. What lies before the place that was read up to is left out. */
  deliver(topic: string, records: readonly ReadRecord[], next: number, end: number): void {
    const telemetry = topic === this.#options.topics.observations;
    const which = telemetry ? 'observations' : 'signals';
    this.#ends[which] = end;
    if (next <= this.#readTo[which]) return;
    for (const record of records) {
      if (record.offset < this.#readTo[which] || record.value === null) continue;
      if (telemetry) this.#takeMessage(record.offset, record.value);
      else this.#takeSignal(record);
    }
    this.#readTo[which] = next;
    if (this.#signals.length >= this.#options.limits.signals && !this.#held) {
      this.#held = true;
      this.#options.hold(true);
    }
    if (this.#signals.length > 0) this.onArrival('signal');
    else if (this.#live > 0) this.onArrival('telemetry');
  }

  #takeSignal({ value, offset }: ReadRecord): void {
    try {
      this.#signals.push(this.#options.signalOf(value!));
    } catch (thrown) {
      const reason = `a signal at offset ${offset} cannot be read: ${String((thrown as Error).message)}`;
      this.#signals.push({ kind: 'rejected', source: this.#options.topics.signals, reason, excerpt: value!.slice(0, 500) });
    }
  }

  #takeMessage(offset: number, text: string): void {
    const message: Message = { offset, observations: [] };
    for (const event of this.#options.observationsOf(text)) {
      if (event.kind !== 'observation') this.#signals.push(event);
      else if (this.#live >= this.#options.limits.queue) this.#coalesce(event, message);
      else {
        this.#newest?.set(seriesOf(event), [message, message.observations.length]);
        message.observations.push(event);
        this.#live++;
      }
    }
    this.#messages.push(message);
  }

  #coalesce(observation: ObservationEvent, into: Message): void {
    this.#newest ??= this.#index();
    this.#coalesced++;
    this.#altered = true;
    const series = seriesOf(observation);
    const place = this.#newest.get(series);
    const earlier = place?.[0].observations[place[1]];
    if (place === undefined || earlier === undefined) return;
    place[0].observations[place[1]] = undefined;
    this.#newest.set(series, [into, into.observations.length]);
    into.observations.push({ ...observation, coalesced: (observation.coalesced ?? 0) + (earlier.coalesced ?? 0) + 1 });
  }

  #index(): Map<string, readonly [Message, number]> {
    const newest = new Map<string, readonly [Message, number]>();
    for (const message of this.#messages)
      for (const [i, o] of message.observations.entries()) if (o !== undefined) newest.set(seriesOf(o), [message, i]);
    return newest;
  }

  take(): Batch {
    const { limits, topics } = this.#options;
    const signals = this.#signals;
    this.#signals = [];
    const events: Event[] = [...signals];
    if (this.#coalesced > 0) {
      const reason = `more than ${limits.queue} were waiting (limits.queue)`;
      events.push({ kind: 'dropped', observations: this.#coalesced, reason });
      this.#coalesced = 0;
    }
    let taken = 0;
    let count = 0;
    for (; count < this.#messages.length && taken < limits.batch; count++) {
      for (const observation of this.#messages[count]!.observations) {
        if (observation === undefined) continue;
        events.push(observation);
        taken++;
      }
    }
    const messages = this.#messages.splice(0, count);
    this.#live -= taken;
    this.#newest = undefined;
    const to = this.#messages[0]?.offset ?? this.#readTo.observations;
    const upTo: UpTo = {
      next: { [topics.observations]: to, [topics.signals]: this.#readTo.signals },
      ...(this.#altered ? {} : { telemetry: [this.#from, to] }),
    };
    this.#taken = { signals, messages };
    this.#from = to;
    if (this.#messages.length === 0) this.#altered = false;
    if (this.#held) {
      this.#held = false;
      this.#options.hold(false);
    }
    return { events, more: this.#live > 0, upTo };
  }

  putBack(batch: Batch): void {
    const dropped = batch.events.find((event) => event.kind === 'dropped');
    this.#signals = [...(this.#taken?.signals ?? []), ...this.#signals];
    this.#coalesced += dropped?.observations ?? 0;
    const messages = this.#taken?.messages ?? [];
    this.#messages = [...messages, ...this.#messages];
    for (const { observations } of messages) for (const o of observations) if (o !== undefined) this.#live++;
    this.#from = messages[0]?.offset ?? this.#from;
    if (batch.upTo?.telemetry === undefined) this.#altered = true;
    this.#newest = undefined;
    this.#taken = undefined;
  }
}
