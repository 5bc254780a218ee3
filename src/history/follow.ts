/**
 * Follows the steps of one manager into the history: readings and observations, thinned; down-sampled spans; the manager's own figures.
 * It is told of each step after it is committed, keeps what it was told in memory, and never makes a step wait.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Derived } from '../knowledge/derived.ts';
import type { ReadingRow, State } from '../knowledge/state.ts';
import { known } from '../knowledge/turn.ts';
import type { Event, Observation } from '../messages.ts';
import { LEAD_LIMIT_MS } from '../monitor/intake.ts';
import type { StepResult } from '../step.ts';
import type { HistoryReading, HistoryWriter } from './history.ts';
import type { Layout } from './layout.ts';
import { Spans } from './spans.ts';
import { Newest } from './thin.ts';

const FIGURES_EVERY_MS = 10_000;
const TICK_MS = 1_000;

export interface FollowPorts {
  readonly clock: Clock;
  readonly writer: HistoryWriter;
  readonly layout: Pick<Layout, 'resolutionMs' | 'repeatMs' | 'spans'>;
  /** Names this manager's figures, with its partition. */
  readonly manager: string;
  readonly partition: number;
  /** As of the last step; called only while none is under way. */
  readonly state: () => State;
  readonly derived: () => Derived;
  /** How long the last step took, ms. */
  readonly health: () => { readonly decideMs: number; readonly commitMs: number };
  /** Figures beside those that are known here, such as queues. */
  readonly figures: () => Readonly<Record<string, number>>;
}

export class HistoryFollower {
  readonly #ports: FollowPorts;
  readonly #newest: Newest;
  readonly #spans: readonly Spans[];
  readonly #timers = new Set<Cancel>();
  /** When each reading was written last, ms. */
  readonly #written = new Map<string, number>();
  #cursor = 0;
  #blueprint: Derived['blueprint'] | undefined;
  /** By `type\tseries`: whether some gauge needs more of it than its newest value. */
  #windowed = new Map<string, boolean>();
  #observations = 0;
  #steps = 0;
  #slowest = { decideMs: 0, commitMs: 0, stepMs: 0 };
  #closed = false;

