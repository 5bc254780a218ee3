/** The event of a plain json-rules-engine rule as the command that it is here. */
import type { Param } from '../documents/action.ts';

const PARAM_KEYS = ['fact', 'expression', 'value', 'min', 'max', 'step'];

/** The params of an event may be anything; a command's are plain values: what is no such value, nor refers to one, is handed on as its JSON text. */
export const paramsOfEvent = (params: Readonly<Record<string, unknown>> = {}): Record<string, Param> =>
  Object.fromEntries(
    Object.entries(params).map(([name, param]) => [
      name,
      typeof param !== 'object' || refers(param) ? (param as Param) : JSON.stringify(param),
    ]),
  );

function refers(param: object | null): boolean {
  if (param === null || Array.isArray(param) || !Object.keys(param).every((key) => PARAM_KEYS.includes(key))) return false;
  const { fact, expression, value } = param as Record<string, unknown>;
  return typeof fact === 'string' || typeof expression === 'string' || (value !== undefined && typeof value !== 'object');
}
