/** The projects that the fuzzer spoils: every manager file of the repository with the files of policies it names. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PolicyFile, pathOf } from '../../src/documents/trial.ts';
import type { Json } from './mutate.ts';

export interface Project {
  readonly name: string;
  readonly manager: { [key: string]: Json };
  readonly policies: readonly Json[];
}

const ROOMS = ['examples', 'rules', 'test/scenario', 'test/check/correct', 'test/docs', 'test/simulation'];

export function corpus(root: string): Project[] {
  const files = ROOMS.flatMap((room) => managersBelow(join(root, room))).sort();
  return files.flatMap((file) => {
    const manager = JSON.parse(readFileSync(file, 'utf8')) as { [key: string]: Json };
    const policies = ((manager.policies ?? []) as PolicyFile[]).map(
      (entry) => JSON.parse(readFileSync(join(dirname(file), pathOf(entry)), 'utf8')) as Json,
    );
    return [{ name: file.slice(root.length + 1), manager, policies }];
  });
}

function managersBelow(folder: string): string[] {
  let entries: ReturnType<typeof list>;
  try {
    entries = list(folder);
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return managersBelow(path);
    return entry.name.endsWith('.json') && isManager(path) ? [path] : [];
  });
}

const list = (folder: string) => readdirSync(folder, { withFileTypes: true });

function isManager(path: string): boolean {
  const document = JSON.parse(readFileSync(path, 'utf8')) as { types?: unknown; policies?: unknown } | null;
  return typeof document === 'object' && document !== null && document.types !== undefined && Array.isArray(document.policies ?? []);
}
