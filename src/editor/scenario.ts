/** The schema of a project's scenarios: the published one, with the names of the project. */
import { publishedSchemas } from '../documents/publish.ts';
import { HOMEOSTAT, OWN_COMMANDS } from '../knowledge/own.ts';
import { Value } from '../messages.ts';
import type { Named, Names, TypeNames } from './names.ts';
import { allProperties, among, ELEMENT_PATTERN, ids, isJson, type Json, mapValues, offered, oneOf, plainly, policy } from './parts.ts';

const ref = (name: string): Json => ({ $ref: `#/$defs/${name}` });

export function scenarioSchema(names: Names): Json {
  const published = publishedSchemas()['scenario.schema.json']!;
  const properties = published.properties as Json;
  const own = plainly([...OWN_COMMANDS.keys()]);
  const commands = [...names.types.flatMap((type) => type.commands), ...names.everywhere, ...own];
  const measured = [...new Set(names.types.flatMap(({ inputs }) => inputs))];
  return {
    ...published,
    title: 'A scenario of this project, for Homeostat',
    $defs: {
      policy: policy(names),
      element: offered([...ids(names), HOMEOSTAT]),
      type: oneOf(plainly(names.types.map(({ name }) => name)), 'the manager file declares no such type'),
      command: oneOf(
        [...new Map(commands.map((command): [string, Named] => [command.name, command])).values()],
        'no type has such a command',
      ),
    },
    properties: mapValues(properties, (name, value) => {
      if (!isJson(value)) return value;
      if (name === 'elements') return { ...value, patternProperties: undefined, additionalProperties: scenarioElement(names, value) };
      if (name === 'series') return { ...value, ...keyed(names, measured, { type: 'string' }) };
      return specialise(value, names);
    }),
  };
}

/** Wherever the published schema has a policy, an element, a type or a command, it is one of the project's. */
function specialise(node: unknown, names: Names): unknown {
  if (Array.isArray(node)) return node.map((part) => specialise(part, names));
  if (!isJson(node)) return node;
  return mapValues(node, (key, value) => (key === 'properties' && isJson(value) ? mapValues(value, named) : specialise(value, names)));

  function named(name: string, value: unknown): unknown {
    if (!isJson(value)) return value;
    if (name === 'reading') return { ...value, ...keyed(names, allProperties(names), true) };
    if (value.type !== 'string' || !['policy', 'element', 'type', 'command'].includes(name)) return specialise(value, names);
    return { description: value.description, ...ref(name) };
  }
}

/** An object by `element/property`: those of declared elements are offered, and of others the property must be one that some type has. */
function keyed(names: Names, properties: readonly string[], value: unknown): Json {
  const of = (type: TypeNames) => type.elements.flatMap((id) => type.properties.map(({ name }) => `${id}/${name}`));
  return {
    properties: Object.fromEntries(names.types.flatMap(of).map((key) => [key, value])),
    // A property with a dot is one of a relative, as facts name it.
    patternProperties: { [`^${ELEMENT_PATTERN}/(?:${among(properties)}|[^/]*\\.[^/]*)$`]: value },
    additionalProperties: false,
  };
}

/** In a scenario the properties of an element stand beside its type. */
function scenarioElement(names: Names, published: Json): Json {
  const whole = Object.values((published.patternProperties as Json | undefined) ?? {})[0] as Json;
  const { type: _type, ...beside } = whole.properties as Json;
  return {
    type: 'object',
    description: whole.description,
    required: ['type'],
    properties: { type: ref('type') },
    allOf: names.types.map((type) => ({
      if: { required: ['type'], properties: { type: { const: type.name } } },
      then: {
        properties: {
          type: true,
          ...beside,
          ...Object.fromEntries(
            type.properties.map(({ name, says }) => [name, { ...Value, ...(says === '' ? {} : { description: says }) }]),
          ),
        },
        additionalProperties: false,
      },
    })),
  };
}
