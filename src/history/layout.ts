/** The history's options with their defaults, and the retention policies that follow from them. */
import type { InfluxDocument } from '../documents/history.ts';
import { durationMs } from '../duration.ts';

const HOUR_MS = 3_600_000;

/** A retention policy: how long what is written under it is kept. */
export interface Kept {
  readonly name: string;
  readonly keepMs: number;
}

export interface Layout {
  /** Of all that is not down-sampled; it is the default of the database, so that a query need not name it. */
  readonly raw: Kept;
  readonly spans: readonly (Kept & { readonly everyMs: number })[];
  readonly resolutionMs: number;
  readonly repeatMs: number;
  readonly warmMs: number;
  readonly batch: number;
  readonly ageMs: number;
  readonly spoolBytes: number;
}

const DEFAULT_SPANS = [{ every: '1m', keep: '90d' }] as const;

export function layoutOf(options: InfluxDocument): Layout {
  const name = options.retention?.name ?? 'homeostat';
  return {
    raw: { name, keepMs: durationMs(options.retention?.keep ?? '30d') },
    spans: (options.downsample ?? DEFAULT_SPANS).map(({ every, keep }) => ({
      everyMs: durationMs(every),
      keepMs: durationMs(keep),
      name: `${name}_${durationMs(every) / 1_000}s`,
    })),
    resolutionMs: durationMs(options.resolution ?? '1s'),
    repeatMs: durationMs(options.repeat ?? '1m'),
    warmMs: durationMs(options.warm ?? '24h'),
    batch: options.batch ?? 5_000,
    ageMs: durationMs(options.age ?? '1s'),
    spoolBytes: options.spoolBytes ?? 256 << 20,
  };
}

export interface Mistake {
  /** Below `history.influx`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly remedy: string;
}

/** What the schema cannot say. */
export function mistakesIn(options: InfluxDocument): Mistake[] {
  const mistakes: Mistake[] = [];
  const { raw, spans } = layoutOf(options);
  const short = (ms: number, ...path: (string | number)[]) => {
    if (ms < HOUR_MS) mistakes.push({ path, message: 'InfluxDB keeps nothing for less than an hour', remedy: 'give 1h or more' });
  };
  short(raw.keepMs, 'retention', 'keep');
  for (const [i, { everyMs, keepMs, name }] of spans.entries()) {
    short(keepMs, 'downsample', i, 'keep');
    if (everyMs < 10_000 || everyMs % 1_000 !== 0)
      mistakes.push({
        path: ['downsample', i, 'every'],
        message: 'spans of down-sampled readings are whole seconds, and at least 10s',
        remedy: 'give 1m, for example',
      });
    if (spans.findIndex((span) => span.name === name) < i)
      mistakes.push({ path: ['downsample', i, 'every'], message: 'two spans are the same', remedy: 'leave one out' });
  }
  if (options.password !== undefined && options.username === undefined)
    mistakes.push({ path: ['password'], message: 'there is a password and no user', remedy: 'add "username", or give a "token" alone' });
  if (options.token !== undefined && options.username !== undefined)
    mistakes.push({
      path: ['token'],
      message: 'there are a user and a token',
      remedy: 'give a token for 2.x and 3.x, a user and password for 1.x',
    });
  return mistakes;
}
