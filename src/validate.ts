/** Checks a value against a schema, and says of every mistake where it is, what was found, what is allowed and what was probably meant. */

import { Check, Errors } from 'typebox/schema';
import { Settings } from 'typebox/system';
import { at, escapePointer, type Findings, type Place } from './compile/report.ts';
import type { TSchema } from './documents/schema.ts';
import { shown } from './json.ts';
import { nearest } from './suggest.ts';

/** Mistakes of one file that are listed. */
Settings.Set({ maxErrors: 200 });

type SchemaError = ReturnType<typeof Errors>[1][number];
type Node = Record<string, unknown>;

/** Levels of lists and objects within each other: whatever walks a document may do so by recursion. */
const DEEPEST = 100;

/** Whether a document must not be walked by recursion. Goes level by level itself. */
export function nestsTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return false;
}

/** Whether a value fits a schema. It must not nest too deep. */
export const fits = (schema: TSchema, value: unknown): boolean => Check(schema, value);

/** Adds a finding for each mistake; returns whether there was none. */
export function validate(schema: TSchema, value: unknown, place: Place, findings: Findings): boolean {
  if (nestsTooDeep(value)) {
    findings.error('H003', place, `nests more than ${DEEPEST} levels deep`, 'give a part of it a name of its own');
    return false;
  }
  // Nearly every document is right, which is quicker found than what is wrong with it.
  if (fits(schema, value)) return true;
  const [, errors] = Errors(schema, value);
  const unions = errors.filter((error) => error.keyword === 'anyOf');
  for (const error of errors) {
    // Branches of a union are wrong together: the union says it once, unless a branch was plainly meant.
    const union = unions.find((u) => error !== u && error.schemaPath.startsWith(`${u.schemaPath}/anyOf/`));
    if (error.keyword === 'boolean' || (union !== undefined && !wasMeant(error, union, schema, value))) continue;
    if (
      error.keyword === 'anyOf' &&
      errors.some((e) => e !== error && e.schemaPath.startsWith(`${error.schemaPath}/anyOf/`) && wasMeant(e, error, schema, value))
    )
      continue;
    say(error, schema, value, place, findings);
  }
  return errors.length === 0;
}

/** An object was meant where an object was found and the mistake lies within. */
function wasMeant(error: SchemaError, union: SchemaError, schema: TSchema, value: unknown): boolean {
  const found = valueAt(value, union.instancePath);
  if (typeof found !== 'object' || found === null) return false;
  const branch = /^\/anyOf\/([0-9]+)/.exec(error.schemaPath.slice(union.schemaPath.length))?.[1];
  const branches = (nodeAt(schema, `${union.schemaPath}/anyOf`) as Node[] | undefined) ?? [];
  const node = branch === undefined ? undefined : branches[Number(branch)];
  return node?.type === 'object' && error.keyword !== 'type' && node === likeliest(branches, found);
}

/** Of several objects that may stand in a place the one that knows most of the keys that were found; the first of equals. */
function likeliest(branches: readonly Node[], found: object): Node | undefined {
  let best: { readonly branch: Node; readonly known: number } | undefined;
  for (const branch of branches) {
    if (branch.type !== 'object') continue;
    const names = Object.keys((branch.properties as Node | undefined) ?? {});
    const known = Object.keys(found).filter((key) => names.includes(key)).length;
    if (best === undefined || known > best.known) best = { branch, known };
  }
  return best?.branch;
}

function say(error: SchemaError, schema: TSchema, value: unknown, place: Place, findings: Findings): void {
  const here: Place = { file: place.file, pointer: place.pointer + error.instancePath };
  const node = nodeAt(schema, error.schemaPath) as Node | undefined;
  const params = error.params as Record<string, unknown>;
  const found = shown(valueAt(value, error.instancePath));
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = Object.keys((node?.properties as Node | undefined) ?? {});
      for (const key of params.additionalProperties as string[])
        findings.error('H004', at(here, key), `unknown key "${key}"${nearest(key, known)}`);
      return;
    }
    case 'required':
      for (const key of params.requiredProperties as string[])
        findings.error('H003', here, `"${key}" is missing${hint((node?.properties as Node | undefined)?.[key])}`);
      return;
    case 'anyOf': {
      const branches = (node?.anyOf as Node[] | undefined) ?? [];
      const literals = branches.flatMap((branch) => (branch.const === undefined ? [] : [String(branch.const)]));
      const kinds = branches.flatMap((branch) => (branch.const === undefined ? [String(branch.type ?? 'value')] : []));
      findings.error(
        'H003',
        here,
        `found ${found}; allowed: ${[...literals, ...kinds].join(', ')}${literals.length > 0 ? nearestOnly(String(valueAt(value, error.instancePath)), literals) : ''}`,
      );
      return;
    }
    case 'pattern':
      findings.error(
        'H003',
        here,
        `found ${found}${node?.description === undefined ? `; it must match ${String(node?.pattern)}` : `; expected ${String(node.description)}`}`,
      );
      return;
    default:
      findings.error('H003', here, `found ${found}; it ${error.message}${hint(node)}`);
  }
}

const hint = (node: unknown): string => {
  const description = (node as Node | undefined)?.description;
  return typeof description === 'string' ? ` (${description})` : '';
};

/** A suggestion, without the list of all names that the message has already. */
const nearestOnly = (found: string, known: readonly string[]): string => {
  const text = nearest(found, known);
  return text.startsWith('; did') ? text : '';
};

/** The value that a JSON pointer names. */
function valueAt(value: unknown, pointer: string): unknown {
  let here = value;
  for (const part of pointer.split('/').slice(1)) here = (here as Node | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  return here;
}

const nodeAt = (schema: TSchema, path: string): unknown => valueAt(schema, path.replace(/^#/, ''));

export { escapePointer };
