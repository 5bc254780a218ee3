/** Keeps the probes that the manager file asks for: one for each element in the scope of each, as elements come and go. */
import type { ProbeDocument } from '../documents/manager.ts';
import { durationMs } from '../duration.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { inScope } from '../knowledge/blueprint.ts';
import type { ElementDocument, Value } from '../messages.ts';
import { fillJson, nameOf } from '../placeholders.ts';
import { nearest } from '../suggest.ts';
import { PROBE_KINDS } from './probes/index.ts';
import type { Probe, ProbeContext, ProbeKind } from './probes/probe.ts';
import { ProbeSchedule, type ProbeState, type ProbeStatus, type ProbeTold, probeTiming, type ScheduleContext } from './schedule.ts';

/** An element as a probe's placeholders need it. */
export interface Sensed {
  readonly id: string;
  readonly document: ElementDocument;
  readonly properties: Readonly<Record<string, Value>>;
}

export interface SensorsContext
  extends ScheduleContext,
    Pick<ProbeContext, 'directory' | 'environment' | 'processesOf' | 'known' | 'mqtt'> {
  /** Whether an element's type observes a property. A probe may measure more than its type declares: the rest is left out. */
  readonly observes: (element: string, property: string) => boolean;
  /** How a probe was doing when the manager last ran. */
  readonly stateOf: (probe: string, element: string) => ProbeState | undefined;
}

export class Sensors {
  readonly #documents: readonly ProbeDocument[];
  readonly #context: SensorsContext;
  readonly #schedule: ProbeSchedule;
  readonly #running = new Set<string>();
  /** Probes that wait for a property that their options name. */
  readonly #waiting = new Map<string, Set<string>>();
  /** Intervals that were set in place of those of the documents, by the name of the probe. */
  readonly #intervals = new Map<string, number>();

  constructor(documents: readonly ProbeDocument[], context: SensorsContext) {
    this.#documents = documents;
    this.#context = context;
    const sink = (event: SensorEvent): void => {
      if (event.kind !== 'observation' || context.observes(event.element, event.property)) context.sink(event);
    };
    this.#schedule = new ProbeSchedule([], { ...context, sink });
  }

  start(): void {
    this.#schedule.start();
  }

  /** Sets the interval of a probe, on all its elements. Returns why it cannot be set; undefined: it is. */
  retime(name: string, every: string): string | undefined {
    const document = this.#documents.find((probe) => probe.name === name);
    if (document === undefined)
      return `no probe is named "${name}"${nearest(
        name,
        this.#documents.map((probe) => probe.name),
      )}`;
    this.#intervals.set(name, durationMs(every));
    this.#schedule.retime(name, durationMs(every));
    return undefined;
  }

  /** Follows what the state says: `set` are the intervals that were set; all others are as their documents say. */
  followIntervals(set: ReadonlyMap<string, string>): void {
    for (const [name, every] of set) this.retime(name, every);
    for (const name of [...this.#intervals.keys()].filter((one) => !set.has(one))) {
      this.#intervals.delete(name);
      const document = this.#documents.find((probe) => probe.name === name)!;
      this.#schedule.retime(name, probeTiming(document).everyMs);
    }
  }

  /** Whether some probe of the element still waits for a property. */
  waitsFor(element: string): boolean {
    return this.#waiting.has(element);
  }

  /** Starts the probes of an element that do not run yet. */
  attach(element: Sensed): void {
    const waiting = new Set<string>();
    for (const document of this.#documents) {
      const covered =
        document.element === undefined ? inScope(document.scope ?? {}, element.id, element.document) : document.element === element.id;
      const key = `${document.name}\t${element.id}`;
      if (!covered || this.#running.has(key)) continue;
      const probe = this.#create(document, element);
      if (probe === undefined) {
        waiting.add(document.name);
        continue;
      }
      this.#running.add(key);
      const state = this.#context.stateOf(document.name, element.id);
      this.#schedule.add({
        ...probeTiming(document),
        ...this.#interval(document.name),
        name: document.name,
        element: element.id,
        probe,
        ...(state === undefined ? {} : { state }),
      });
    }
    if (waiting.size > 0) this.#waiting.set(element.id, waiting);
    else this.#waiting.delete(element.id);
  }

  #interval(name: string): { readonly everyMs?: number } {
    const everyMs = this.#intervals.get(name);
    return everyMs === undefined ? {} : { everyMs };
  }

  async detach(element: string): Promise<void> {
    this.#waiting.delete(element);
    for (const key of [...this.#running]) if (key.endsWith(`\t${element}`)) this.#running.delete(key);
    await this.#schedule.remove(element);
  }

  status(): readonly ProbeStatus[] {
    return this.#schedule.status();
  }

  close(): Promise<void> {
    return this.#schedule.close();
  }

  /** The probe; undefined: a property that its options name is not known yet. One whose options are wrong fails, and says why. */
  #create(document: ProbeDocument, element: Sensed): Probe | undefined {
    const {
      name,
      kind: kindName,
      element: _element,
      scope: _scope,
      every: _every,
      timeout: _timeout,
      jitter: _jitter,
      at: _at,
      ...options
    } = document;
    const kind = PROBE_KINDS.find((k) => k.kind === kindName) as ProbeKind<unknown> | undefined;
    let filled: unknown;
    try {
      const own = Object.fromEntries(Object.entries(options).filter(([option]) => kind?.templates?.includes(option)));
      const values = { ...element.properties, id: element.id, name: nameOf(element.id), type: element.document.type };
      filled = { ...(fillJson(without(options, own), values) as object), ...own };
    } catch (thrown) {
      if (thrown instanceof HomeostatError && thrown.code === 'H005') return undefined;
      throw thrown;
    }
    const { everyMs, timeoutMs } = probeTiming(document);
    const { clock, directory, environment, processesOf, known, mqtt } = this.#context;
    try {
      return kind!.create(filled, {
        name,
        element: element.id,
        everyMs,
        timeoutMs,
        clock,
        directory,
        environment,
        processesOf,
        known,
        mqtt,
      });
    } catch (thrown) {
      const reason = messageOf(thrown);
      return { sample: () => Promise.reject(new HomeostatError('H401', reason)), close: async () => {} };
    }
  }
}

const without = (options: object, own: object): object =>
  Object.fromEntries(Object.entries(options).filter(([option]) => !Object.hasOwn(own, option)));

export type SensorEvent = ProbeTold;
