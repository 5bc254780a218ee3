/**
 * The second evaluator: json-rules-engine itself. It validates every policy at load, and confirms each firing on the facts recorded with it,
 * between the step and its commit: two independent evaluators must agree before anything acts. The only file that imports json-rules-engine.
 */
import { Engine, Rule, type RuleProperties } from 'json-rules-engine';
import { messageOf } from './errors.ts';
import type { Policy, PolicySource } from './knowledge/blueprint.ts';
import type { Firing } from './messages.ts';

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

const rule = (source: PolicySource): RuleProperties => {
  const { conditions } = source.document;
  // json-rules-engine wants all, any, not or a named condition on top.
  const top = conditions.fact === undefined ? conditions : { all: [conditions] };
  return { conditions: top, event: EVENT } as unknown as RuleProperties;
};

export class Confirmer {
  readonly #engines = new Map<string, { readonly version: string; readonly engine: Engine }>();

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
    for (const [condition, document] of Object.entries(source.named)) {
      engine.setCondition(condition, (document.fact === undefined ? document : { all: [document] }) as never);
    }
    engine.addRule(new Rule(rule(source)));
    this.#engines.set(name, { version: source.version, engine });
    return engine;
  }
}
