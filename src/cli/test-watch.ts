/** `homeostat test --watch`: runs the scenarios, and again whenever a scenario, a manager file or a file of policies has changed. */
import { type Dirent, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Findings } from '../compile/report.ts';
import { isObject } from '../json.ts';
import { readJson } from '../read-json.ts';
import { complain, EXIT, fail } from './output.ts';
import { managerOf, PASSED_OVER, runTests, scenariosIn, type TestOptions } from './test.ts';
import { onEveryChange } from './watching.ts';

/** Until Ctrl-C, which is a good end. What is wrong is told, and it waits for the next change. */
export async function watchTests(files: readonly string[], options: TestOptions): Promise<number> {
  await onEveryChange(
    () => foldersOf(files),
    async () => {
      await runTests(files, options).catch((thrown: unknown) => fail(thrown, options.json));
      complain('waiting for a change; Ctrl-C ends');
    },
  );
  return EXIT.good;
}

/** Where the files lie that the outcome rests on: scenarios, the manager files that they name, and their policies. */
function foldersOf(files: readonly string[]): Set<string> {
  const named = files.length === 0 ? ['.'] : files;
  const folders = new Set(named.flatMap((path) => [dirname(path), ...below(path)]));
  for (const file of named.flatMap(scenariosIn)) {
    folders.add(dirname(file));
    const scenario = contentOf(file);
    const manager = managerOf(file, typeof scenario?.manager === 'string' ? scenario.manager : undefined);
    folders.add(dirname(manager));
    const policies = contentOf(manager)?.policies;
    for (const name of Array.isArray(policies) ? policies : [])
      if (typeof name === 'string') folders.add(dirname(join(dirname(manager), name)));
  }
  return new Set([...folders].map(normalize));
}

/** A folder and those in it, as far as scenarios are looked for there; of a file, or what is not there, none. */
function below(path: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
  return [path, ...entries.flatMap((entry) => (entry.isDirectory() && !PASSED_OVER.has(entry.name) ? below(join(path, entry.name)) : []))];
}

/** What is wrong in a file is told when it is run. */
function contentOf(file: string): Readonly<Record<string, unknown>> | undefined {
  const document = readJson(file, file, new Findings());
  return isObject(document) ? document : undefined;
}
