/** The history in InfluxDB beside an embedded manager: it follows the steps, carries the journal, answers charts, and warms a manager whose folder is empty. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { LmdbStore } from '../knowledge/lmdb.ts';
import type { Manager } from '../manager.ts';
import type { Event, ObservationEvent } from '../messages.ts';
import type { StepResult } from '../step.ts';
import { embeddedReader } from './embedded.ts';
import { HistoryFollower } from './follow.ts';
import type { HistoryReader, HistoryWaiting } from './history.ts';
import { openInflux } from './influx.ts';
import { layered } from './layered.ts';
import { type Position, Projection } from './projection.ts';
import { warm } from './warm.ts';

export interface AttachPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly store: LmdbStore;
  readonly waiting: () => { readonly signals: number; readonly telemetry: number };
  /** Commands that are being carried out. */
  readonly running: () => number;
}

/** How the way into the history is doing, for `status` and `/metrics`. */
export interface HistoryHealth extends HistoryWaiting {
  /** Why InfluxDB takes nothing now; null: it does, or nothing was written yet. */
  readonly away: string | null;
  /** Journal entries that wait, and such as the journal forgot before they were stored. */
  readonly entries: number;
  readonly missed: number;
}

export interface Attached {
  readonly reader: HistoryReader;
  health(): HistoryHealth;
  /** What a manager that has no state begins with; nothing if the history cannot be read now. */
  warm(): Promise<readonly ObservationEvent[]>;
  /** From now on it follows this manager. */
  follow(manager: Manager): void;
  onStep(result: StepResult, events: readonly Event[]): void;
  close(): Promise<void>;
}

/** Undefined: the manager file names no InfluxDB. Does not wait for the server. @throws HomeostatError H001, H008 */
export async function attachHistory(configuration: Configuration, ports: AttachPorts): Promise<Attached | undefined> {
  const options = configuration.manager.history?.influx;
  if (options === undefined) return undefined;
  const { clock, random, environment, store } = ports;
  const log = ports.log.child({ part: 'history' });
  const folder = join(configuration.folder, 'history');
  const history = await openInflux(options, { clock, random, log, folder, environment, directory: configuration.directory });
  const near = embeddedReader(store);
  const name = configuration.setup.domain;
  let follower: HistoryFollower | undefined;
  let projection: Projection | undefined;
  return {
    reader: layered(near, () => store.oldestReading(), history),
    health: () => ({
      ...history.waiting,
      away: history.away ?? null,
      entries: projection === undefined ? 0 : Math.max(0, (store.journal(0, -1)[0]?.seq ?? 0) - projection.seq),
      missed: projection?.missed ?? 0,
    }),
    warm: async () => {
      const { warmMs } = history.layout;
      if (warmMs === 0) return [];
      const { blueprint, setup } = configuration;
      try {
        const observations = await warm(history, {
          blueprint,
          elements: setup.elements,
          batch: setup.limits.batch,
          backMs: warmMs,
          now: clock.now(),
        });
        log.info({ observations: observations.length }, 'the folder has no state: windows and newest values are made again from InfluxDB');
        return observations;
      } catch (thrown) {
        log.warn({ reason: messageOf(thrown) }, 'the folder has no state, and InfluxDB cannot be read: windows begin empty');
        return [];
      }
    },
    follow: (manager) => {
      const state = () => manager.state;
      follower = new HistoryFollower({
        clock,
        writer: history,
        layout: history.layout,
        manager: name,
        partition: 0,
        state,
        derived: () => manager.derived,
        health: () => manager.health,
        figures: () => figuresOf(manager, ports),
      });
      projection = new Projection({
        clock,
        random,
        log,
        writer: history,
        journal: name,
        source: {
          read: (after, limit) => store.journal(after, limit),
          ...positionIn(folder),
          contiguous: true,
        },
        typeOf: (element) => manager.state.elements.get(element)?.document.type,
      });
      projection.wake();
    },
    onStep: (result, events) => {
      follower?.onStep(result, events);
      if (result.journal.length > 0) projection?.wake();
    },
    close: async () => {
      follower?.close();
      await projection?.close();
      await history.close();
    },
  };
}

/** What only the manager itself knows of how it is doing. */
function figuresOf({ state, derived }: Manager, { clock, waiting, running }: AttachPorts): Record<string, number> {
  const { signals, telemetry } = waiting();
  return {
    // Nothing waits longer than since the last step.
    lag: signals + telemetry > 0 ? Math.max(0, clock.now() - state.position.now) : 0,
    waitingSignals: signals,
    waitingTelemetry: telemetry,
    symptoms: derived.raised.size,
    commandsInFlight: state.commands.size,
    commandsRunning: running(),
    elements: state.elements.size,
  };
}

/** How far the journal is in the history, in a file: what is lost of it is offered again, which makes no second point. */
export function positionIn(folder: string): { load(): Position; save(position: Position): void } {
  const file = join(folder, 'position.json');
  return {
    load: () => {
      try {
        const position = JSON.parse(readFileSync(file, 'utf8')) as Position;
        return Number.isSafeInteger(position.seq) && position.seq >= 0 ? position : { seq: 0 };
      } catch {
        return { seq: 0 };
      }
    },
    save: (position) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(position));
      renameSync(`${file}.new`, file);
    },
  };
}
