/** The schema of a project's files of policies: the published one, once for each type, with the names that hold for a policy of that scope. */
import { MODES } from '../documents/policy.ts';
import { publishedSchemas } from '../documents/publish.ts';
import { HOMEOSTAT, OWN_COMMANDS } from '../knowledge/own.ts';
import type { CommandNamed, Names, TypeNames } from './names.ts';
import { element, fact, ids, isJson, type Json, mapValues, offered, oneOf, plainly, policy } from './parts.ts';

/** Stands for a scope that says nothing of a type: what any type has is right. */
const ANY = '*';

const ref = (name: string): Json => ({ $ref: `#/$defs/${name}` });

export function policiesSchema(names: Names): Json {
  const published = publishedSchemas()['policies.schema.json']!;
  const { properties = {}, $defs = {}, required = [], ...head } = published as { properties?: Json; $defs?: Json; required?: string[] };
  const { items: one, ...list } = properties.policies as Json;
  const scopes = [...names.types.map((type) => ({ key: type.name, types: [type] })), { key: ANY, types: names.types }];
  const defs: Json = { scope: scopeOf(names), target: targetOf(names), condition: offered(names.conditions), own: ownOf(names) };
  for (const { key, types } of scopes) {
    const specialise = specialiser(key);
    defs[`fact:${key}`] = fact(names, types, key === ANY ? undefined : key);
    defs[`command:${key}`] = oneOf(commandsOf(names, types), key === ANY ? 'no type has such a command' : `a ${key} has no such command`);
    defs[`condition:${key}`] = specialise.all($defs.condition);
    defs[`action:${key}`] = { allOf: [specialise.action(), ...forTarget(names, key)] };
    defs[`policy:${key}`] = specialise.all(one);
    defs[`policies:${key}`] = choosePolicy(names, key);
    Object.assign(defs, specialise.params());
  }
  const any = specialiser(ANY);
  return {
    ...head,
    title: 'Policies of this project, for Homeostat',
    $defs: defs,
    type: ['object', 'array'],
    additionalProperties: undefined,
    // A plain array of json-rules-engine's rules is a file of policies too.
    if: { type: 'array' },
    then: { items: ref(`policies:${keyOf(names, names.scope)}`) },
    else: {
      type: 'object',
      required,
      additionalProperties: false,
      properties: { ...mapValues(properties, (name, value) => (name === 'policies' ? list : any.all(value))) },
      allOf: [
        ...names.types.map(({ name }) => ({ if: fileScope(hasType(name)), then: policiesOf(name) })),
        ...names.types
          .filter(({ elements }) => elements.length > 0)
          .map(({ name, elements }) => ({ if: fileScope(isOneOf(elements)), then: policiesOf(name) })),
        { if: fileScope({}), else: policiesOf(keyOf(names, names.scope)) },
        { if: fileScope({ not: { anyOf: knownScopes(names) } }), then: policiesOf(ANY) },
      ],
    },
  };

  function specialiser(key: string) {
    let param: unknown;
    let action: Json = {};
    const all = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(all);
      if (!isJson(node)) return node;
      if (node.$ref === '#/$defs/condition') return ref(`condition:${key}`);
      const has = node.properties as Json | undefined;
      if (has?.command !== undefined && has.target !== undefined) {
        action = node;
        return ref(`action:${key}`);
      }
      if (has?.type !== undefined && has.element !== undefined && has.labels !== undefined) return ref('scope');
      return mapValues(node, (name, value) => (name === 'properties' && isJson(value) ? within(value) : all(value)));
    };
    const within = (has: Json): Json =>
      mapValues(has, (name, value) => {
        if (!isJson(value)) return value;
        if (name === 'fact' && value.type === 'string') return { description: value.description, ...ref(`fact:${key}`) };
        if (name === 'condition' && value.type === 'string') return { description: value.description, ...ref('condition') };
        if (name === 'value' && has.fact !== undefined) return { ...value, properties: { fact: ref(`fact:${key}`) } };
        if (name === 'params') return params(value);
        if (name === 'event') return event(value);
        return all(value);
      });
    /** Parameters are long and stand in many places: they are written once. */
    const params = (value: Json): Json => {
      const each = (value.patternProperties as Json | undefined)?.['^.*$'];
      if (!isJson(each) || each.anyOf === undefined) return all(value) as Json;
      param = each;
      return { ...value, patternProperties: { '^.*$': ref(`param:${key}`) } };
    };
    const event = (value: Json): Json => {
      const is = all(value) as Json;
      return { ...is, properties: { ...(is.properties as Json), type: ref(`command:${key}`) } };
    };
    return {
      all,
      action: (): Json => {
        all(one);
        return { ...action, properties: { ...within(action.properties as Json), target: ref('target') } };
      },
      params: (): Json => (param === undefined ? {} : { [`param:${key}`]: all(param) }),
    };
  }
}

