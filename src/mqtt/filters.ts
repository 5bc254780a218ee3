/** Topics and the filters that match them (MQTT 5, section 4.7). */

/** Why a text is no filter of topics; undefined: it is one. */
export function complaintAboutFilter(filter: string): string | undefined {
  if (filter === '' || filter.includes('\0') || filter.length > 60_000) return 'a topic has 1 to 60000 characters';
  const levels = filter.split('/');
  for (const [i, level] of levels.entries()) {
    if (level.includes('+') && level !== '+') return `"${level}": + stands for a whole level of the topic, between two /`;
    if (level.includes('#') && (level !== '#' || i !== levels.length - 1))
      return `"${level}": # stands for all the rest, at the end after a /`;
  }
  return undefined;
}

export const isPattern = (filter: string): boolean => filter.includes('+') || filter.includes('#');

/** Whether a topic fits a filter. What begins with $ is the broker's own, and fits no wildcard in its first level. */
export function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false;
  const levels = filter.split('/');
  const parts = topic.split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#') return true;
    if (i >= parts.length || (level !== '+' && level !== parts[i])) return false;
  }
  return levels.length === parts.length;
}

/** What stands at the wildcards of a filter in a topic that fits it, in order; # gives the rest. */
export function wildcardsOf(filter: string, topic: string): readonly string[] {
  const parts = topic.split('/');
  const found: string[] = [];
  for (const [i, level] of filter.split('/').entries()) {
    if (level === '#') found.push(parts.slice(i).join('/'));
    else if (level === '+') found.push(parts[i] ?? '');
  }
  return found;
}

/** A text that may be put into one level of a topic: it reaches no other. */
export const isLevel = (text: string): boolean => text !== '' && !/[/+#\0]/.test(text);
