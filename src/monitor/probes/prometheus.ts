/** The prometheus probe: scrapes an exporter, in Prometheus' text format or OpenMetrics, and takes the series that are selected. */

import { type Cancel, type Clock, stopwatch } from '../../clock.ts';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { AccessOptions, ask, checkAccess, shownUrl, urlOf } from './ask.ts';
import { formatOf, parseExposition } from './exposition.ts';
import type { Measurement, ProbeContext, ProbeKind, Sample } from './probe.ts';
import { sampler } from './sampler.ts';
import { type Rule, SeriesOptions, SeriesReader } from './series.ts';

const DEFAULT_MAX_BYTES = 10_000_000;
const ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
/** A scrape is given up this much before the probe's own timeout, so that `up` can still be told. */
const EARLIER_SHARE = 0.1;
const EARLIER_MS = 100;

const Options = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      description: 'what is scraped, such as http://127.0.0.1:9100/metrics; redirections are not followed',
    }),
    series: Type.Array(SeriesOptions, {
      minItems: 1,
      maxItems: 1_000,
      description: 'which series become which properties of which elements',
    }),
    timestamps: Type.Optional(
      Type.Union([Type.Literal('exporter'), Type.Literal('scrape')], {
        description: 'whose time a value has, where the exporter gives one: exporter if not given',
      }),
    ),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'further headers of the request' })),
    ...AccessOptions,
    maxBytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: `longest answer that is read, bytes after it was unpacked; ${DEFAULT_MAX_BYTES} if not given`,
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Readonly<Static<typeof Options>>;

export const prometheusKind: ProbeKind<Options> = {
  kind: 'prometheus',
  description: 'series of an exporter, in Prometheus’ text format or OpenMetrics',
  options: Options,
  templates: ['series'],
  create(options, context) {
    const url = urlOf(options.url, context.name);
    checkAccess(options, context.name);
    const reader = new SeriesReader(options.series as readonly Rule[], context);
    return sampler((signal) => measure(url, options, reader, context, signal));
  },
};

async function measure(url: URL, options: Options, reader: SeriesReader, context: ProbeContext, signal: AbortSignal): Promise<Measurement> {
  const elapsedMs = stopwatch();
  const timed = within(context, signal);
  const asked = { url, access: options, headers: { accept: ACCEPT, ...options.headers }, maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES };
  try {
    const { status, type, body } = await ask(asked, context, timed.signal);
    if (status !== 200) throw new HomeostatError('H411', `${shownUrl(url)} answers ${status}${hintFor(status)}`);
    const exposition = parseExposition(body, formatOf(type), (name) => reader.wants(name));
    if (!exposition.whole) throw new HomeostatError('H411', `the answer of ${shownUrl(url)} was cut off: it has no # EOF`);
    const { samples, wrong } = reader.read(exposition);
    const own: Sample[] = [
      { property: 'up', value: 1 },
      { property: 'scrapeMs', value: Math.round(elapsedMs() * 1_000) / 1_000 },
    ];
    const complaint = [exposition.wrong, wrong].filter((one) => one !== undefined).join('; ');
    const all = [...own, ...samples.map((sample) => (options.timestamps === 'scrape' ? { ...sample, time: undefined } : sample))];
    return complaint === '' ? { samples: all } : { samples: all, wrong: complaint };
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    return { samples: [{ property: 'up', value: 0 }], wrong: messageOf(thrown) };
  } finally {
    timed.cancel();
  }
}

const hintFor = (status: number): string =>
  status === 401 || status === 403
    ? '; it wants "username" and "password", or "token"'
    : status >= 300 && status < 400
      ? '; give the URL that it leads to'
      : '';

/** A signal that comes a little before the probe's own. */
function within(
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
  outer: AbortSignal,
): { readonly signal: AbortSignal; readonly cancel: Cancel } {
  const own = new AbortController();
  const limitMs = timeoutMs - Math.min(EARLIER_MS, timeoutMs * EARLIER_SHARE);
  const cancelTimer = clock.after(limitMs, () => own.abort(new HomeostatError('H411', `no answer within ${Math.round(limitMs)} ms`)));
  const abort = () => own.abort(outer.reason);
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort, { once: true });
  return {
    signal: own.signal,
    cancel: () => {
      cancelTimer();
      outer.removeEventListener('abort', abort);
    },
  };
}
