/**
 * What a query must say before it is sent to a server that others depend on: one SELECT, bounded in time and in rows. A query without a bound made InfluxDB
 * 1.6 take 5.7 GB and hang.
 */
import { HomeostatError } from '../../errors.ts';

/** Rows of one answer that are read, and the highest LIMIT. */
export const MAX_ROWS = 10_000;

/** @throws HomeostatError H413 */
export function checkQuery(query: string, probe: string): void {
  const refuse = (message: string) => new HomeostatError('H413', `probe ${probe}: ${message}`);
  const words = wordsOf(query);
  if (words.includes(';')) throw refuse('give one query, without a semicolon');
  if (words[0] !== 'SELECT') throw refuse('the query must be a SELECT');
  if (words.includes('INTO')) throw refuse('a probe looks and changes nothing: leave INTO out');
  if (!words.every((word, i) => word !== 'SELECT' || isBounded(words.slice(i))))
    throw refuse(
      'the query has no bound in time, and could read all that was ever stored: add WHERE time > now() - 5m, outside of brackets and of OR',
    );
  const limit = limitOf(words);
  if (limit === undefined || limit > MAX_ROWS)
    throw refuse(`the query has no limit to its rows: end it with LIMIT 100, at most ${MAX_ROWS}`);
}

/** Texts and names in quotation marks, comments, patterns after =~ or FROM, words, numbers with a unit, and signs. */
const TOKEN =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|--[^\n]*|\/\*[\s\S]*?\*\/|(?<=(?:[=!]~|\bfrom)\s*)\/(?:[^/\\]|\\.)*\/|[a-z_][a-z0-9_]*|\d+(?:\.\d+)?[a-zµ]*|<=|>=|=~|!~|!=|<>|\S/gi;

/** The words of a query: keywords in capitals, names and texts as they are, comments left out. */
const wordsOf = (query: string): readonly string[] =>
  (query.match(TOKEN) ?? []).filter((word) => !/^(?:--|\/\*)/.test(word)).map((word) => (/^["'/]/.test(word) ? word : word.toUpperCase()));

/** What stands outside of brackets, up to the bracket that closes around it: `(` for each pair. */
function outside(words: readonly string[]): readonly string[] {
  const plain: string[] = [];
  let depth = 0;
  for (const word of words) {
    if (word === ')' && --depth < 0) break;
    if (depth === 0) plain.push(word);
    if (word === '(') depth++;
  }
  return plain;
}

/**
 * Whether a SELECT reads no more than what others select for it, or has a lower bound to its time: `time > …` or `… < time` among conditions that all
 * must hold.
 */
function isBounded(select: readonly string[]): boolean {
  const words = outside(select);
  const from = words.indexOf('FROM');
  const where = words.indexOf('WHERE');
  const end = words.findIndex((word, i) => i > from && ENDS.includes(word));
  const sources = words.slice(from + 1, where > 0 ? where : end > 0 ? end : words.length);
  if (from > 0 && sources.length > 0 && sources.every((word) => ['(', ')', ','].includes(word))) return true;
  if (where < 0) return false;
  const condition = words.slice(where + 1, end > where ? end : words.length);
  if (condition.includes('OR')) return false;
  const time = (word: string | undefined) => word === 'TIME' || word === '"time"';
  return condition.some(
    (word, i) => time(word) && (['>', '>=', '='].includes(condition[i + 1] ?? '') || ['<', '<='].includes(condition[i - 1] ?? '')),
  );
}

const ENDS = ['GROUP', 'ORDER', 'LIMIT', 'SLIMIT', 'OFFSET', 'FILL', 'TZ'];

function limitOf(words: readonly string[]): number | undefined {
  const plain = outside(words);
  const limit = Number(plain[plain.indexOf('LIMIT') + 1]);
  return plain.includes('LIMIT') && Number.isInteger(limit) && limit > 0 ? limit : undefined;
}
