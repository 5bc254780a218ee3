/** An explanation as people read it (design section 10). */
import type { ExplainedAction, ExplainedGate, Explanation } from '../analyze/explain.ts';
import { type ExplainedCondition, type ExplainedFact, type ExplainedTest, round, testText } from '../analyze/explain-conditions.ts';
import type { LastActed } from '../analyze/explain-past.ts';
import type { ExplainedRemedy } from '../analyze/explain-remedies.ts';
import { formatMs } from '../duration.ts';
import { placeOf } from './findings.ts';
import { showTime } from './text.ts';

/** Where the second column begins. */
const COLUMN = 18;
/** Gates of one line. */
const WIDTH = 100;

export function explanationLines(explanation: Explanation): string[] {
  const {
    element,
    policy,
    version,
    set,
    summary,
    why,
    symptom,
    since,
    now,
    kept,
    conditions,
    actions,
    remedies,
    oscillations,
    lastActed: last,
  } = explanation;
  const truth =
    kept !== null
      ? `${conditions.truth === null ? 'unknown' : 'false'}; ${kept}`
      : symptom === 'raised'
        ? `true${since === null ? '' : ` for ${formatMs(now - since)}`}`
        : symptom === 'clear'
          ? 'false'
          : 'unknown';
  return [
    `${element} · ${policy} · ${placeOf(explanation)} · version ${version}${set === null ? '' : ` of ${set}`}`,
    summary,
    ...(why === null ? [] : [row('why', why)]),
    row('conditions', truth),
    ...conditionLines(conditions),
    ...actions.flatMap((action) => actionLines(action, actions.length > 1)),
    ...(remedies === null ? [] : [row('remedies', remedies.map(remedyText).join('   '))]),
    ...oscillations.map((text) => row('oscillation', text)),
    row('last acted', last === null ? 'never, as far as the journal goes back' : deedText(last, now)),
  ];
}

const row = (name: string, text: string): string => `  ${name.padEnd(COLUMN - 2)}${text}`;

interface Line {
  readonly left: string;
  readonly right: string;
}

function conditionLines(condition: ExplainedCondition): string[] {
  // A list at the top needs no heading: it is what conditions usually are.
  const lines = condition.kind === 'all' ? condition.parts.flatMap((part) => linesOf(part, 2)) : linesOf(condition, 2);
  const width = Math.max(...lines.filter((line) => line.right !== '').map((line) => line.left.length), 0);
  return lines.map(({ left, right }) => `${left.padEnd(right === '' ? 0 : width)}   ${right}`.trimEnd());
}

const MARKS = { true: '✓', false: '✗', null: '?' } as const;
const HEADINGS = { all: 'all of', any: 'any of', not: 'not' } as const;

function linesOf(condition: ExplainedCondition, depth: number): Line[] {
  const start = `${'  '.repeat(depth)}${MARKS[`${condition.truth}`]} `;
  if (condition.kind === 'test') return [{ left: `${start}${testText(condition)}`, right: remarks(condition) }];
  return [{ left: `${start}${HEADINGS[condition.kind]}`, right: '' }, ...condition.parts.flatMap((part) => linesOf(part, depth + 1))];
}

function remarks(test: ExplainedTest): string {
  const other = 'fact' in test.with ? test.with.fact : undefined;
  const short = test.short === null ? [] : [`${round(test.short)}${test.fact.unit === null ? '' : ` ${test.fact.unit}`} short`];
  return [...short, ...factRemarks(test.fact, other !== undefined), ...(other === undefined ? [] : factRemarks(other, true))].join(', ');
}

function factRemarks({ name, ageMs, made, why, instead }: ExplainedFact, named: boolean): string[] {
  if (why !== null) return [`${named ? `${name}: ` : ''}${why}${ageMs === null ? '' : `, ${formatMs(ageMs)} old`}`];
  if (instead === 'fallback') return [`${named ? `${name} ` : ''}unknown, a fallback value`];
  if (instead === 'held') return [`${named ? `${name} ` : ''}unknown, held${ageMs === null ? '' : `, ${formatMs(ageMs)} old`}`];
  if (ageMs === null) return [];
  return [`${named ? `${name} ` : ''}${made === null ? '' : `${made}, `}${formatMs(ageMs)} old`];
}

function actionLines({ command, target, gates, heldBy }: ExplainedAction, many: boolean): string[] {
  const lines = ['']; // The first line stands beside the word.
  for (const gate of gates.map(gateText)) {
    const last = lines.at(-1)!;
    if (last !== '' && COLUMN + last.length + gate.length > WIDTH) lines.push(gate);
    else lines[lines.length - 1] = last === '' ? gate : `${last}   ${gate}`;
  }
  const [first = '', ...rest] = lines;
  const about = many ? [row(`to ${command}`, `on ${target}${heldBy === null ? '' : `: ${heldBy.gate}, ${heldBy.reason}`}`)] : [];
  return [...about, row('gates', first), ...rest.map((line) => row('', line))];
}

const REMEDY_MARKS = { next: '→', missed: '✗', waits: '·' } as const;

function remedyText({ name, is, guard, tries, worked }: ExplainedRemedy): string {
  const barred = guard === true || is === 'missed' ? [] : [guard === null ? 'its guard is unknown' : 'its guard does not hold'];
  const before = tries === 0 ? [] : [`worked ${worked} of ${tries}`];
  const remarks = [...barred, ...before];
  return `${REMEDY_MARKS[is]} ${name}${remarks.length === 0 ? '' : ` (${remarks.join(', ')})`}`;
}

const GATE_MARKS = { passed: '✓', holds: '✗', notReached: '·' } as const;

const gateText = ({ name, is, reason }: ExplainedGate): string =>
  `${GATE_MARKS[is]} ${name}${is === 'passed' && reason !== null ? ` ${reason}` : ''}`;

function deedText({ time, text, command, outcome, detail, effect, effectAfterMs }: LastActed, now: number): string {
  const when = `${showTime(time, now)} ${text}`;
  if (command === null) return when;
  const told =
    outcome === null
      ? 'no word yet'
      : outcome === 'succeeded'
        ? outcome
        : `${outcome === 'timedOut' ? 'timed out' : outcome}${detail ? `: ${detail}` : ''}`;
  const seen =
    effect === 'seen'
      ? `, effect seen${effectAfterMs === null ? '' : ` after ${formatMs(effectAfterMs)}`}`
      : effect === 'missed'
        ? ', without the expected effect'
        : effect === null
          ? ''
          : ', effect unknown';
  return `${when} → ${told}${seen}`;
}
