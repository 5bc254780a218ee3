/** Conditions explained: what each comparison saw, how old that is and how it was made, and by how much it falls short. */
import { formatMs } from '../duration.ts';
import type { Policy, Property } from '../knowledge/blueprint.ts';
import { isSetPoint, setPointName, setPointOf } from '../knowledge/tunings.ts';
import { known, type Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';
import { type Memo, readsSeries } from '../monitor/gauges/gauge.ts';
import { factsFor, type Substitute, substitutes } from './absences.ts';
import { type Condition, type Judged, judgeAll } from './conditions.ts';
import { isPair } from './operators.ts';
import { isTemporal, spanOf } from './temporal.ts';

/** null: unknown. */
type Known = boolean | null;

/** One side of a comparison that is a fact. */
export interface ExplainedFact {
  readonly name: string;
  readonly value: Value | null;
  readonly unit: string | null;
  /** How old the newest measurement is that it rests on; null: it is given, or there is none. */
  readonly ageMs: number | null;
  /** How the reading is made, such as `mean over 10s`; null: as it was measured. */
  readonly made: string | null;
  /** Why there is no value; null: there is. */
  readonly why: string | null;
  /** It is unknown, and the policy takes this value in its place: the last that was known, or one that it states. */
  readonly instead?: 'held' | 'fallback';
}

export interface ExplainedTest {
  readonly kind: 'test';
  readonly truth: Known;
  readonly fact: ExplainedFact;
  readonly operator: string;
  /** What it is compared with: a literal or another fact. */
  readonly with: { readonly literal: unknown } | { readonly fact: ExplainedFact };
  /** How far the fact is from making the comparison true; null: it is true, or no number tells. */
  readonly short: number | null;
}

export type ExplainedCondition =
  | ExplainedTest
  | { readonly kind: 'all' | 'any' | 'not'; readonly truth: Known; readonly parts: readonly ExplainedCondition[] };

/** `policy`: whose conditions they are, which may take something in the place of what is unknown, and has set-points. */
export function explainCondition(turn: Turn, condition: Condition, element: string, policy: Policy): ExplainedCondition {
  const taken = substitutes(turn, policy, element) ?? {};
  const explained = (judged: Judged): ExplainedCondition =>
    judged.kind === 'test'
      ? explainTest(turn, judged, element, policy, taken)
      : { kind: judged.kind, truth: judged.truth ?? null, parts: judged.parts.map(explained) };
  return explained(judgeAll(condition, factsFor(turn, policy, element)));
}

const ORDERINGS = ['greaterThan', 'greaterThanInclusive', 'lessThan', 'lessThanInclusive'];

function explainTest(turn: Turn, judged: Judged & { readonly kind: 'test' }, element: string, policy: Policy, taken: Taken): ExplainedTest {
  const { actual, expected, operator, expectedFact, said } = judged;
  // What asks about a fact's past is shown as it was written, with the fact as it is now.
  if (said !== undefined) {
    const fact = explainFact(turn, element, said.fact, policy);
    return { kind: 'test', truth: judged.truth ?? null, fact, operator: said.operator, with: { literal: said.value }, short: null };
  }
  const measurable = judged.truth === false && ORDERINGS.includes(operator) && typeof actual === 'number' && typeof expected === 'number';
  return {
    kind: 'test',
    truth: judged.truth ?? null,
    fact: explainFact(turn, element, judged.fact, policy, taken),
    operator,
    with: expectedFact === undefined ? { literal: expected } : { fact: explainFact(turn, element, expectedFact, policy, taken) },
    short: measurable ? Math.abs(expected - actual) : judged.truth === false && operator === 'between' ? outside(actual, expected) : null,
  };
}

/** How far a number is from a band. */
const outside = (actual: unknown, band: unknown): number | null =>
  typeof actual === 'number' && isPair(band) ? Math.max(band[0] - actual, actual - band[1]) : null;

type Taken = Readonly<Record<string, Substitute>>;

/** A set-point is written or was set, and nobody measures it. */
function explainSetPoint({ state }: Turn, policy: Policy, name: string): ExplainedFact {
  const by = state.tunings.get(`setPoint\t${policy.name}\t${setPointName(name)}`)?.layers.at(-1);
  const value = setPointOf(state, policy, setPointName(name)) ?? null;
  return { name, value, unit: null, ageMs: null, made: by === undefined ? null : `set by ${by.policy} on ${by.element}`, why: null };
}

function explainFact(turn: Turn, element: string, name: string, policy: Policy, taken: Taken = {}): ExplainedFact {
  if (isSetPoint(name)) return explainSetPoint(turn, policy, name);
  const row = turn.state.elements.get(element);
  const property = row && turn.typeOf(row)?.properties.get(name);
  const reading = turn.reading(element, name);
  const series = property && seriesOf(property);
  const measured = series === undefined || (turn.state.series.get(`${element}\t${series}`)?.last ?? -1) >= 0;
  const instead = taken[name];
  return {
    name,
    value: known(reading) ?? instead?.value ?? null,
    unit: property?.unit ?? null,
    ageMs: reading === undefined || !measured ? null : Math.max(0, turn.now - reading.time),
    made:
      property === undefined || row === undefined
        ? null
        : madeBy(property, turn.blueprint.setup.types[row.document.type]?.properties?.[name]?.gauge, reading?.memo ?? null, turn.now),
    why: instead !== undefined ? null : reading === undefined ? 'there is no such reading' : reading.why,
    ...(instead === undefined ? {} : { instead: instead.is }),
  };
}

const seriesOf = ({ name, source }: Property): string | undefined =>
  source.kind === 'gauge' && source.gauge.over === 'series' && readsSeries(source.gauge) ? (source.gauge.of ?? name) : undefined;

/** How a reading is made, in the words of its gauge; of some with how it stands. */
function madeBy({ source }: Property, gauge: Readonly<Record<string, unknown>> | undefined, memo: Memo | null, now: number): string | null {
  if (source.kind === 'parent') return 'of its parent';
  if (source.kind === 'element') return `of ${source.element}`;
  if (gauge === undefined || gauge.kind === 'last') return null;
  if (gauge.kind === 'expression') return String(gauge.expression);
  const tells = source.kind === 'gauge' && source.gauge.over === 'series' ? source.gauge.tells : undefined;
  if (tells !== undefined && memo !== null) return `${String(gauge.kind)}: ${tells(memo, now)}`;
  const name =
    gauge.kind === 'quantile' && typeof gauge.q === 'number'
      ? `${Number((gauge.q * 100).toPrecision(4))}th percentile`
      : String(gauge.kind);
  return gauge.window === undefined
    ? name
    : `${name} over ${typeof gauge.window === 'string' ? gauge.window.replace(/([0-9])([a-z])/, '$1 $2') : JSON.stringify(gauge.window)}`;
}

/** The comparisons that keep a condition from being true, the first that decides first. */
export function failing(condition: ExplainedCondition): readonly ExplainedTest[] {
  if (condition.truth === true) return [];
  if (condition.kind === 'test') return [condition];
  if (condition.kind === 'not') return leaves(condition);
  // Of `all` a false part decides before an unknown one; of `any` none is true.
  const parts =
    condition.kind === 'all' ? [...condition.parts].sort((a, b) => Number(a.truth === null) - Number(b.truth === null)) : condition.parts;
  return parts.flatMap(failing);
}

const leaves = (condition: ExplainedCondition): readonly ExplainedTest[] =>
  condition.kind === 'test' ? [condition] : condition.parts.flatMap(leaves);

/** In one sentence why a condition is not true. */
export function whyNot(condition: ExplainedCondition): string {
  const tests = failing(condition);
  const first = tests[0];
  if (first === undefined) return 'the conditions are true, and the next step will see it';
  const more = tests.length > 1 ? `, and ${tests.length - 1} more` : '';
  return `${testText(first)}${remark(first)}${more}`;
}

function remark({ fact, short, truth, with: right }: ExplainedTest): string {
  const missing = [fact, ...('fact' in right ? [right.fact] : [])].find((f) => f.why !== null);
  if (missing !== undefined) return ` (${missing.name}: ${missing.why})`;
  if (short !== null) return ` (${round(short)} short)`;
  return truth === true ? ' is true' : truth === false ? ' is not true' : ' cannot be compared';
}

const SIGNS: Readonly<Record<string, string>> = {
  equal: '=',
  notEqual: '≠',
  greaterThan: '>',
  greaterThanInclusive: '≥',
  lessThan: '<',
  lessThanInclusive: '≤',
  between: 'between',
  matches: 'matches',
  in: 'in',
  notIn: 'not in',
  contains: 'contains',
  doesNotContain: 'does not contain',
};

/** `state changed within 10 s`, `load is not stale`; undefined: another comparison. */
function questionText({ fact, operator, with: right }: ExplainedTest): string | undefined {
  const parts = operator.split(':');
  const asks = parts.pop()!;
  if (!isTemporal(asks) || !('literal' in right)) return undefined;
  const denied = (parts.length % 2 === 1) !== (right.literal === false);
  const span = typeof right.literal === 'string' ? spanOf(right.literal) : undefined;
  return span === undefined
    ? `${fact.name} is ${denied ? 'not ' : ''}${asks}`
    : `${fact.name} ${denied ? 'has not ' : ''}${asks} within ${formatMs(span)}`;
}

/** `responseTime 212 > 200`. */
export function testText(test: ExplainedTest): string {
  const { fact, operator, with: right } = test;
  const question = questionText(test);
  if (question !== undefined) return question;
  const other = 'fact' in right ? factText(right.fact) : showLiteral(right.literal);
  return `${factText(fact)} ${SIGNS[operator] ?? operator} ${other}`;
}

/** A condition as it is asked, without what it sees: `load < 60 and heat < 30`. */
export function conditionText(condition: Condition): string {
  if (condition.kind === 'not') return `not (${conditionText(condition.part)})`;
  if (condition.kind !== 'test') return condition.parts.map(inBrackets).join(condition.kind === 'all' ? ' and ' : ' or ');
  const { fact, operator, value } = condition.said ?? condition;
  const right = typeof value === 'object' && value !== null && 'literal' in value ? value.literal : value;
  const other = typeof right === 'object' && right !== null && 'fact' in right ? String(right.fact) : showLiteral(right);
  return `${fact} ${SIGNS[operator] ?? operator} ${other}`;
}

const inBrackets = (part: Condition): string =>
  part.kind === 'all' || part.kind === 'any' ? `(${conditionText(part)})` : conditionText(part);

const factText = ({ name, value }: ExplainedFact): string =>
  `${name} ${value === null ? '—' : typeof value === 'number' ? round(value) : value}`;

const showLiteral = (value: unknown): string =>
  typeof value === 'number' ? String(round(value)) : typeof value === 'string' ? value : (JSON.stringify(value) ?? '—');

export const round = (x: number): number => (Number.isInteger(x) ? x : Number(x.toPrecision(4)));
