/** Small projects in one file each, written to a folder and checked as the command line does it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Past } from '../../src/check/subject.ts';
import { checkFiles } from '../../src/cli/checked.ts';
import type { Finding } from '../../src/errors.ts';
import type { Value } from '../../src/messages.ts';

export interface Project {
  readonly about: string;
  readonly manager: object;
  /** The document, or the text of the file. */
  readonly policies: object | string;
  /** By `element/property`: recorded readings. */
  readonly history?: Readonly<Record<string, readonly Value[]>>;
}

export function projectsIn(folder: string): readonly (readonly [name: string, project: Project])[] {
  const here = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(here)
    .sort()
    .map((file) => [file.replace(/\.json$/, ''), JSON.parse(readFileSync(new URL(file, here), 'utf8')) as Project] as const);
}

export function checkProject({ manager, policies, history }: Omit<Project, 'about'>): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-check-'));
  try {
    writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(manager));
    writeFileSync(join(folder, 'policies.json'), typeof policies === 'string' ? policies : JSON.stringify(policies));
    return checkFiles([join(folder, 'homeostat.json')], history && pastOf(history)).findings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pastOf = (history: NonNullable<Project['history']>): Past => ({
  elements: () => [...new Set(Object.keys(history).map((key) => key.split('/')[0]!))],
  readings: (element, property) => history[`${element}/${property}`] ?? [],
});
