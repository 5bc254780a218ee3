import { readdirSync, readFileSync } from 'node:fs';
import type { GaugeDocument } from '../../../src/documents/manager.ts';
import { HomeostatError } from '../../../src/errors.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import { GAUGE_KINDS } from '../../../src/monitor/gauges/index.ts';

const refusal = (document: GaugeDocument): string => {
  try {
    createGauge(document);
  } catch (thrown) {
    if (thrown instanceof HomeostatError) return `${thrown.code} ${thrown.message}`;
  }
  return 'taken';
};

test('the kinds are listed in order, each with a test and a line in the documents', () => {
  const kinds = GAUGE_KINDS.map((k) => k.kind);
  expect(kinds).toEqual([...kinds].sort());
  const tests = readdirSync(import.meta.dirname);
  const page = readFileSync(`${import.meta.dirname}/../../../docs/gauges.md`, 'utf8');
  for (const kind of kinds) {
    expect(tests).toContain(`${kind}.test.ts`);
    expect(page).toContain(`| \`${kind}\` |`);
  }
});

test('options that do not fit are refused with what is wrong and what would be right', () => {
  expect(refusal({ kind: 'avg', window: '10s' })).toMatch(/^H005 there is no gauge "avg"/);
  expect(refusal({ kind: 'means', window: '10s' })).toBe('H005 there is no gauge "means"; did you mean "mean"?');
  expect(refusal({ kind: 'mean', windows: '10s' })).toBe('H007 gauge "mean" has no option "windows"; did you mean "window"?');
  expect(refusal({ kind: 'mean' })).toBe('H007 gauge "mean": it must have required properties window');
  expect(refusal({ kind: 'mean', window: '10 s' })).toMatch(/^H007 gauge "mean": window must match/);
  expect(refusal({ kind: 'mean', window: '0s' })).toBe('H007 window must be between 1ms and 3653d; found "0s" (0 ms)');
  expect(refusal({ kind: 'quantile', window: '10s', q: 95 })).toBe('H007 gauge "quantile": q must be <= 1');
  expect(refusal({ kind: 'rollup', of: 'load', fold: 'average' })).toBe(
    'H007 gauge "rollup": fold must be equal to one of the allowed values',
  );
});

test('every kind can be made from the least that it needs', () => {
  const least: Record<string, GaugeDocument> = {
    expression: { kind: 'expression', expression: '1' },
    machine: { kind: 'machine', initial: 'up', states: { up: [] } },
    pattern: { kind: 'pattern', event: {} },
    ewma: { kind: 'ewma', halfLife: '10s' },
    forecast: { kind: 'forecast', window: '1h', step: '1m', horizon: '10m' },
    fuzzy: { kind: 'fuzzy', inputs: { load: { high: { above: [60, 80] } } }, rules: [{ when: { load: 'high' }, then: 1 }] },
    heartbeat: { kind: 'heartbeat', deadline: '2s' },
    last: { kind: 'last' },
    progress: { kind: 'progress', deadline: '2s' },
    quantile: { kind: 'quantile', window: '10s', q: 0.5 },
    rollup: { kind: 'rollup', of: 'load', fold: 'sum' },
    suspicion: { kind: 'suspicion' },
    timeInState: { kind: 'timeInState' },
    swing: { kind: 'swing', window: '10s', by: 1 },
    vote: { kind: 'vote', of: 'heat' },
  };
  for (const { kind } of GAUGE_KINDS) expect(refusal(least[kind] ?? { kind, window: { count: 5 } })).toBe('taken');
});
