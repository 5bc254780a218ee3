/** The history in InfluxDB: telemetry by outboxes with a spool, decisions at once and acknowledged, and the questions of charts and of a warm start. */
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { InfluxDocument } from '../documents/history.ts';
import type { SecretSource } from '../secrets.ts';
import { Connection, InfluxError, type InfluxSeries } from './connection.ts';
import type { HistoryEntry, HistoryReader, HistoryWaiting, HistoryWriter } from './history.ts';
import { type Layout, layoutOf } from './layout.ts';
import { Outbox, type Sent } from './outbox.ts';
import { entryLines, figureLine, observationLine, readingLine, spanLine } from './points.ts';
import { type Check, prepare } from './prepare.ts';
import { Questions, type Sample, type SampleSpan } from './questions.ts';
import { Spool } from './spool.ts';

const [compress, expand] = [promisify(gzip), promisify(gunzip)];

/** Requests by which the points that the server refuses are found in one batch; what is not found by then is given up with them. */
const SEARCHES = 60;
/** A clock of the server that is further off than this confuses its retention and every chart, ms. */
const CLOCK_OFF_MS = 5_000;
/** Versions of which we know that they answer as we expect. */
const KNOWN_VERSIONS = /^v?(1\.[6-9]|1\.1\d|2\.|3\.)/;

export interface InfluxPorts extends SecretSource {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Where telemetry may wait. */
  readonly folder: string;
}

export interface InfluxHistory extends HistoryWriter, HistoryReader {
  readonly layout: Layout;
  /** Why nothing is taken now; undefined: all is well, or nothing was written yet. */
  readonly away: string | undefined;
  /** What windows and newest values are made of again. */
  samples(elements: readonly string[], span: SampleSpan): Promise<ReadonlyMap<string, readonly Sample[]>>;
  /** What is wrong and what to do, for `doctor`. Makes the database if it may. */
  check(): Promise<readonly Check[]>;
  /** @throws InfluxError */
  query(text: string): Promise<readonly InfluxSeries[]>;
}

/**
 * Opens the history; does not wait for the server.
 *
 * @throws HomeostatError H001, H008 if a secret or a file of certificates is not there; an error of the system if the spool's folder cannot be made
 */
export async function openInflux(options: InfluxDocument, ports: InfluxPorts): Promise<InfluxHistory> {
  const layout = layoutOf(options);
  const connection = new Connection(options, ports);
  const { clock, random, log } = ports;
  let prepared: Promise<void> | undefined;
  /** Once, before the first point; again after a failure. */
  const ready = (): Promise<void> => {
    prepared ??= prepare(connection, layout).then(
      (checks) => {
        for (const { what, ok, detail, remedy } of checks)
          if (!ok) log.warn({ what, detail, remedy }, 'InfluxDB is not as the manager file says');
      },
      (thrown: unknown) => {
        prepared = undefined;
        throw thrown;
      },
    );
    return prepared;
  };
  let told = 0;
  const refuse = (reason: string): void => {
    // The first of each minute is told, all are counted.
    if (clock.now() - told < 60_000) return;
    told = clock.now();
    log.error({ reason }, 'InfluxDB refuses points, which are lost; the others are stored');
  };
  /** Stores what can be stored. Resolves to how many points never can be. */
  const store = async (body: Buffer, points: number, policy: string | undefined, signal?: AbortSignal): Promise<number> => {
    await unlessAborted(ready(), signal);
    let searches = 0;
    const attempt = async (part: Buffer, lines: number): Promise<number> => {
      try {
        await connection.write(part, policy, signal);
        return 0;
      } catch (thrown) {
        if (!(thrown instanceof InfluxError) || (thrown.trouble !== 'refused' && thrown.trouble !== 'tooLarge')) {
          if (thrown instanceof InfluxError && thrown.trouble === 'missing') prepared = undefined;
          throw thrown;
        }
        // The server may have said how many it has left out, having stored the rest.
        const dropped = /partial write:[\s\S]*dropped=(\d+)/.exec(thrown.reason)?.[1];
        if (dropped !== undefined || lines === 1 || ++searches > SEARCHES) {
          refuse(thrown.reason);
          return dropped === undefined ? lines : Math.min(lines, Number(dropped));
        }
        const all = String(await expand(part)).split(NEXT_POINT);
        const half = all.length >> 1;
        const send = async (some: readonly string[]) => attempt(await compress(some.join('\n')), some.length);
        return (await send(all.slice(0, half))) + (await send(all.slice(half)));
      }
    };
    return attempt(body, points);
  };
  const outbox = async (policy: string | undefined, folder: string): Promise<Outbox> => {
    const spool = await Spool.open(join(ports.folder, folder), layout.spoolBytes / (policy === undefined ? 1 : 8));
    if (spool.damaged > 0) log.warn({ bytes: spool.damaged, folder }, 'a part of the spool was damaged and is left out');
    const send = async (batch: { body: Buffer; points: number }, signal: AbortSignal): Promise<Sent> => {
      try {
        return { kind: 'stored', refused: await store(batch.body, batch.points, policy, signal) };
      } catch (thrown) {
        if (thrown instanceof InfluxError)
          return { kind: 'away', reason: thrown.message, ...(thrown.retryMs === undefined ? {} : { retryMs: thrown.retryMs }) };
        throw thrown;
      }
    };
    return new Outbox({ clock, random, log, spool, send }, layout);
  };
  // Each retention policy has a queue of its own: one that is missing must not hold up the others.
  const raw = await outbox(undefined, 'readings');
  const spans = new Map<number, Outbox>();
  for (const { everyMs, name } of layout.spans) spans.set(everyMs, await outbox(name, name));
  const outboxes = [raw, ...spans.values()];
  const put = (box: Outbox | undefined, line: string | undefined): void => {
    if (line !== undefined) box?.add(line);
  };
  let refusedEntries = 0;
  const questions = new Questions(connection);
  return {
    layout,
    readings: (readings) => {
      for (const reading of readings) put(raw, readingLine(reading));
    },
    observations: (observations) => {
      for (const observation of observations) put(raw, observationLine(observation));
    },
    spans: (everyMs, parts) => {
      for (const part of parts) put(spans.get(everyMs), spanLine(everyMs, part));
    },
    figures: (figures) => {
      for (const figure of figures) put(raw, figureLine(figure));
    },
    entries: async (entries: readonly HistoryEntry[]) => {
      const lines = entries.flatMap(entryLines);
      if (lines.length > 0) refusedEntries += await store(await compress(lines.join('\n'), { level: 1 }), lines.length, undefined);
    },
    get waiting() {
      return outboxes.reduce<HistoryWaiting>(
        (sum, { waiting }) => ({
          points: sum.points + waiting.points,
          bytes: sum.bytes + waiting.bytes,
          dropped: sum.dropped + waiting.dropped,
          refused: sum.refused + waiting.refused,
        }),
        { points: 0, bytes: 0, dropped: 0, refused: refusedEntries },
      );
    },
    get away() {
      return outboxes.map((box) => box.away).find((reason) => reason !== undefined);
    },
    history: (...of) => questions.history(...of),
    since: (...of) => questions.since(...of),
    entriesOf: (...of) => questions.entriesOf(...of),
    samples: (...of) => questions.samples(...of),
    query: (text) => connection.query(text),
    check: () => checkAll(connection, layout),
    close: async () => {
      await Promise.all(outboxes.map((box) => box.close()));
      connection.close();
    },
  };
}

