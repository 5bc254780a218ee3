/** The status as people read it: what is, then what needs attention. */

import { scopeText } from '../analyze/gates/paused.ts';
import type { ElementView, ReadingView } from '../api/status.ts';
import { formatMs } from '../duration.ts';
import type { HistoryHealth } from '../history/attach.ts';
import { adviceLines } from './advice-text.ts';
import type { FullStatus } from './status.ts';
import { plural, showAge, showNumber, showParams, showTime, showValue, table } from './text.ts';

const CANARY = {
  waiting: 'waits for an element',
  running: 'is tried',
  promoted: 'decides everywhere',
  withdrawn: 'was withdrawn',
} as const;

/** Lines of one list; the rest is counted. */
const LISTED = 20;

export function statusLines(view: FullStatus, folder: string): string[] {
  const sections = [...view.elements.map(elementSection(view.elements.length > 1)), ...attention(view)];
  const left =
    view.elementsLeftOut > 0
      ? [[`and ${plural(view.elementsLeftOut, 'element')} more; see one with --element ID, or all with --json --limit 10000`]]
      : [];
  return [
    heading(view, folder),
    ...(view.advice.length === 0 ? [] : ['', ...adviceLines(view.advice, view.now)]),
    ...[...sections.slice(0, view.elements.length), ...left, ...sections.slice(view.elements.length)].flatMap((lines) => ['', ...lines]),
  ];
}

function heading({ domain, mode, step, running, pid, now, policies }: FullStatus, folder: string): string {
  const where = running
    ? `running as process ${pid}`
    : `not running; this is ${folder} as of ${showTime(now, now)} on ${new Date(now).toLocaleDateString('sv')}`;
  return `${domain} · ${mode} · ${plural(policies, 'policy', 'policies')} · step ${showNumber(step)} · ${where}`;
}

const elementSection =
  (compact: boolean) =>
  ({ id, type, readings }: ElementView): string[] => {
    const entries = Object.entries(readings);
    const shown = compact && entries.length > LISTED ? entries.slice(0, LISTED) : entries;
    const rest = entries.length - shown.length;
    return [
      `${id} (${type})`,
      ...table(
        shown.map(([name, reading]) => [name, showValue(reading.value, reading.value === null ? undefined : reading.unit), ageOf(reading)]),
      ),
      ...(rest > 0 ? [`  and ${rest} more`] : []),
    ];
  };

function ageOf({ value, ageMs, why }: ReadingView): string {
  if (value === null) return ageMs === null || why === 'no value yet' ? (why ?? '') : `${why ?? 'unknown'}, ${showAge(ageMs)}`;
  return ageMs === null ? 'given' : showAge(ageMs);
}

