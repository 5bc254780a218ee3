/** The dashboards as they are written, and what their sources say. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Panel } from '@grafana/schema';
import { parse } from 'yaml';
import { DASHBOARDS, panelQueries } from '../../docker/grafana/source/index.ts';
import { DATASOURCE } from '../../docker/grafana/source/panels.ts';

const at = (path: string) => new URL(`../../docker/grafana/${path}`, import.meta.url);
const SPAN = { from: 1_000, to: 2_000, interval: '10s' };

test('the written dashboards are current; `npm run dashboards` writes them', () => {
  const files = Object.entries(DASHBOARDS);
  if (process.env.WRITE_DASHBOARDS === '1')
    for (const [name, dashboard] of files) writeFileSync(at(`dashboards/${name}`), `${JSON.stringify(dashboard, null, 2)}\n`);
  expect(
    readdirSync(at('dashboards'))
      .filter((name) => name.endsWith('.json'))
      .sort(),
  ).toEqual(files.map(([name]) => name).sort());
  for (const [name, dashboard] of files)
    expect(JSON.parse(readFileSync(at(`dashboards/${name}`), 'utf8'))).toEqual(JSON.parse(JSON.stringify(dashboard)));
});

test.each(Object.entries(DASHBOARDS))(
  '%s has numbered panels that do not lie on each other, each with a word of what it shows',
  (_name, dashboard) => {
    const panels = (dashboard.panels ?? []) as Panel[];
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, type, description, gridPos, datasource } of panels) {
      if (type !== 'row') {
        expect([title, description]).toEqual([title, expect.stringMatching(/\.$/)]);
        expect([title, datasource]).toEqual([title, DATASOURCE]);
      }
      for (let x = gridPos!.x; x < gridPos!.x + gridPos!.w; x++)
        for (let y = gridPos!.y; y < gridPos!.y + gridPos!.h; y++) {
          expect([title, x < 24, taken.has(`${x} ${y}`)]).toEqual([title, true, false]);
          taken.add(`${x} ${y}`);
        }
    }
  },
);

test('every question but the lists of tags is bounded in time, and no span without a value is filled', () => {
  for (const { place, query } of panelQueries(SPAN)) {
    if (query.startsWith('SHOW TAG VALUES')) continue;
    expect([place, query]).toEqual([place, expect.stringContaining('time >= 1000ms and time <= 2000ms')]);
    if (query.includes('GROUP BY time(')) expect([place, query]).toEqual([place, expect.stringMatching(/fill\(none\)$/)]);
    expect([place, query]).toEqual([place, expect.not.stringMatching(/\$\w/)]);
  }
});

test('variables are replaced as Grafana does it: in regular expressions, with what is special escaped', () => {
  const queries = panelQueries({ ...SPAN, interval: '5s', variables: { element: 'shop/a.b' } }).filter(({ place }) =>
    place.startsWith('element.json / Numbers'),
  );
  expect(queries[0]!.query).toContain('"element" =~ /^shop\\/a\\.b$/ AND "property" =~ /^.*$/');
  expect(queries[0]!.query).toContain('GROUP BY time(5s)');
  // A panel's own least span holds.
  expect(queries.find(({ place }) => place.includes('down-sampled'))!.query).toContain('GROUP BY time(1m)');
});

test('every sort of journal entry is under exactly one mark', () => {
  const KINDS = [
    'configured',
    'started',
    'clockJumped',
    'appeared',
    'vanished',
    'probe',
    'deadLetter',
    'dropped',
    'symptom',
    'missing',
    'held',
    'lost',
  ];
  const MORE = [
    'would',
    'advice',
    'command',
    'withheld',
    'outcome',
    'effect',
    'breaker',
    'oscillation',
    'remedy',
    'tuned',
    'setAside',
    'canary',
    'pause',
    'resume',
    'audit',
  ];
  for (const [name, { annotations }] of Object.entries(DASHBOARDS)) {
    const queries = (annotations?.list ?? []).map(({ target }) => (target as unknown as { query: string }).query);
    for (const kind of [...KINDS, ...MORE]) {
      const covering = queries.filter((query) => {
        const [, not, pattern] = /"kind" (=|!)~ \/(.*?)\//.exec(query)!;
        return new RegExp(pattern!).test(kind) === (not === '=');
      });
      expect([name, kind, covering.length]).toEqual([name, kind, 1]);
    }
  }
});

test('the provisioning names the source and the folder that the dashboards are for, and holds no password', () => {
  const sources = parse(readFileSync(at('provisioning/datasources/homeostat.yaml'), 'utf8'));
  expect(sources.datasources).toMatchObject([
    {
      ...DATASOURCE,
      access: 'proxy',
      jsonData: { version: 'InfluxQL' },
      secureJsonData: { password: expect.stringMatching(/^\$\{\w+\}$/) },
    },
  ]);
  const compose = readFileSync(at('../compose.yaml'), 'utf8');
  expect(compose).toContain('INFLUX_READ_PASSWORD: ');
  expect(compose).toContain('./grafana/dashboards:/etc/grafana/dashboards:ro');
  const { providers } = parse(readFileSync(at('provisioning/dashboards/homeostat.yaml'), 'utf8'));
  expect(providers).toMatchObject([{ type: 'file', options: { path: '/etc/grafana/dashboards' } }]);
});
