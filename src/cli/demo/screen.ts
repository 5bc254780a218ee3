/** The live screen: a page of text made anew from what is known now. Pure; the terminal is elsewhere. */
import { formatMs } from '../../duration.ts';
import type { StatusView } from './api.ts';
import { type Decision, decisionsOf, type Live, type Recording, wording } from './record.ts';
import { LENGTH_MS, type Scene } from './script.ts';
import { FARM, LOOK_EVERY_MS } from './watch.ts';

export interface ScreenInput {
  readonly now: number;
  readonly scene: Scene;
  readonly recording: Recording;
  readonly live: Live;
  readonly limitMs: number;
  readonly width: number;
  readonly height: number;
}

const SCENES: Readonly<Record<Scene, string>> = {
  starting: 'the farm starts',
  calm: 'calm: the usual load',
  killed: 'a server was killed (KILL)',
  frozen: 'a server was frozen (STOP): it is there, and does nothing',
  surge: 'four times the load',
  after: 'calm again',
  over: 'over: counting',
};

const CSI = '\u001b[';
const paint = (code: string) => (text: string) => `${CSI}${code}m${text}${CSI}0m`;
const bold = paint('1');
const dim = paint('2');
const red = paint('31');
const green = paint('32');
const yellow = paint('33');
const cyan = paint('36');

const SPARKS = '▁▂▃▄▅▆▇█';
const LABEL = 9;

/** The last of a series as a row of bars; the highest is `least` or the highest of the whole run, if that is more. */
function spark(values: readonly (number | null)[], columns: number, least: number): string {
  const highest = Math.max(least, ...values.map((value) => value ?? 0));
  return values
    .slice(-columns)
    .map((value) => (value === null ? ' ' : SPARKS[Math.min(7, Math.floor((value / highest) * 8))]))
    .join('');
}

/** Text without its colours, for measuring. */
const bare = (text: string): string => text.replaceAll(new RegExp(`${CSI.replace('[', '\\[')}[0-9;]*m`, 'g'), '');

/** Cuts a coloured line to the width of the screen. */
function cut(line: string, width: number): string {
  return bare(line).length <= width ? line : `${bare(line).slice(0, width - 1)}…`;
}

const clock = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
};

export function screen(input: ScreenInput): string {
  const { recording, live, width, height } = input;
  const started = recording.deeds.find((deed) => deed.event === 'ready')?.time ?? input.now;
  const lines = [
    '',
    ...heading(input, started),
    '',
    ...charts(input),
    '',
    ...servers(live.status),
    '',
    bold(' held back, and why'),
    ...held(live.status, input.now),
    '',
    bold(' last commands'),
    ...commands(decisionsOf(recording.journal), started, 6),
    '',
    dim(' ctrl-C ends the demo and all that it started'),
  ];
  return lines
    .slice(0, Math.max(1, height - 1))
    .map((line) => cut(line, width))
    .join('\n');
}

function heading({ now, scene, live, width }: ScreenInput, started: number): string[] {
  const time = `${clock(now - started)} of ${clock(LENGTH_MS)}`;
  const title = ' Homeostat keeps a web farm alive';
  const state = live.managerAway ? red(bold('the manager is dead')) : `step ${live.status?.step ?? 0}`;
  return [
    `${bold(title)}${' '.repeat(Math.max(2, Math.min(width, 110) - title.length - time.length - 1))}${time}`,
    ` ${cyan(SCENES[scene])} · ${state}`,
  ];
}

function charts({ recording, limitMs, width }: ScreenInput): string[] {
  const { points } = recording;
  const last = points.at(-1);
  const columns = Math.max(10, Math.min(width, 110) - 34);
  // As many looks a column as make the whole run fit.
  const stride = Math.ceil(LENGTH_MS / LOOK_EVERY_MS / columns);
  const shown = points.filter((_, i) => i % stride === 0);
  const row = (name: string, value: string, series: readonly (number | null)[], least: number, colour: (text: string) => string) =>
    ` ${name.padEnd(LABEL)}${colour(value.padStart(12))}  ${colour(spark(series, columns, least))}`;
  const p95 = last?.p95 ?? null;
  const colour = p95 === null || p95 <= 150 ? green : p95 <= limitMs ? yellow : red;
  return [
    row(
      'load',
      last?.load == null ? 'unknown' : `${last.load.toFixed(0)} /s`,
      shown.map((point) => point.load),
      100,
      cyan,
    ),
    row(
      'p95',
      p95 === null ? 'unknown' : `${p95.toFixed(0)} ms`,
      shown.map((point) => point.p95),
      4 * limitMs,
      colour,
    ),
    `${' '.repeat(LABEL + 1)}${dim(`limit ${limitMs}`.padStart(12))}`,
    row(
      'servers',
      `${last?.listed ?? '?'} of ${last?.servers ?? '?'}`,
      shown.map((point) => point.listed),
      8,
      green,
    ),
  ];
}

function servers(status: StatusView | undefined): string[] {
  const of = (status?.elements ?? []).filter((element) => element.type === 'server');
  const head = dim(
    ` ${'server'.padEnd(LABEL)}${'process'.padStart(9)}  ${'state'.padEnd(9)}${'on the list'.padEnd(13)}${'pending'.padStart(8)}${'answered'.padStart(10)}`,
  );
  const rows = of.map(({ id, readings }) => {
    const text = (property: string) => String(readings[property]?.value ?? '–');
    const stalled = Number(readings.stalledMs?.value ?? 0) > 0;
    const state = stalled ? red('frozen'.padEnd(9)) : text('state') === 'exited' ? red('exited'.padEnd(9)) : text('state').padEnd(9);
    const listed = readings.listed?.value === true ? green('yes'.padEnd(13)) : yellow('no'.padEnd(13));
    return ` ${id.slice(FARM.length + 1).padEnd(LABEL)}${text('pid').padStart(9)}  ${state}${listed}${text('pending').padStart(8)}${text('answered').padStart(10)}`;
  });
  return [head, ...rows];
}

function held(status: StatusView | undefined, now: number): string[] {
  const symptoms = (status?.symptoms ?? []).filter((symptom) => symptom.heldBy !== null);
  if (symptoms.length === 0) return [dim('   nothing')];
  return symptoms.slice(0, 5).map(({ policy, element, since, heldBy, reason }) => {
    return `   ${policy} · ${element} · ${yellow(`${heldBy}`)}: ${reason} ${dim(`(raised ${formatMs(now - since)} ago)`)}`;
  });
}

function commands(decisions: readonly Decision[], started: number, count: number): string[] {
  if (decisions.length === 0) return [dim('   none yet')];
  return decisions.slice(-count).map((decision) => {
    const { time, policy, outcome, effect } = decision;
    const came = outcome === undefined ? yellow('under way') : outcome === 'succeeded' ? green('succeeded') : red(outcome);
    const seen = effect === undefined ? '' : `, effect ${effect}`;
    return `   ${clock(time - started)}  ${wording(decision)} ${dim(`for ${policy}`)} → ${came}${seen}`;
  });
}
