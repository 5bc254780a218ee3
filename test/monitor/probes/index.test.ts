import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { PROBE_KINDS } from '../../../src/monitor/probes/index.ts';
import { pushKind } from '../../../src/monitor/probes/push.ts';
import { context } from './support.ts';

test('the table of kinds is sorted and has each kind once', () => {
  const names = PROBE_KINDS.map((k) => k.kind);
  expect(names).toEqual([...new Set(names)].sort());
});

test.each(PROBE_KINDS.map((k) => [k.kind, k] as const))(
  '%s has a section in docs/probes.md that names each of its options',
  (name, kind) => {
    const page = readFileSync('docs/probes.md', 'utf8');
    const section = page.split(/^## /m).find((s) => s.startsWith(`${name}\n`));
    expect(section).toBeDefined();
    const { properties = {} } = kind.options as { properties?: Record<string, { description?: string }> };
    for (const [option, schema] of Object.entries(properties)) {
      expect(section).toContain(`\`${option}\``);
      expect(schema.description).toBeTruthy();
    }
  },
);

test.each(PROBE_KINDS.map((k) => [k.kind, k] as const))('%s refuses an option that it does not know', (_, kind) => {
  expect(Value.Check(kind.options, { noSuchOption: 1 })).toBe(false);
});

const examples = [...readFileSync('docs/probes.md', 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map((m) => m[1]!);

test.each(examples)('the example in docs/probes.md fits its schema and can be built: %s', (text) => {
  const { name, kind, element: _, scope, every, timeout, jitter, ...options } = JSON.parse(text);
  const found = PROBE_KINDS.find((k) => k.kind === kind)!;
  expect([...Value.Errors(found.options, options)]).toEqual([]);
  expect(() => found.create(options as never, context({ name }))).not.toThrow();
});

test('a pushed probe tells nothing by itself and closes at once', async () => {
  const probe = pushKind.create({}, context());
  const told: unknown[] = [];
  probe.follow!({
    measured: (m) => told.push(m),
    failed: (r) => told.push(r),
    rejected: (r) => told.push(r),
    appeared: (e) => told.push(e),
  });
  await probe.close();
  expect(told).toEqual([]);
});
