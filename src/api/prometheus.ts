/** The text format of Prometheus, version 0.0.4. */

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** One metric; of a histogram, by labels, the counts of each bucket alone and the sum. */
export type Metric = { readonly name: string; readonly help: string } & (
  | { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] }
  | { readonly type: 'histogram'; readonly buckets: readonly number[]; readonly series: readonly Series[] }
);

export interface Series {
  readonly labels: Labels;
  /** One more than there are ends of buckets: the last has what lies beyond them. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const metricsText = (metrics: readonly Metric[]): string => `${metrics.map(metricText).join('\n')}\n`;

function metricText(metric: Metric): string {
  const { name, type, help } = metric;
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  if (metric.type !== 'histogram') for (const [labels, value] of metric.samples) lines.push(`${name}${labelText(labels)} ${value}`);
  else for (const series of metric.series) lines.push(...histogramLines(name, metric.buckets, series));
  return lines.join('\n');
}

function histogramLines(name: string, buckets: readonly number[], { labels, counts, sum }: Series): string[] {
  let count = 0;
  const lines = counts.map((here, i) => {
    count += here;
    return `${name}_bucket${labelText({ ...labels, le: i < buckets.length ? String(buckets[i]) : '+Inf' })} ${count}`;
  });
  return [...lines, `${name}_sum${labelText(labels)} ${sum}`, `${name}_count${labelText(labels)} ${count}`];
}

/** Labels with what the format wants escaped. */
function labelText(labels: Labels): string {
  const entries = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return entries.length === 0 ? '' : `{${entries.join(',')}}`;
}
