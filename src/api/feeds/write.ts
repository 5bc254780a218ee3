/** POST /write and POST /api/v2/write: InfluxDB's line protocol, of its versions 1 and 2. */
import { FeedRefusal } from './answers.ts';
import { parseLines } from './line-protocol.ts';
import type { PointReader } from './points.ts';
import type { FeedAnswer, FeedCall } from './server.ts';
import { type FeedSink, REFUSALS_TOLD, rejectionsOf } from './sink.ts';

const NANOSECOND = 1e-6;
const PRECISIONS_1: Readonly<Record<string, number>> = {
  n: NANOSECOND,
  ns: NANOSECOND,
  u: 1e-3,
  µ: 1e-3,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const PRECISIONS_2: Readonly<Record<string, number>> = { ns: NANOSECOND, us: 1e-3, ms: 1, s: 1_000 };

export interface WriteContext {
  readonly reader: PointReader;
  readonly sink: FeedSink;
  /** The databases that may be written to; undefined: any. */
  readonly databases: ReadonlySet<string> | undefined;
}

export function write1(call: FeedCall, context: WriteContext): Promise<FeedAnswer> {
  const database = call.query.get('db') ?? '';
  if (database === '') throw new FeedRefusal(400, 'database is required');
  if (context.databases?.has(database) === false) throw new FeedRefusal(404, `database not found: "${database}"`);
  const precision = call.query.get('precision');
  const msPerUnit = precision === null || precision === '' ? NANOSECOND : PRECISIONS_1[precision];
  if (msPerUnit === undefined) throw new FeedRefusal(400, `invalid precision "${precision}" (use n, u, ms, s, m or h)`);
  return write(call, database, msPerUnit, context);
}

export function write2(call: FeedCall, context: WriteContext): Promise<FeedAnswer> {
  const bucket = call.query.get('bucket') ?? '';
  if (bucket === '') throw new FeedRefusal(400, 'bucket is required');
  // Of version 1 a bucket is a database with a retention policy: what is before the slash counts.
  const database = bucket.split('/')[0]!;
  if (context.databases?.has(database) === false) throw new FeedRefusal(404, `bucket "${bucket}" not found`);
  const precision = call.query.get('precision') ?? 'ns';
  const msPerUnit = PRECISIONS_2[precision];
  if (msPerUnit === undefined) throw new FeedRefusal(400, `invalid precision "${precision}" (use ns, us, ms or s)`);
  return write(call, database, msPerUnit, context);
}

async function write(call: FeedCall, database: string, msPerUnit: number, { reader, sink }: WriteContext): Promise<FeedAnswer> {
  const request = reader.request(database, msPerUnit, sink);
  parseLines(
    await call.body(),
    (point) => request.add(point),
    ({ line, text, reason }) => request.refuse({ line, text, reason: `unable to parse '${text}': ${reason}` }),
  );
  const { observations, refused, refusedCount } = request;
  const rejections = rejectionsOf(
    `influx:${database}`,
    refused.map(({ reason, text }) => ({ reason, excerpt: text })),
    refusedCount,
  );
  const full = sink.full(observations.length, rejections.length);
  if (full !== undefined) throw new FeedRefusal(503, `${full}; nothing was taken, send it again later`);
  sink.take(observations, rejections);
  if (refusedCount === 0) return { status: 204 };
  throw new FeedRefusal(400, toldOf(refused, refusedCount));
}

/** As InfluxDB says it: its clients know by the first words that sending the same again is of no use. */
function toldOf(refused: readonly { readonly line: number; readonly reason: string; readonly text: string }[], count: number): string {
  const lines = refused.map(({ line, reason, text }) =>
    reason.startsWith('unable to parse') ? `line ${line}: ${reason}` : `line ${line}: '${text}': ${reason}`,
  );
  const more = count > REFUSALS_TOLD ? `\nand ${count - REFUSALS_TOLD} more` : '';
  return `partial write: ${lines.join('\n')}${more} dropped=${count}`;
}