/** Who gives up does not wait for what others need as well. */
function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new InfluxError('away', 'the history is closing', 'the history is closing'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Points end with their time; a text in a field may hold line breaks. */
const NEXT_POINT = /(?<= \d{10,20})\n(?=homeostat_)/;

async function checkAll(connection: Connection, layout: Layout): Promise<readonly Check[]> {
  const checks: Check[] = [];
  /** False: nothing more can be learned. */
  const look = async (what: string, at: () => Promise<readonly Check[]>): Promise<boolean> => {
    try {
      checks.push(...(await at()));
      return true;
    } catch (thrown) {
      if (!(thrown instanceof InfluxError)) throw thrown;
      checks.push({ what, ok: false, detail: thrown.message, remedy: REMEDIES[thrown.trouble] });
      return false;
    }
  };
  const server = `InfluxDB at ${connection.place}`;
  if (!(await look(server, async () => judgeServer(server, await connection.ping())))) return checks;
  await look(`database ${connection.database}`, () => prepare(connection, layout));
  await look('right to write', async () => {
    // A comment holds no point, and needs the right to write one.
    await connection.write(await compress('# homeostat'));
    return [{ what: 'right to write', ok: true, detail: 'granted' }];
  });
  return checks;
}

function judgeServer(what: string, { version, aheadMs }: Awaited<ReturnType<Connection['ping']>>): Check[] {
  const known = KNOWN_VERSIONS.test(version);
  const remedy = 'use 1.6 or later, 2.x, or 3.x with its 1.x-compatible endpoints';
  const checks: Check[] = [{ what, ok: known, detail: `answers, version ${version}`, ...(known ? {} : { remedy }) }];
  if (aheadMs === null) return checks;
  // Its header says whole seconds.
  const ok = Math.abs(aheadMs) <= CLOCK_OFF_MS + 1_000;
  const detail = ok ? 'the same as ours' : `${aheadMs} ms ahead of ours`;
  return [...checks, { what: 'clock of InfluxDB', ok, detail, ...(ok ? {} : { remedy: 'let both machines follow a time server (ntp)' }) }];
}

const REMEDIES: Readonly<Record<InfluxError['trouble'], string>> = {
  away: 'start it, or correct history.influx.url',
  denied: 'correct history.influx.username and password, or token; grant the user ALL on the database',
  missing: 'make the database; see docs/influxdb.md#rights',
  refused: 'see the words of the server',
  tooLarge: 'make history.influx.batch smaller',
};
