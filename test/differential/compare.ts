/** One case: a rule judged on one object of facts by us and by json-rules-engine. */
import { Engine } from 'json-rules-engine';
import { type Condition, judge } from '../../src/analyze/conditions.ts';
import { wordsWith } from '../../src/analyze/custom.ts';
import type { Truth } from '../../src/analyze/operators.ts';
import { parseCondition } from '../../src/analyze/parse.ts';
import type { ConditionDocument } from '../../src/documents/policy.ts';
import { compilePath } from '../../src/path.ts';
import { CUSTOM } from './custom.ts';
import type { Given, Named } from './generate.ts';

const WORDS = wordsWith(CUSTOM);

/** A rule made ready for both. */
export interface Both {
  readonly rule: ConditionDocument;
  readonly named: Named;
  readonly ours: Condition;
  readonly theirs: Engine;
}

type Next = (fact: unknown, value: unknown) => boolean;

const rooted = (document: ConditionDocument): ConditionDocument => (document.fact === undefined ? document : { all: [document] });
const copy = <T>(x: T): T => JSON.parse(JSON.stringify(x)) as T;

/** Undefined: we refuse it at load. */
export function ready(rule: ConditionDocument, named: Named): Both | undefined {
  const ours = parseCondition(rule, named, () => undefined, '', { allowEmpty: true, words: WORDS });
  if (ours === undefined) return undefined;
  const theirs = new Engine([], { allowUndefinedFacts: true });
  for (const [name, holds] of Object.entries(CUSTOM.operators)) theirs.addOperator(name, holds);
  for (const [name, holds] of Object.entries(CUSTOM.decorators))
    theirs.addOperatorDecorator(name, (fact: unknown, value: unknown, next: Next) => holds(fact, value, next) === true);
  for (const [name, document] of Object.entries(named)) theirs.setCondition(name, copy(rooted(document)) as never);
  theirs.addRule({ conditions: copy(rooted(rule)) as never, event: { type: 'e' } });
  return { rule, named, ours, theirs };
}

export interface Verdict {
  readonly ours: Truth;
  /** Undefined: it threw. */
  readonly theirs: boolean | undefined;
  /** Why the two may not differ so; undefined: they agree, or differ as docs/conditions.md says they may. */
  readonly wrong: string | undefined;
}

export async function compare({ rule, named, ours: condition, theirs: engine }: Both, facts: Given): Promise<Verdict> {
  const ours = judge(condition, (name) => (Object.hasOwn(facts, name) ? facts[name] : undefined));
  let theirs: boolean | undefined;
  try {
    theirs = (await engine.run(facts)).events.length > 0;
  } catch {
    theirs = undefined;
  }
  return { ours, theirs, wrong: difference(ours, theirs, () => mayBeUnknown(rule, named, facts)) };
}

function difference(ours: Truth, theirs: boolean | undefined, excuse: () => boolean): string | undefined {
  if (ours === undefined)
    return theirs === undefined || excuse() ? undefined : 'we say unknown although all facts are known and of the right kind';
  return theirs === undefined || theirs === ours ? undefined : `we say ${ours}, json-rules-engine says ${theirs}`;
}

const NUMERIC = ['greaterThan', 'greaterThanInclusive', 'lessThan', 'lessThanInclusive'];

/** Whether any comparison of a rule has a missing side, or a side that its operator cannot take. Written apart from what it judges. */
export function mayBeUnknown(document: ConditionDocument, named: Named, facts: Given): boolean {
  if (document.condition !== undefined) return mayBeUnknown(named[document.condition]!, named, facts);
  const parts = document.all ?? document.any ?? (document.not === undefined ? undefined : [document.not]);
  if (parts !== undefined) return parts.some((part) => mayBeUnknown(part, named, facts));
  const { fact, path, operator, value } = document;
  const left = sideOf({ fact, path }, facts);
  const right = sideOf(value, facts);
  if (left === undefined || right === undefined) return true;
  const words = operator!.split(':');
  // What a side is after it was swapped, counted or taken apart is not followed any further.
  if (words.includes('swap') || words.includes('size')) return true;
  const lists = words.some((word) => word === 'someValue' || word === 'everyValue');
  if (words.some((word) => NUMERIC.includes(word))) {
    const perFact = words.some((word) => word === 'someFact' || word === 'everyFact');
    const leftFits = isNumber(left) || (perFact && Array.isArray(left) && left.every(isNumber));
    return !leftFits || !(lists ? Array.isArray(right) && right.every(isNumber) : isNumber(right));
  }
  if (lists)
    return (
      !Array.isArray(right) || words.includes('in') || words.includes('notIn') || words.filter((word) => word.endsWith('Value')).length > 1
    );
  if (words.includes('in') || words.includes('notIn')) return !(Array.isArray(right) || typeof right === 'string');
  return false;
}

const isNumber = (x: unknown): boolean => typeof x === 'number';

function sideOf(side: unknown, facts: Given): unknown {
  if (typeof side !== 'object' || side === null || !Object.hasOwn(side, 'fact')) return side;
  const { fact, path } = side as { fact: string; path?: string };
  const value = Object.hasOwn(facts, fact) ? facts[fact] : undefined;
  return path === undefined || path === '' ? value : compilePath(path)(value);
}