const policiesOf = (key: string): Json => ({ properties: { policies: { items: ref(`policies:${key}`) } } });

/** The type of a scope's elements, as far as it says. */
function keyOf(names: Names, scope: Names['scope']): string {
  if (scope?.type !== undefined) return names.types.some(({ name }) => name === scope.type) ? scope.type : ANY;
  return names.types.find(({ elements }) => scope?.element !== undefined && elements.includes(scope.element))?.name ?? ANY;
}

const hasType = (type: string): Json => ({ required: ['type'], properties: { type: { const: type } } });
const isOneOf = (elements: readonly string[]): Json => ({
  required: ['element'],
  not: { required: ['type'] },
  properties: { element: { enum: elements } },
});
const fileScope = (is: Json): Json => ({
  required: ['defaults'],
  properties: { defaults: { required: ['scope'], properties: { scope: is } } },
});
const ownScope = (is: Json): Json => ({ required: ['scope'], properties: { scope: is } });

const knownScopes = (names: Names): Json[] => [
  { required: ['type'], properties: { type: { enum: names.types.map(({ name }) => name) } } },
  isOneOf(ids(names)),
];

/** A policy by its own scope or, where it has none, by that of its file. */
function choosePolicy(names: Names, ofFile: string): Json {
  return {
    type: 'object',
    allOf: [
      ...names.types.map(({ name }) => ({ if: ownScope(hasType(name)), then: ref(`policy:${name}`) })),
      ...names.types
        .filter(({ elements }) => elements.length > 0)
        .map(({ name, elements }) => ({ if: ownScope(isOneOf(elements)), then: ref(`policy:${name}`) })),
      { if: ownScope({}), else: ref(`policy:${ofFile}`) },
      { if: ownScope({ not: { anyOf: knownScopes(names) } }), then: ref(`policy:${ANY}`) },
    ],
  };
}

function commandsOf(names: Names, types: readonly TypeNames[]): CommandNamed[] {
  const byName = new Map([...types.flatMap((type) => type.commands), ...names.everywhere].map((command) => [command.name, command]));
  return [...byName.values()];
}

/** An action's command is one of what it acts on, and one that sets a property takes `by` or `to`. */
function forTarget(names: Names, self: string): Json[] {
  const at = (target: Json, key: string): Json => ({
    if: { required: ['target'], properties: { target } },
    then: { properties: { command: ref(`command:${key}`) } },
  });
  const declared = names.types.filter(({ elements }) => elements.length > 0);
  const setting = commandsOf(names, names.types).filter(({ property }) => property !== undefined);
  return [
    {
      if: { required: ['target'], not: { properties: { target: { const: 'self' } } } },
      else: { properties: { command: ref(`command:${self}`) } },
    },
    ...declared.map(({ name, elements }) => at({ enum: elements }, name)),
    at({ not: { enum: ['self', HOMEOSTAT, ...ids(names)] } }, ANY),
    { if: { required: ['target'], properties: { target: { const: HOMEOSTAT } } }, then: ref('own') },
    ...setting.map(({ name, property }) => ({
      // A pattern, since an editor would offer a constant here, also where it is no command of the target.
      if: { required: ['command'], properties: { command: { pattern: `^${name}$` } } },
      then: {
        properties: {
          params: {
            properties: {
              by: { description: `how much to add to ${property}` },
              to: { description: `what ${property} is to be` },
            },
          },
        },
      },
    })),
  ];
}

const targetOf = (names: Names): Json => ({
  description: 'self (default), parent, or the id of an element',
  ...offered(['self', 'parent', HOMEOSTAT, ...ids(names)]),
});

/** An action on Homeostat's own parts. A name that is written is one of the project's; one that is calculated is not looked at. */
function ownOf(names: Names): Json {
  const written = (is: Json): Json => ({ anyOf: [is, { type: 'object' }] });
  return {
    properties: {
      command: oneOf(plainly([...OWN_COMMANDS.keys()]), 'homeostat has no such command'),
      params: {
        properties: {
          policy: written(policy(names)),
          probe: written(oneOf(plainly(names.probes), 'the manager file names no such probe')),
          suite: written(offered(names.suites)),
          name: written(offered(names.setPoints)),
          mode: written(oneOf(plainly(MODES), 'a mode is act, advise or observe')),
        },
      },
    },
  };
}

const scopeOf = (names: Names): Json => ({
  type: 'object',
  description: 'which elements; all that are given must fit',
  properties: {
    type: oneOf(plainly(names.types.map(({ name }) => name)), 'the manager file declares no such type'),
    element: element(names),
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
  additionalProperties: false,
});
