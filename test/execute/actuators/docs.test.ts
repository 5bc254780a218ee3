import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { ACTUATOR_KINDS } from '../../../src/execute/actuators/index.ts';

const page = readFileSync(new URL('../../../docs/actuators.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1]!.trim());
/** Every object with a kind, wherever it stands. */
function kindsIn(value: unknown): { kind: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...('kind' in value ? [value as { kind: string }] : []), ...Object.values(value).flatMap(kindsIn)];
}
const examples = blocks.flatMap((block) => kindsIn(JSON.parse(block.startsWith('{') ? block : `{${block}}`)));

test('every example on the page about actuators fits the options of its kind', () => {
  expect(new Set(examples.map((example) => example.kind))).toEqual(
    new Set(ACTUATOR_KINDS.map(({ kind }) => kind).filter((kind) => kind !== 'set')),
  );
  for (const { kind, ...options } of examples) {
    const schema = ACTUATOR_KINDS.find((one) => one.kind === kind)!.options;
    expect([...Value.Errors(schema, options)]).toEqual([]);
  }
});

test('every kind has a section on the page, which names each of its options', () => {
  for (const { kind, options } of ACTUATOR_KINDS) {
    const section = page.split(`\n## ${kind}\n`)[1]?.split('\n## ')[0];
    expect(`${kind}: ${typeof section}`).toBe(`${kind}: string`);
    const { properties } = options as unknown as { properties: object };
    for (const name of Object.keys(properties)) expect(section).toContain(`\`${name}\``);
  }
});
