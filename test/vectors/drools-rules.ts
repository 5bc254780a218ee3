/** Rulebooks of Drools as types with patterns, and policies that act on them. It is given rules, and never what is expected of them. */
import type { PropertyDocument, TypeDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { Conditions, isFields, type Json, pathOf } from './drools-conditions.ts';

type Fields = { readonly [key: string]: Json };

export interface Converted {
  readonly type: TypeDocument;
  readonly policies: readonly PolicyDocument[];
  /** The names of the rules, by the commands that their policies give. */
  readonly rules: ReadonlyMap<string, string>;
}

/** The series that events are observed in. */
export const EVENTS = 'events';

/** `10 minutes` as `10m`. */
function span(text: Json): string {
  const [, amount, unit] = /^([0-9]+)\s*(millisecond|second|minute|hour|day)s?$/.exec(String(text)) ?? [];
  if (amount === undefined) throw new Error(`no time: ${String(text)}`);
  return `${amount}${unit === 'millisecond' ? 'ms' : unit![0]}`;
}

export function convert(ruleset: Fields): Converted {
  const properties: Record<string, PropertyDocument> = { [EVENTS]: {} };
  const policies: PolicyDocument[] = [];
  const rules = new Map<string, string>();
  const ttl = ruleset.default_events_ttl === undefined ? undefined : span(ruleset.default_events_ttl);
  for (const [i, { Rule }] of (ruleset.rules as readonly { readonly Rule: Fields }[]).entries()) {
    if (Rule.enabled === false) continue;
    const name = typeof Rule.name === 'string' ? Rule.name : `r_${i}`;
    const gauges = patternsOf(Rule, ttl).map((gauge, j): readonly [string, PropertyDocument] => [
      `rule_${i}_${j}`,
      { gauge: { kind: 'pattern', of: EVENTS, ...gauge } },
    ]);
    for (const [property, document] of gauges) properties[property] = document;
    const command = `run_${i}`;
    rules.set(command, name);
    policies.push({
      name: `rule_${i}`,
      scope: { type: 'ruleset' },
      conditions: { any: gauges.map(([fact]) => ({ fact, operator: 'increased', value: '1ms' })) },
      cooldown: '0s',
      actions: [{ command, params: { matches: { expression: gauges.map(([fact]) => fact).join(' + ') } } }],
    });
  }
  return { type: { properties, commands: Object.fromEntries([...rules.keys()].map((command) => [command, {}])) }, policies, rules };
}

const FORMS: Readonly<Record<string, 'all' | 'any' | 'notAll'>> = {
  AllCondition: 'all',
  all: 'all',
  AnyCondition: 'any',
  any: 'any',
  NotAllCondition: 'notAll',
  not_all: 'notAll',
};

/** The form of a condition and its parts; a bare one is all of one. */
function formOf(condition: Json): readonly [form: 'all' | 'any' | 'notAll', parts: readonly Json[]] {
  if (isFields(condition))
    for (const [key, form] of Object.entries(FORMS)) if (Array.isArray(condition[key])) return [form, condition[key]];
  return ['all', [condition]];
}

/** The patterns of a rule: one, but for alternatives that have several events of their own. */
function patternsOf(rule: Fields, ttl: string | undefined): object[] {
  const condition = rule.condition!;
  const own = isFields(condition) ? condition : {};
  const throttle = (own.throttle ?? rule.throttle) as Fields | undefined;
  const within = own.timeout ?? rule.timeout;
  const time = within === undefined ? ttl : span(within);
  const paced = throttle === undefined ? {} : throttled(throttle);
  const [form, parts] = formOf(condition);
  if (form === 'any' && parts.some((part) => formOf(part)[1].length > 1))
    return parts.map((part) => ({ ...joined(formOf(part)[1], time), ...paced }));
  if (form === 'all') return [{ ...joined(parts, time), ...paced }];
  return [{ [form]: steps(parts, form === 'any'), ...(form === 'any' || time === undefined ? {} : { within: time }), ...paced }];
}

function joined(parts: readonly Json[], within: string | undefined): object {
  const all = steps(parts, false);
  return all.length === 1 ? { event: { where: all[0]!.where } } : { all, ...(within === undefined ? {} : { within }) };
}

interface Step {
  readonly as: string;
  readonly where: object;
  readonly stays?: true;
}

/** `first << condition` names its event; the others are m_0, m_1, … */
function steps(parts: readonly Json[], alternatives: boolean): readonly Step[] {
  const names: string[] = [];
  return parts.map((part, i) => {
    const assigned = isFields(part) && isFields(part.AssignmentExpression) ? part.AssignmentExpression : undefined;
    const as = assigned === undefined ? `m_${i}` : String(Object.values(assigned.lhs as Fields)[0]);
    const said = assigned?.rhs ?? part;
    const where = new Conditions(alternatives ? [] : names).where(said);
    names.push(as);
    return { as, where, ...(isAboutFacts(said) && parts.length > 1 ? { stays: true as const } : {}) };
  });
}

/** Facts stay, until someone takes them back. */
const isAboutFacts = (said: Json): boolean => JSON.stringify(said).includes('"Fact":');

function throttled(throttle: Fields): object {
  const by = ((throttle.group_by_attributes ?? []) as readonly string[]).map((path) => pathOf(path.replace(/^(event|fact)s?\./, '')));
  const [pass, within] =
    throttle.once_within !== undefined
      ? (['first', throttle.once_within] as const)
      : throttle.once_after !== undefined
        ? (['last', throttle.once_after] as const)
        : ([Number(throttle.threshold), throttle.accumulate_within!] as const);
  return { ...(by.length === 0 ? {} : { by }), throttle: { pass, within: span(within) } };
}