  constructor(ports: FollowPorts) {
    this.#ports = ports;
    this.#newest = new Newest(ports.layout.resolutionMs === 0);
    this.#spans = ports.layout.spans.map(({ everyMs }) => new Spans(everyMs));
    const now = ports.clock.now();
    const state = ports.state();
    for (const row of state.readings.rows()) this.#span(row.key, known(row) ?? null, now);
    if (ports.layout.resolutionMs > 0) this.#each(ports.layout.resolutionMs, () => this.#flush());
    this.#each(TICK_MS, () => this.#repeat());
    this.#each(FIGURES_EVERY_MS, () => this.#figures());
    for (const spans of this.#spans) this.#eachAligned(spans);
  }

  /** A step was committed. `events`: what it took in. */
  onStep(result: StepResult, events: readonly Event[]): void {
    if (this.#closed) return;
    const { health, layout } = this.#ports;
    this.#steps++;
    const { decideMs, commitMs } = health();
    this.#slowest = {
      decideMs: Math.max(this.#slowest.decideMs, decideMs),
      commitMs: Math.max(this.#slowest.commitMs, commitMs),
      stepMs: Math.max(this.#slowest.stepMs, decideMs + commitMs),
    };
    for (const event of events) {
      if (event.kind === 'observation') this.#observe(event, result.now);
      else if (event.kind === 'outcome') for (const observation of event.observations ?? []) this.#observe(observation, result.now);
    }
    for (const change of result.readings) {
      const key = `${change.element}\t${change.property}`;
      const reading = this.#reading(key, change.value, result.now);
      if (reading === undefined) continue;
      this.#newest.reading(key, reading);
      this.#span(key, change.value, result.now);
    }
    if (layout.resolutionMs === 0) this.#flush();
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    const now = this.#ports.clock.now();
    for (const spans of this.#spans) this.#cut(spans, now);
    this.#figures();
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
  }

  #observe({ element, property, value, time, everyMs, coalesced }: Observation, now: number): void {
    this.#observations++;
    const type = this.#ports.state().elements.get(element)?.document.type;
    if (type === undefined || time - now > LEAD_LIMIT_MS || !this.#isWindowed(type, property)) return;
    if (typeof value === 'number' && !Number.isFinite(value)) return;
    this.#newest.observation(`${element}\t${property}`, {
      element,
      type,
      property,
      value,
      time,
      ...(everyMs === undefined ? {} : { everyMs }),
      ...(coalesced === undefined ? {} : { coalesced }),
    });
  }

  /** Where the newest value is all that gauges need, the reading says it, and the observation is not written a second time. */
  #isWindowed(type: string, series: string): boolean {
    const { blueprint } = this.#ports.derived();
    if (blueprint !== this.#blueprint) {
      this.#blueprint = blueprint;
      this.#windowed = new Map();
    }
    const key = `${type}\t${series}`;
    let windowed = this.#windowed.get(key);
    if (windowed === undefined) {
      const gauges = blueprint.types.get(type)?.series.get(series)?.gauges ?? [];
      windowed = gauges.some(({ name }) => gaugeOf(blueprint, type, name) !== 'last');
      this.#windowed.set(key, windowed);
    }
    return windowed;
  }

  #reading(key: string, value: HistoryReading['value'], time: number): HistoryReading | undefined {
    const [element, property] = partsOf(key);
    const state = this.#ports.state();
    const type = state.elements.get(element)?.document.type;
    if (type === undefined) return undefined;
    const row = state.readings.get(key);
    const source = this.#ports.derived().blueprint.types.get(type)?.properties.get(property)?.source;
    const of = source?.kind === 'gauge' && source.gauge.over === 'series' ? (source.gauge.of ?? property) : undefined;
    const series = of === undefined ? undefined : state.series.get(`${element}\t${of}`);
    return {
      element,
      type,
      property,
      value,
      time,
      // A setting was never measured: it is the configuration's to say, and not for the past.
      ...(series === undefined || series.last < 0 || row === undefined ? {} : { observedAt: row.time }),
      ...(series?.everyMs == null ? {} : { everyMs: series.everyMs }),
    };
  }

  #span(key: string, value: HistoryReading['value'], now: number): void {
    if (this.#spans.length === 0) return;
    const [element, property] = partsOf(key);
    const type = this.#ports.state().elements.get(element)?.document.type;
    if (type !== undefined) for (const spans of this.#spans) spans.set(key, element, type, property, value, now);
  }

  #flush(): void {
    const { readings, observations } = this.#newest.take();
    for (const { element, property, time } of readings) this.#written.set(`${element}\t${property}`, time);
    if (readings.length > 0) this.#ports.writer.readings(readings);
    if (observations.length > 0) this.#ports.writer.observations(observations);
  }

  /** Writes readings that have not changed for a while again, a part of them with each tick: a chart of the last hour must find a value in it. */
  #repeat(): void {
    const { clock, state, layout, writer } = this.#ports;
    if (layout.repeatMs === 0) return;
    const rows = state().readings;
    const keys = rows.keys();
    const now = clock.now();
    const share = Math.ceil((keys.length * TICK_MS) / layout.repeatMs);
    const again: HistoryReading[] = [];
    for (let i = 0; i < share; i++) {
      const key = keys[this.#cursor++ % keys.length]!;
      const row: ReadingRow | undefined = rows.get(key);
      const value = known(row);
      if (value === undefined) {
        this.#written.delete(key);
        continue;
      }
      if (now - (this.#written.get(key) ?? 0) < layout.repeatMs) continue;
      const reading = this.#reading(key, value, now);
      if (reading === undefined) continue;
      this.#written.set(key, now);
      again.push(reading);
    }
    if (keys.length > 0) this.#cursor %= keys.length;
    if (again.length > 0) writer.readings(again);
  }

  #figures(): void {
    const { clock, writer, manager, partition, figures } = this.#ports;
    const { points, bytes, dropped, refused } = writer.waiting;
    const fields = {
      ...figures(),
      ...this.#slowest,
      steps: this.#steps,
      observations: this.#observations,
      spoolPoints: points,
      spoolBytes: bytes,
      dropped,
      refused,
    };
    this.#slowest = { decideMs: 0, commitMs: 0, stepMs: 0 };
    writer.figures([{ manager, partition, time: clock.now(), fields }]);
  }

  #cut(spans: Spans, now: number): void {
    const { state, writer } = this.#ports;
    const { readings } = state();
    const cut = spans.cut(now, (key) => readings.get(key) !== undefined);
    if (cut.length > 0) writer.spans(spans.everyMs, cut);
  }

  #each(ms: number, act: () => void): void {
    const cancel = this.#ports.clock.after(ms, () => {
      this.#timers.delete(cancel);
      if (this.#closed) return;
      act();
      this.#each(ms, act);
    });
    this.#timers.add(cancel);
  }

  /** Spans end on the minute, the hour, and so on, so that those of all managers fit together. */
  #eachAligned(spans: Spans): void {
    const { clock } = this.#ports;
    const end = (Math.floor(clock.now() / spans.everyMs) + 1) * spans.everyMs;
    const cancel = clock.after(end - clock.now(), () => {
      this.#timers.delete(cancel);
      if (this.#closed) return;
      this.#cut(spans, end);
      this.#eachAligned(spans);
    });
    this.#timers.add(cancel);
  }
}

function partsOf(key: string): [element: string, property: string] {
  const tab = key.indexOf('\t');
  return [key.slice(0, tab), key.slice(tab + 1)];
}

/** The kind of gauge that makes a property. */
export const gaugeOf = (blueprint: Derived['blueprint'], type: string, property: string): string =>
  blueprint.setup.types[type]?.properties?.[property]?.gauge?.kind ?? 'last';
