/** Cases of our own in the form of a neighbour's files, for tests of its family. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Family, tally, totalOf } from './family.ts';

/** Plays them: the total, then what was told one by one. `more`: other files of the folder, by their path. */
export async function played(family: Family, data: object, more: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-cases-'));
  try {
    for (const [path, text] of Object.entries({ ...more, [family.file]: JSON.stringify(data) })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const told = (await tally(family, folder))!;
    return [totalOf(told), ...told.lines.map((line) => line.trim())];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
