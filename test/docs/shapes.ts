/** What a JSON block of the documentation is, and what our own validators say of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TObject, TSchema } from 'typebox';
import { compile } from '../../src/compile/index.ts';
import { Findings } from '../../src/compile/report.ts';
import { limitsOf, loadConfiguration } from '../../src/config.ts';
import { CommandDocument, ManagerDocument, PropertyDocument, TypeDocument } from '../../src/documents/manager.ts';
import { ActionDocument, CONDITION_DEFINITION, PoliciesDocument, PolicyDocument } from '../../src/documents/policy.ts';
import { ScenarioDocument } from '../../src/documents/scenario.ts';
import type { Finding } from '../../src/errors.ts';
import type { PolicySource } from '../../src/knowledge/blueprint.ts';
import { validate } from '../../src/validate.ts';

type Json = Readonly<Record<string, unknown>>;

const keys = (schema: object): readonly string[] => Object.keys((schema as { properties: object }).properties);
const only = (value: Json, known: readonly string[]): boolean => Object.keys(value).every((key) => known.includes(key));
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isMap = (value: Json, known: readonly string[]): boolean =>
  Object.values(value).length > 0 &&
  Object.values(value).every((part) => isObject(part) && Object.keys(part).length > 0 && only(part, known));

/** Names of types, commands and facts that a page does not declare are not the fault of its block; nor are paths, which are for facts that are objects. */
const UNDECLARED: readonly string[] = ['H005', 'H103', 'H123'];

const PLACE = { file: 'block', pointer: '' };

function against(schema: TSchema, value: unknown): readonly Finding[] {
  const findings = new Findings();
  validate(schema, value, PLACE, findings);
  return findings.list;
}

/** Of an object, some keys. */
const part = ({ required: _any, ...schema }: TObject): TSchema => ({ ...schema, additionalProperties: false });

/** Policies, compiled. */
function policies(document: Json): readonly Finding[] {
  const findings = against(PoliciesDocument, document);
  if (findings.length > 0) return findings;
  const {
    policies: list,
    conditions = {},
    defaults,
  } = document as unknown as { policies: PolicyDocument[]; conditions?: object; defaults?: Json };
  const sources = list.map(
    (policy, i): PolicySource => ({
      name: policy.name ?? `policy ${i}`,
      file: PLACE.file,
      pointer: `/policies/${i}`,
      version: '0',
      document: { scope: { type: 'any' }, ...defaults, ...policy },
      named: conditions as PolicySource['named'],
    }),
  );
  const types = { any: { properties: { x: {} }, commands: { act: { property: 'x' } } } };
  const setup = { domain: 'docs', mode: 'act', types, elements: {}, policies: sources, budgets: [], limits: limitsOf() } as const;
  return compile(setup, PLACE.file).findings.list.filter((finding) => finding.severity === 'error' && !UNDECLARED.includes(finding.code));
}

/** A policy with what a fragment of one leaves out. */
function policy(given: Json): readonly Finding[] {
  const levels = given.levels !== undefined;
  const acts = levels || given.actions !== undefined || given.remedies !== undefined || given.event !== undefined;
  return policies({
    policies: [
      {
        name: 'fragment',
        ...(levels ? {} : { conditions: { fact: 'x', operator: 'equal', value: 1 } }),
        ...(acts ? {} : { actions: [{ command: 'act', params: { to: 1 } }] }),
        ...given,
      },
    ],
  });
}

/** A whole manager file, loaded as `run` would; the files that it names are not there. */
function manager(document: Json): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-docs-'));
  try {
    const file = join(folder, 'homeostat.json');
    writeFileSync(file, JSON.stringify({ ...document, policies: [] }));
    return loadConfiguration(file).findings.filter((finding) => finding.severity === 'error');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CONDITION_KEYS = keys(CONDITION_DEFINITION);

interface Shape {
  readonly name: string;
  readonly fits: (value: Json) => boolean;
  readonly check: (value: Json) => readonly Finding[];
}

/** The first that fits is what a block is. One that fits none is no document of ours: an answer of the API, facts, a journal entry. */
const SHAPES: readonly Shape[] = [
  { name: 'scenario', fits: (v) => Array.isArray(v.expect) && v.every !== undefined, check: (v) => against(ScenarioDocument, v) },
  { name: 'policies', fits: (v) => Array.isArray(v.policies) && v.policies.every(isObject), check: policies },
  { name: 'manager file', fits: (v) => v.types !== undefined && v.policies !== undefined, check: manager },
  { name: 'policy', fits: (v) => v.name !== undefined && (v.conditions ?? v.levels ?? v.event) !== undefined, check: policy },
  { name: 'condition', fits: (v) => only(v, CONDITION_KEYS), check: (v) => policy({ conditions: v }) },
  { name: 'part of a policy', fits: (v) => only(v, keys(PolicyDocument)), check: policy },
  { name: 'action', fits: (v) => only(v, keys(ActionDocument)), check: (v) => against(ActionDocument, v) },
  { name: 'part of a manager file', fits: (v) => only(v, keys(ManagerDocument)), check: (v) => against(part(ManagerDocument), v) },
  { name: 'part of a type', fits: (v) => only(v, keys(TypeDocument)), check: (v) => against(part(TypeDocument), v) },
  {
    name: 'properties',
    fits: (v) => isMap(v, keys(PropertyDocument)),
    check: (v) => against(TypeDocument, { properties: v }),
  },
  {
    name: 'commands',
    fits: (v) => isMap(v, keys(CommandDocument)),
    check: (v) => against(TypeDocument, { commands: v }),
  },
];

/** What a value is, and what is wrong with it. */
export function examine(value: unknown): { readonly shape: string | undefined; readonly findings: readonly string[] } {
  const shape = isObject(value) ? SHAPES.find(({ fits }) => fits(value)) : undefined;
  if (shape === undefined) return { shape: undefined, findings: [] };
  return { shape: shape.name, findings: shape.check(value as Json).map(({ code, pointer, message }) => `${code} ${pointer} ${message}`) };
}