function attention(view: FullStatus): string[][] {
  const { now, symptoms, commands, pauses, probes, neverSeen, setAside, breakers, oscillations, tunings } = view;
  const section = (title: string, rows: readonly (readonly string[])[]): string[][] =>
    rows.length === 0
      ? []
      : [[title, ...table(rows.slice(0, LISTED)), ...(rows.length > LISTED ? [`  and ${rows.length - LISTED} more`] : [])]];
  return [
    ...section(
      'canaries',
      view.canaries.map((c) => [
        `${c.file} ${c.version}`,
        CANARY[c.is],
        `for ${formatMs(now - c.since)}`,
        c.is === 'running' ? `on ${c.elements.slice(0, 3).join(', ')}${c.drawn > 3 ? ` and ${c.drawn - 3} more` : ''}` : (c.reason ?? ''),
        ...(c.until === null ? [] : [`promoted in ${formatMs(Math.max(0, c.until - now))}${c.reason === null ? '' : `, but ${c.reason}`}`]),
      ]),
    ),
    ...section(
      'symptoms',
      symptoms.map((s) => [
        `${s.policy} on ${s.element}`,
        `for ${formatMs(now - s.since)}`,
        s.heldBy === null
          ? view.mode === 'act'
            ? 'nothing holds it back'
            : `nothing holds it back; the manager only ${view.mode}s`
          : `held by ${s.heldBy}: ${s.reason}`,
      ]),
    ),
    ...section(
      'commands in flight',
      commands.map((c) => [
        c.id,
        `${c.command} ${showParams(c.params)} on ${c.element}`,
        c.state === 'sent' ? `sent ${formatMs(now - c.issuedAt)} ago` : 'succeeded; its effect is awaited',
        `for ${c.policy}`,
      ]),
    ),
    ...section(
      'paused',
      pauses.map((p) => [
        scopeText(p.scope),
        p.until === null ? 'until it is resumed' : `for ${formatMs(p.until - now)} more`,
        `held back ${showNumber(p.held)}`,
        `by ${p.author}: ${p.reason}`,
      ]),
    ),
    ...section(
      'set by policies',
      tunings.map((t) => [
        `${t.what} is ${showValue(t.value)}`,
        `for ${formatMs(now - t.since)}`,
        `by ${t.policy} on ${t.element}${t.while ? ', as long as it is raised' : ''}`,
      ]),
    ),
    ...section(
      'stopped by their breaker, until a person resumes them',
      breakers.map((b) => [
        `${b.policy} on ${b.element}`,
        `${plural(b.misses, 'command')} without the expected effect`,
        ...(b.probeAt === null ? [] : [b.probeAt > now ? `one is let through in ${formatMs(b.probeAt - now)}` : 'half open']),
      ]),
    ),
    ...section(
      'undo each other',
      oscillations.map((o) => [
        `${o.policies.join(' and ')} on ${o.element}`,
        `${o.what}, ${plural(o.reversals, 'reversal')}`,
        `for ${formatMs(now - o.since)}`,
        o.frozenUntil === null ? 'told only' : `frozen for ${formatMs(o.frozenUntil - now)} more`,
      ]),
    ),
    ...section(
      'set aside, because json-rules-engine does not confirm them',
      setAside.map((a) => [a.policy, `version ${a.version}`, a.reason]),
    ),
    ...section(
      'probes that fail',
      probes.map((p) => [`${p.probe} on ${p.element}`, `for ${formatMs(now - p.since)}`, p.reason]),
    ),
    ...section(
      'inputs without a value since the start',
      neverSeen.map((name) => [name]),
    ),
    ...section(
      'places of this process',
      (view.agents ?? []).map(({ place, working, failure, commands: { waiting, running } }) => [
        place,
        working ? 'its agent works here' : 'its agent stands by',
        ...(waiting + running === 0 ? [] : [`${plural(running, 'command')} under way, ${showNumber(waiting)} waiting`]),
        ...(failure === null ? [] : [failure]),
      ]),
    ),
    ...section(
      'versions of policies',
      view.versions.map(({ file, version, as, since }) => [file, version, as, `since ${showTime(since, now)}`]),
    ),
    ...section('counted', counted(view)),
  ];
}

function counted({ counters, health }: FullStatus): string[][] {
  const rows = Object.entries(counters).map(([name, count]) => [name, showNumber(count)]);
  if (health === undefined) return rows;
  if (health.intervalsMissed > 0) rows.push(['intervals missed by probes', showNumber(health.intervalsMissed)]);
  if (health.storeFailure !== null) rows.push(['the store fails', health.storeFailure]);
  if (health.history !== undefined) rows.push(...historyRows(health.history));
  return rows;
}

/** Only what is not as it should be: points that wait a moment are no news. */
function historyRows({ away, points, entries, dropped, refused, missed }: HistoryHealth): string[][] {
  const rows: string[][] = [];
  if (away !== null)
    rows.push(
      ['InfluxDB takes nothing', away],
      ['  points that wait for it', showNumber(points)],
      ['  journal entries', showNumber(entries)],
    );
  if (dropped > 0) rows.push(['points dropped, the spool being full', showNumber(dropped)]);
  if (refused > 0) rows.push(['points that InfluxDB refused', showNumber(refused)]);
  if (missed > 0) rows.push(['journal entries that InfluxDB never had', showNumber(missed)]);
  return rows;
}
