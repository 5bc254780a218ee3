/** What all dashboards have alike: their links to each other, the marks of every decision, and the span they open with. */
import { type AnnotationQuery, type Dashboard, DashboardCursorSync, type VariableModel } from '@grafana/schema';
import { marks, placed, type Section } from './panels.ts';

const TAG = 'homeostat';
/** The version of Grafana's model of dashboards that these are written in; newer ones read it. */
const SCHEMA_VERSION = 39;

/** Each decision is under exactly one of them. `where`: which entries, beside what the dashboard is about. */
const SORTS: readonly (readonly [name: string, color: string, kinds: string, shown: boolean])[] = [
  ['commands', 'green', `"kind" =~ /^(command|would)$/`, true],
  ['outcomes and effects', 'blue', `"kind" =~ /^(outcome|effect)$/`, true],
  ['held back', 'orange', `"kind" =~ /^(held|lost|withheld)$/`, false],
  ['symptoms', 'purple', `"kind" =~ /^(symptom|missing|oscillation)$/`, false],
  ['people and configuration', 'red', `"kind" !~ /^(command|would|outcome|effect|held|lost|withheld|symptom|missing|oscillation)$/`, true],
];

/** @param only which entries are marked, such as those of one element */
export const decisions = (only?: string): AnnotationQuery[] =>
  SORTS.map(([name, color, kinds, shown]) =>
    marks(name, color, only === undefined || name.startsWith('people') ? kinds : `${kinds} AND ${only}`, shown),
  );

export interface Content {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  readonly annotations: readonly AnnotationQuery[];
  readonly sections: readonly Section[];
}

export const dashboard = ({ uid, title, description, variables, annotations, sections }: Content): Dashboard => ({
  uid,
  title,
  description,
  tags: [TAG],
  schemaVersion: SCHEMA_VERSION,
  version: 1,
  editable: true,
  graphTooltip: DashboardCursorSync.Crosshair,
  time: { from: 'now-1h', to: 'now' },
  timepicker: {},
  timezone: 'browser',
  refresh: '10s',
  annotations: { list: [...annotations] },
  templating: { list: [...variables] },
  links: [
    {
      title: 'Homeostat',
      type: 'dashboards',
      tags: [TAG],
      asDropdown: true,
      icon: 'external link',
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      tooltip: '',
      url: '',
    },
  ],
  panels: placed(sections),
});
