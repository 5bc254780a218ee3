/** Whatever tests make for a while lies in one folder, which goes when the run ends: the folders of tests that fail or are killed too. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function begin() {
  // Workers are started later, and take it over.
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'homeostat-tests-'));
}
