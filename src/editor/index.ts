/** Schemas for editors, specialised to one project: they complete and check the names that its manager file declares. */
import { publishedSchemas } from '../documents/publish.ts';
import { namesOf } from './names.ts';
import type { Json } from './parts.ts';
import { policiesSchema } from './policies.ts';
import { scenarioSchema } from './scenario.ts';

/**
 * By file name, for the project of a manager file.
 *
 * @throws HomeostatError if the manager file is wrong, with findings
 */
export function projectSchemas(file: string): Readonly<Record<string, Json>> {
  const names = namesOf(file);
  return plain({
    'policies.schema.json': policiesSchema(names),
    'scenario.schema.json': scenarioSchema(names),
    'manager.schema.json': publishedSchemas()['manager.schema.json']!,
  });
}

/** As it is read from its file. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
