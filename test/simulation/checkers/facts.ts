/**
 * What was known of each element, told anew from the recorded events by the plainest means: every observation is kept, and each fact is
 * calculated from all of them when it is asked for. It shares nothing with the gauges that it checks.
 */
import { durationMs } from '../../../src/duration.ts';
import type { ElementDocument, Event, Observation, Value } from '../../../src/messages.ts';
import type { Moment } from './stream.ts';

/** How far ahead of now an observation may be (exact rule 1), ms. */
const LEAD_MS = 5_000;
/** Samples are forgotten when no window of the simulated policies can see them, ms. */
const KEPT_MS = 60_000;

interface Sample {
  readonly time: number;
  readonly value: Value;
  readonly coalesced: number;
}

interface Series {
  readonly seen: Set<string>;
  samples: Sample[];
  /** The value of the newest, as things came. */
  last: Value | undefined;
  lastTime: number;
  everyMs: number | undefined;
}

interface Known {
  document: ElementDocument;
  readonly source: string;
  readonly createdAt: number;
  readonly series: Map<string, Series>;
}

export class Facts {
  readonly #elements = new Map<string, Known>();
  #types: Moment['setup']['types'] = {};
  #now = 0;
  #startedAt = 0;

  take({ events, now, setup }: Moment): void {
    this.#now = now;
    this.#types = setup.types;
    for (const event of events) this.#event(event);
  }

  /** The value of a fact; undefined: unknown. Null: this is not calculated here. */
  of(element: string, fact: string): Value | undefined | null {
    // What policies have set is not told from outside.
    if (fact.startsWith('setPoint.')) return null;
    if (fact.includes('@')) return null;
    if (fact === 'children.count') return this.#children(element).length;
    if (fact === 'children.load.mean')
      return mean(
        this.#children(element)
          .map((id) => this.of(id, 'load'))
          .filter((v) => typeof v === 'number'),
      );
    if (fact === 'parent.load') return this.of(element.slice(0, element.lastIndexOf('/')), 'load');
    const dot = fact.lastIndexOf('.');
    return dot < 0 ? this.#own(element, fact) : this.of(fact.slice(0, dot), fact.slice(dot + 1));
  }

  #own(element: string, fact: string): Value | undefined | null {
    const known = this.#elements.get(element);
    const property = this.#types[known?.document.type ?? '']?.properties?.[fact];
    if (known === undefined || property === undefined) return undefined;
    const gauge = property.gauge as { kind: string; of?: string; window?: string; deadline?: string } | undefined;
    const series = known.series.get(gauge?.of ?? fact);
    if (gauge?.kind === 'heartbeat') return this.#silence(known, series, durationMs(gauge.deadline!));
    if (gauge?.kind === 'expression') {
      const [servers, throttle] = [this.of(element, 'servers'), this.of(element, 'throttle')];
      return typeof servers === 'number' && typeof throttle === 'number' ? servers * 1.5 - throttle : undefined;
    }
    // What they remember is held to its definition by their own tests, and here by replay and recovery.
    if (gauge?.kind === 'machine' || gauge?.kind === 'pattern') return null;
    if (series === undefined) return known.document.properties?.[fact] ?? property.initial;
    const limit =
      property.stale === undefined
        ? series.everyMs === undefined
          ? null
          : 3 * series.everyMs
        : property.stale === 'never'
          ? null
          : durationMs(property.stale);
    if (limit !== null && series.lastTime + limit <= this.#now) return undefined;
    if (gauge === undefined) return series.last;
    const window = series.samples.filter(({ time }) => time > this.#now - durationMs(gauge.window!) && time <= this.#now);
    if (gauge.kind === 'mean')
      return window.every(({ value }) => typeof value === 'number') ? mean(window.map(({ value }) => value as number)) : undefined;
    if (gauge.kind === 'count') return window.some(({ coalesced }) => coalesced > 0) ? undefined : window.length;
    return null;
  }

  /** 0 until the deadline, then in steps of half of it. */
  #silence({ createdAt }: Known, series: Series | undefined, deadlineMs: number): number {
    const silentMs = this.#now - Math.max(createdAt, this.#startedAt, series?.lastTime ?? 0);
    return silentMs < deadlineMs ? 0 : deadlineMs + Math.floor((silentMs - deadlineMs) / (deadlineMs / 2)) * (deadlineMs / 2);
  }

  #children(parent: string): string[] {
    return [...this.#elements.keys()].filter((id) => id.startsWith(`${parent}/`) && !id.slice(parent.length + 1).includes('/')).sort();
  }

  #event(event: Event): void {
    if (event.kind === 'observation') this.#observe(event);
    else if (event.kind === 'started') this.#startedAt = this.#now;
    else if (event.kind === 'appeared') this.#appear(event.element, event.document, event.source);
    else if (event.kind === 'vanished') this.#elements.delete(event.element);
    else if (event.kind === 'configured') {
      const { elements } = JSON.parse(event.document) as Moment['setup'];
      for (const [id, { source }] of this.#elements)
        if (source === 'configuration' && elements[id] === undefined) this.#elements.delete(id);
      for (const [id, document] of Object.entries(elements)) this.#appear(id, document, 'configuration');
    } else if (event.kind === 'outcome') {
      for (const { element, document } of event.appeared ?? []) this.#appear(element, document, event.command);
      for (const id of event.vanished ?? []) this.#elements.delete(id);
      for (const observation of event.observations ?? []) this.#observe(observation);
    }
  }

  #appear(id: string, document: ElementDocument, source: string): void {
    const before = this.#elements.get(id);
    if (before !== undefined) before.document = document;
    else this.#elements.set(id, { document, source, createdAt: this.#now, series: new Map() });
  }

  #observe({ element, property, value, time, source, everyMs, coalesced = 0 }: Observation): void {
    const known = this.#elements.get(element);
    const sound = typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' || typeof value === 'boolean';
    if (known === undefined || !sound || time > this.#now + LEAD_MS) return;
    const series: Series = known.series.get(property) ?? {
      seen: new Set(),
      samples: [],
      last: undefined,
      lastTime: -1,
      everyMs: undefined,
    };
    known.series.set(property, series);
    const name = `${source} ${time}`;
    if (series.seen.has(name)) return;
    series.seen.add(name);
    if (time >= series.lastTime) [series.last, series.lastTime] = [value, time];
    series.everyMs = everyMs ?? series.everyMs;
    series.samples = series.samples.filter((sample) => sample.time > this.#now - KEPT_MS);
    series.samples.push({ time, value, coalesced });
  }
}

const mean = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
