/** The few sorts of panels that the dashboards are made of. Types are Grafana's own; what a panel asks is InfluxQL as text. */
import {
  type AnnotationQuery,
  BarAlignment,
  type DataQuery,
  type DataSourceRef,
  FieldColorModeId,
  type FieldConfig,
  GraphDrawStyle,
  type GraphFieldConfig,
  LegendDisplayMode,
  type Panel,
  type RowPanel,
  SortOrder,
  StackingMode,
  type TableOptions,
  TooltipDisplayMode,
  type VariableModel,
  VariableRefresh,
  VariableSort,
  VisibilityMode,
} from '@grafana/schema';

/** As provisioning/datasources/homeostat.yaml names it. */
export const DATASOURCE: DataSourceRef = { type: 'influxdb', uid: 'homeostat' };

/** What Grafana's InfluxDB source takes as a query in InfluxQL; its package of schemas has no type for it. */
export interface InfluxQuery extends DataQuery {
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: 'time_series' | 'table';
  readonly alias?: string;
}

/** Of an annotation: which columns become its text and tags. */
export interface InfluxAnnotation extends DataQuery {
  readonly query: string;
  readonly rawQuery: true;
  readonly fromAnnotations: true;
  readonly textEditor: true;
  readonly textColumn: string;
  readonly tagsColumn: string;
  readonly name: string;
}

/** One question, and how its series are called. */
export interface Question {
  readonly query: string;
  readonly alias?: string;
}

export interface Described {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

/** A panel before it has a place and a number. */
export type Draft = Omit<Panel, 'id' | 'gridPos'> & { readonly size: { readonly w: number; readonly h: number } };

const targets = (questions: readonly Question[], resultFormat: InfluxQuery['resultFormat']): InfluxQuery[] =>
  questions.map(({ query, alias }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: DATASOURCE,
    query,
    rawQuery: true,
    resultFormat,
    ...(alias === undefined ? {} : { alias }),
  }));

const draft = (
  type: string,
  { title, description, width, height }: Described,
  questions: readonly Question[],
  format: InfluxQuery['resultFormat'],
): Omit<Draft, 'options' | 'fieldConfig'> => ({
  type,
  title,
  description,
  datasource: DATASOURCE,
  targets: targets(questions, format) as unknown as Record<string, unknown>[],
  size: { w: width, h: height },
});

export interface Look {
  readonly unit?: string;
  /** `bars`: counts in spans, stacked. */
  readonly as?: 'lines' | 'bars';
  /** The shortest span of a point; Grafana makes it longer to fit the screen. */
  readonly interval?: string;
  readonly min?: number;
}

/** Values over time. */
export function chart(
  described: Described,
  questions: readonly Question[],
  { unit, as = 'lines', interval = '1s', min }: Look = {},
): Draft {
  const custom: GraphFieldConfig =
    as === 'bars'
      ? {
          drawStyle: GraphDrawStyle.Bars,
          barAlignment: BarAlignment.Center,
          fillOpacity: 70,
          lineWidth: 0,
          stacking: { mode: StackingMode.Normal, group: 'A' },
        }
      : { drawStyle: GraphDrawStyle.Line, lineWidth: 2, fillOpacity: 8, spanNulls: true, showPoints: VisibilityMode.Auto };
  const defaults: FieldConfig<Record<string, unknown>> = {
    custom: { ...custom },
    color: { mode: FieldColorModeId.PaletteClassic },
    ...(unit === undefined ? {} : { unit }),
    ...(min === undefined ? {} : { min }),
  };
  return {
    ...draft('timeseries', described, questions, 'time_series'),
    interval,
    fieldConfig: { defaults, overrides: [] },
    options: {
      legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
    },
  };
}

/** One number, and how it went. */
export const figure = (described: Described, question: Question, unit?: string): Draft => ({
  ...draft('stat', described, [question], 'time_series'),
  fieldConfig: {
    defaults: { noValue: '0', ...(unit === undefined ? {} : { unit }), color: { mode: FieldColorModeId.Fixed, fixedColor: 'text' } },
    overrides: [],
  },
  options: {
    colorMode: 'value',
    graphMode: 'none',
    justifyMode: 'auto',
    textMode: 'auto',
    orientation: 'auto',
    percentChangeColorMode: 'standard',
    showPercentChange: false,
    wideLayout: true,
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  },
});

/** Rows as they are, the newest first. */
export function table(described: Described, question: Question, hidden: readonly string[] = []): Draft {
  const options: TableOptions = { frameIndex: 0, showHeader: true };
  return {
    ...draft('table', described, [question], 'table'),
    fieldConfig: { defaults: { custom: { filterable: true } }, overrides: [] },
    options: { ...options },
    ...(hidden.length === 0
      ? {}
      : { transformations: [{ id: 'organize', options: { excludeByName: Object.fromEntries(hidden.map((name) => [name, true])) } }] }),
  };
}

/** What was so when: one lane for each series. */
export const lanes = (described: Described, questions: readonly Question[], mappings: FieldConfig['mappings'] = []): Draft => ({
  ...draft('state-timeline', described, questions, 'time_series'),
  interval: '1s',
  fieldConfig: { defaults: { mappings, custom: { fillOpacity: 70, lineWidth: 0 } }, overrides: [] },
  options: {
    mergeValues: true,
    rowHeight: 0.85,
    showValue: VisibilityMode.Auto,
    legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: false, calcs: [] },
    tooltip: { mode: TooltipDisplayMode.Single, sort: SortOrder.None },
  },
});

/** A heading over the panels that follow. */
export type Section = { readonly title: string; readonly panels: readonly Draft[] };

const COLUMNS = 24;

/** Gives panels their places, row by row from the left, and their numbers. */
export function placed(sections: readonly Section[]): (Panel | RowPanel)[] {
  const all: (Panel | RowPanel)[] = [];
  let [id, y] = [1, 0];
  for (const { title, panels } of sections) {
    all.push({ type: 'row', title, collapsed: false, id: id++, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] });
    y += 1;
    let [x, tallest] = [0, 0];
    for (const { size, ...panel } of panels) {
      if (x + size.w > COLUMNS) {
        y += tallest;
        [x, tallest] = [0, 0];
      }
      all.push({ ...panel, id: id++, gridPos: { x, y, ...size } });
      x += size.w;
      tallest = Math.max(tallest, size.h);
    }
    y += tallest;
  }
  return all;
}

/** A choice above the dashboard, of the values that a question gives. `one`: exactly one of them; else any, and all at first. */
export const choice = (name: string, label: string, query: string, one = false): VariableModel => ({
  type: 'query',
  name,
  label,
  datasource: DATASOURCE,
  query,
  refresh: VariableRefresh.onTimeRangeChanged,
  sort: VariableSort.alphabeticalAsc,
  multi: !one,
  includeAll: !one,
  ...(one ? {} : { allValue: '.*', current: { text: 'All', value: '$__all', selected: true } }),
  options: [],
});

/** Marks what one sort of journal entries tells of on every chart. */
export const marks = (name: string, color: string, where: string, enable = true): AnnotationQuery => {
  const target: InfluxAnnotation = {
    refId: 'Anno',
    datasource: DATASOURCE,
    query: `SELECT "text", "kind", "element", "policy", "reason" FROM "homeostat_decision" WHERE ${where} AND $timeFilter ORDER BY time DESC LIMIT 1000`,
    rawQuery: true,
    fromAnnotations: true,
    textEditor: true,
    textColumn: 'text',
    tagsColumn: 'kind,element,policy,reason',
    name,
  };
  return { name, datasource: DATASOURCE, enable, hide: false, iconColor: color, target };
};
