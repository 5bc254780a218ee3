/** The published JSON Schemas: the documents' own, with the options of every kind, so that an editor completes and checks them. */

import { ACTUATOR_KINDS } from '../execute/actuators/index.ts';
import { ElementId, Name, Observation } from '../messages.ts';
import { GAUGE_KINDS } from '../monitor/gauges/index.ts';
import { PROBE_KINDS } from '../monitor/probes/index.ts';
import { EVENT_CONDITION_DEFINITION } from './condition.ts';
import { IntakeMessage } from './intake-message.ts';
import { At, ManagerDocument, ProbeDocument } from './manager.ts';
import { CONDITION_DEFINITION, PoliciesDocument } from './policy.ts';
import { ScenarioDocument } from './scenario.ts';
import type { TSchema } from './schema.ts';

type Json = { [key: string]: unknown };

interface Kind {
  readonly kind: string;
  readonly description: string;
  readonly options: TSchema;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** By file name below `schemas/`. */
export function publishedSchemas(): Readonly<Record<string, Json>> {
  const conditions = { $defs: { condition: CONDITION_DEFINITION } };
  return {
    'manager.schema.json': {
      $schema: DRAFT,
      title: 'A manager file of Homeostat',
      $defs: { condition: CONDITION_DEFINITION, eventCondition: EVENT_CONDITION_DEFINITION },
      ...(refer(withKinds(plain(ManagerDocument))) as Json),
    },
    'policies.schema.json': { $schema: DRAFT, title: 'Policies of Homeostat', ...conditions, ...(refer(plain(PoliciesDocument)) as Json) },
    'scenario.schema.json': { $schema: DRAFT, title: 'A scenario of Homeostat', ...plain(ScenarioDocument) },
    'observation.schema.json': { $schema: DRAFT, title: 'An observation', ...plain(Observation) },
    'intake.schema.json': { $schema: DRAFT, title: 'A message of the topic intake', ...plain(IntakeMessage) },
  };
}

/** Schemas as plain JSON, without what the library keeps beside it. */
const plain = (schema: TSchema): Json => JSON.parse(JSON.stringify(schema)) as Json;

/** By the title of what stands for a definition. */
const DEFINITIONS = new Map([
  ['condition', '#/$defs/condition'],
  ['event condition', '#/$defs/eventCondition'],
]);

/** Where a condition may stand, the definition is referred to. */
function refer(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(refer);
  if (typeof node !== 'object' || node === null) return node;
  const json = node as Json;
  const definition = DEFINITIONS.get(String(json.title));
  if (definition !== undefined) return { ...(json.description === undefined ? {} : { description: json.description }), $ref: definition };
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, refer(value)]));
}

/** The manager's schema with each kind's own options where the document says only "of some kind". */
function withKinds(manager: Json): Json {
  const properties = manager.properties as Json;
  const probe = (plain(ProbeDocument).allOf as Json[])[0]!.properties as Json;
  const gauge = choice(GAUGE_KINDS, {}, []);
  return {
    ...manager,
    properties: {
      ...properties,
      elements: { ...(properties.elements as Json), propertyNames: plain(ElementId) },
      probes: { type: 'array', items: choice(PROBE_KINDS, probe, ['name']) },
      actuators: { type: 'object', propertyNames: plain(Name), additionalProperties: choice(ACTUATOR_KINDS, { at: plain(At) }, []) },
      types: replaceGauge(properties.types, gauge),
    },
  };
}

const choice = (kinds: readonly Kind[], common: Json, required: readonly string[]): Json => ({
  type: 'object',
  required: ['kind', ...required],
  properties: { kind: { enum: kinds.map((k) => k.kind) } },
  allOf: kinds.map((kind) => ({
    if: { required: ['kind'], properties: { kind: { const: kind.kind } } },
    then: branch(kind, common, required),
  })),
});

function branch({ kind, description, options }: Kind, common: Json, required: readonly string[]): Json {
  const own = plain(options);
  return {
    description,
    type: 'object',
    properties: { ...common, ...(own.properties as Json), kind: { const: kind } },
    required: ['kind', ...required, ...((own.required as string[] | undefined) ?? [])],
    additionalProperties: false,
  };
}

function replaceGauge(node: unknown, gauge: Json): unknown {
  if (Array.isArray(node)) return node.map((part) => replaceGauge(part, gauge));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node as Json).map(([key, value]) => [key, key === 'gauge' ? gauge : replaceGauge(value, gauge)]),
  );
}
