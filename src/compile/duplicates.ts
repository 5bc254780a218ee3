/** Names of policies that are used twice, in a file or across files: the first keeps it. */
import type { PolicySource } from '../knowledge/blueprint.ts';
import { at, type Findings } from './report.ts';

/** Reports and returns those whose name an earlier one has. */
export function duplicates(sources: readonly PolicySource[], findings: Findings): ReadonlySet<PolicySource> {
  const first = new Map<string, PolicySource>();
  const twins = new Set<PolicySource>();
  for (const source of sources) {
    const { name, file, pointer } = source;
    const twin = first.get(name);
    if (twin === undefined) {
      first.set(name, source);
      continue;
    }
    twins.add(source);
    const where = twin.file === file ? `#${twin.pointer} of this file` : `${twin.file}#${twin.pointer}`;
    findings.error(
      'H006',
      at({ file, pointer }, source.family === undefined ? 'name' : 'level'),
      `the name "${name}" is used by ${where} too`,
      'give one of the two another name',
    );
  }
  return twins;
}
