/** `homeostat schema`: writes JSON Schemas with the project's own names, for editors. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectSchemas } from '../editor/index.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import { EXIT, print, printJson } from './output.ts';
import { DEFAULT_FILE } from './place.ts';

const DEFAULT_FOLDER = 'schemas';

export async function schema(
  file: string = DEFAULT_FILE,
  { out, json }: { readonly out?: string; readonly json: boolean },
): Promise<number> {
  const schemas = projectSchemas(file);
  const folder = out ?? join(dirname(file), DEFAULT_FOLDER);
  const files = Object.entries(schemas).map(([name, document]) => {
    const path = join(folder, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
    } catch (thrown) {
      throw new HomeostatError('H302', `${path} cannot be written: ${messageOf(thrown)}; name another folder with --out DIR`, {
        cause: thrown,
      });
    }
    return path;
  });
  if (json) printJson({ files });
  else {
    for (const path of files) print(`wrote ${path}`);
    print(
      `let your files name them, such as "$schema": "../${DEFAULT_FOLDER}/policies.schema.json"; write them again when types, elements or names change`,
    );
  }
  return EXIT.good;
}
