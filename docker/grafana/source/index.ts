/** All dashboards, and all that they ask: a test, and the demo, run every question on a real InfluxDB and require rows. */
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
import { element } from './element.ts';
import { manager } from './manager.ts';
import { overview } from './overview.ts';
import type { InfluxAnnotation, InfluxQuery } from './panels.ts';
import { policies } from './policies.ts';

/** By the file, below docker/grafana/dashboards, that it is written to. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'element.json': element,
  'manager.json': manager,
  'overview.json': overview,
  'policies.json': policies,
};

export interface Asked {
  /** Dashboard, then panel, annotation or variable, such as `overview.json / Commands / A`. */
  readonly place: string;
  readonly query: string;
}

export interface Span {
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** What Grafana would take for a point, such as `10s`. */
  readonly interval: string;
  /** Values of the choices, such as `{ element: 'shop' }`; what is not given is everything. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Every question of every dashboard as Grafana sends it, with its macros and variables replaced. */
export function panelQueries(span: Span): readonly Asked[] {
  return Object.entries(DASHBOARDS).flatMap(([file, { panels = [], annotations, templating }]) => [
    ...panels.flatMap((panel: Panel | RowPanel) =>
      ((panel as Panel).targets ?? []).map((target) => {
        const { refId, query } = target as unknown as InfluxQuery;
        return { place: `${file} / ${panel.title} / ${refId}`, query: replaced(query, span, (panel as Panel).interval) };
      }),
    ),
    ...(annotations?.list ?? []).map(({ name, target }) => ({
      place: `${file} / marks: ${name}`,
      query: replaced((target as InfluxAnnotation).query, span),
    })),
    ...(templating?.list ?? []).map(({ name, query }) => ({ place: `${file} / choice: ${name}`, query: replaced(String(query), span) })),
  ]);
}

/** The marks that stand for anything in a regular expression, as Grafana escapes them in the value of a variable. */
const SPECIAL = /[\\^$*+?.()|[\]{}/]/g;

function replaced(query: string, { from, to, interval, variables = {} }: Span, least?: string): string {
  return query
    .replaceAll('$timeFilter', `time >= ${from}ms and time <= ${to}ms`)
    .replaceAll('$__interval', least !== undefined && secondsOf(least) > secondsOf(interval) ? least : interval)
    .replace(/\$(\w+)/g, (_all, name: string) => (variables[name] === undefined ? '.*' : variables[name].replace(SPECIAL, '\\$&')));
}

function secondsOf(span: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(span)!;
  return Number(count) * { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 }[unit as 'ms' | 's' | 'm' | 'h' | 'd'];
}
