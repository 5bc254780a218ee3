/**
 * The second evaluator: json-rules-engine itself. It validates every policy at load, and confirms each firing on the facts recorded with it,
 * between the step and its commit: two independent evaluators must agree before anything acts. The only file that imports json-rules-engine.
 */
import { Engine, Rule, type RuleProperties } from 'json-rules-engine';
import { ask, type CustomWords } from './analyze/custom.ts';
import { isPair } from './analyze/operators.ts';
import { translate } from './analyze/temporal.ts';
import type { ConditionDocument } from './documents/policy.ts';
import { messageOf } from './errors.ts';
import type { Policy, PolicySource } from './knowledge/blueprint.ts';
import type { Firing } from './messages.ts';
import { compilePattern, type Pattern } from './pattern.ts';

const EVENT = { type: 'fires' };

/** Why json-rules-engine refuses the conditions of a policy; undefined: it takes them. */
export function refusal(source: PolicySource): string | undefined {
  try {
    new Rule({ ...rule(source), priority: source.document.priority ?? 1, name: source.name });
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

const rule = (source: PolicySource): RuleProperties =>
  ({ conditions: rooted(source.document.conditions ?? {}), event: EVENT }) as unknown as RuleProperties;

/** json-rules-engine wants all, any, not or a named condition on top. */
function rooted(document: ConditionDocument): ConditionDocument {
  const condition = inItsWords(document);
  return condition.fact === undefined ? condition : { all: [condition] };
}

/** A condition as json-rules-engine knows it: what asks about a fact's past becomes a comparison of the fact that answers. */
function inItsWords(document: ConditionDocument): ConditionDocument {
  const { all, any, not, fact, operator, value } = document;
  if (all !== undefined) return { ...document, all: all.map(inItsWords) };
  if (any !== undefined) return { ...document, any: any.map(inItsWords) };
  if (not !== undefined) return { ...document, not: inItsWords(not) };
  return { ...document, ...translate(fact, operator, value) };
}

export class Confirmer {
  readonly #engines = new Map<string, { readonly version: string; readonly engine: Engine }>();
  readonly #patterns = new Map<string, Pattern>();
  readonly #custom: CustomWords;

  /** @param custom the operators and decorators of the program that embeds the manager, if it has any */
  constructor(custom: CustomWords = {}) {
    this.#custom = custom;
  }

  /** Why a firing is not confirmed; undefined: it is. */
  async disagreement(policy: Policy, firing: Firing): Promise<string | undefined> {
    // A latch keeps a symptom raised whose conditions are not true now: there is nothing that two evaluators could agree on.
    if (firing.unconfirmed !== undefined) return undefined;
    try {
      // An engine is not re-entrant: runs of one policy follow each other, because the caller awaits each.
      const { events } = await this.#engineOf(policy).run({ ...firing.facts });
      return events.length > 0 ? undefined : `json-rules-engine does not find the conditions true on ${JSON.stringify(firing.facts)}`;
    } catch (thrown) {
      return `json-rules-engine failed on ${JSON.stringify(firing.facts)}: ${messageOf(thrown)}`;
    }
  }

  #engineOf({ name, source }: Policy): Engine {
    const kept = this.#engines.get(name);
    if (kept?.version === source.version) return kept.engine;
    const engine = new Engine([], { allowUndefinedFacts: true });
    this.#teach(engine);
    for (const [condition, document] of Object.entries(source.named)) engine.setCondition(condition, rooted(document) as never);
    engine.addRule(new Rule(rule(source)));
    this.#engines.set(name, { version: source.version, engine });
    return engine;
  }

  /** The operators that are ours or the program's; and those that fail on a side of the wrong kind, which is merely unknown, say no instead. */
  #teach(engine: Engine): void {
    const indexIn = (list: unknown, member: unknown): number =>
      Array.isArray(list) || typeof list === 'string' ? list.indexOf(member as never) : -1;
    engine.addOperator('in', (fact: unknown, value: unknown) => indexIn(value, fact) > -1);
    engine.addOperator('notIn', (fact: unknown, value: unknown) => indexIn(value, fact) === -1);
    engine.addOperator(
      'between',
      (fact: unknown, value: unknown) => typeof fact === 'number' && isPair(value) && fact >= value[0] && fact <= value[1],
    );
    engine.addOperator(
      'matches',
      (fact: unknown, value: unknown) => typeof fact === 'string' && typeof value === 'string' && this.#pattern(value).found(fact),
    );
    const listOf = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);
    type Next = (fact: unknown, value: unknown) => boolean;
    engine.addOperatorDecorator(
      'someValue',
      (fact: unknown, value: unknown, next: Next) => listOf(value)?.some((v) => next(fact, v)) ?? false,
    );
    engine.addOperatorDecorator(
      'everyValue',
      (fact: unknown, value: unknown, next: Next) => listOf(value)?.every((v) => next(fact, v)) ?? false,
    );
    const { operators = {}, decorators = {} } = this.#custom;
    for (const [name, holds] of Object.entries(operators))
      engine.addOperator(name, (fact: unknown, value: unknown) => ask(() => holds(fact, value)) === true);
    for (const [name, holds] of Object.entries(decorators))
      engine.addOperatorDecorator(name, (fact: unknown, value: unknown, next: Next) => ask(() => holds(fact, value, next)) === true);
  }

  #pattern(source: string): Pattern {
    const kept = this.#patterns.get(source) ?? compilePattern(source);
    this.#patterns.set(source, kept);
    return kept;
  }
}
