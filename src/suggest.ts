/** "Did you mean": the nearest of the names that would have been right. */
import { distance } from 'fastest-levenshtein';

/** `; did you mean "x"?`, `; known: a, b` when nothing is near and the list is short, or nothing. */
export function nearest(found: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, far: distance(found.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  const best = ranked[0];
  if (best === undefined) return '';
  if (best.far <= Math.max(2, Math.floor(found.length / 3))) return `; did you mean "${best.name}"?`;
  return known.length <= 12 ? `; known: ${[...known].sort().join(', ')}` : '';
}
