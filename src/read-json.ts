/** Files as JSON: what cannot be read or is no JSON becomes a finding. */
import { readFileSync } from 'node:fs';
import type { Findings } from './compile/report.ts';
import { messageOf } from './errors.ts';

/** Reads a file as JSON; what is wrong becomes a finding. */
export function readJson(file: string, name: string, findings: Findings): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    findings.error('H001', { file: name, pointer: '' }, `cannot be read: ${messageOf(thrown)}`);
    return undefined;
  }
  return parseJson(text, name, findings);
}

export function parseJson(text: string, name: string, findings: Findings): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    findings.error('H002', { file: name, pointer: '' }, `is not valid JSON${whereIn(text, messageOf(thrown))}`);
    return undefined;
  }
}

/** The engine's message, with line and column where it gives a position. */
function whereIn(text: string, message: string): string {
  const position = /position ([0-9]+)/.exec(message)?.[1];
  const offset = position === undefined ? (message.includes('end of JSON') ? text.length : undefined) : Number(position);
  if (offset === undefined) return `: ${message}`;
  const before = text.slice(0, offset).split('\n');
  return ` at line ${before.length}, column ${before.at(-1)!.length + 1}: ${message.replace(/ in JSON at position.*/, '')}`;
}
