import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { publishedSchemas } from '../src/documents/publish.ts';

const folder = new URL('../schemas/', import.meta.url);

test('the published schemas are current; `npm run schemas` writes them', () => {
  const schemas = publishedSchemas();
  if (process.env.WRITE_SCHEMAS === '1') {
    for (const [name, schema] of Object.entries(schemas)) writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`);
  }
  expect(readdirSync(folder).sort()).toEqual(Object.keys(schemas).sort());
  for (const [name, schema] of Object.entries(schemas)) expect(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))).toEqual(schema);
});

test('every option of every kind says what it is', () => {
  const nameless: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { if: condition, then } = node as {
      if?: { properties: { kind?: { const: string } } };
      then?: { properties: Record<string, { description?: string }> };
    };
    // The definition of a condition has choices of its own.
    const kind = condition?.properties.kind;
    if (kind !== undefined && then !== undefined) {
      for (const [name, option] of Object.entries(then.properties)) {
        if (!['kind', 'name', 'element', 'scope', 'every', 'timeout'].includes(name) && option.description === undefined)
          nameless.push(`${path} ${kind.const}.${name}`);
      }
    }
    for (const [key, child] of Object.entries(node)) visit(child, `${path}/${key}`);
  };
  visit(publishedSchemas()['manager.schema.json'], '');
  expect(nameless).toEqual([]);
});
