/**
 * The summary of a run as Homeostat knows it: times of healing and scaling from its journal, response times from its gauge. What clients got
 * is counted by the load generator, and what was at risk by the balancer. `demo:verify` counts all of it again from raw logs.
 */
import type { LoadView } from './farm.ts';
import { type Decision, decisionsOf, type Recording } from './record.ts';
import type { Deed, Toll } from './script.ts';

export interface Healing {
  readonly detectedMs: number | null;
  readonly healedMs: number | null;
}

export interface Summary {
  readonly example: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly killed: Healing;
  readonly frozen: Healing;
  readonly scaledOut: number;
  readonly scaledIn: number;
  readonly reversals: number;
  readonly requests: {
    readonly sent: number;
    readonly ok: number;
    readonly failed: number;
    readonly inFlightAtKill: number;
    readonly sentToFrozen: number;
  };
  readonly p95Ms: {
    readonly calm: number | null;
    readonly surge: number | null;
    readonly recovered: number | null;
    readonly limit: number;
  };
  readonly managerRestarts: number;
  readonly commandsRepeated: number;
  readonly replayVerified: boolean;
}

export interface Counted {
  readonly recording: Recording;
  readonly load: LoadView;
  readonly toll: Toll;
  /** The limit of the policy that grows the farm. */
  readonly limitMs: number;
  readonly firstPort: number;
  readonly replayVerified: boolean;
}

const FEWEST = 3;

export function summarize({ recording, load, toll, limitMs, firstPort, replayVerified }: Counted): Summary {
  const { deeds, points, journal } = recording;
  const at = (event: string) => deeds.find((deed) => deed.event === event);
  const timeOf = (event: string) => at(event)?.time ?? Number.NaN;
  const decisions = decisionsOf(journal);
  const changes = changesOf(decisions, timeOf('ready'), timeOf('over'));
  const p95Before = (time: number) => points.findLast((point) => point.time <= time && point.p95 !== null)?.p95 ?? null;
  const surge = points
    .filter((point) => point.time >= timeOf('surge') && point.time <= timeOf('surgeOver'))
    .flatMap((point) => point.p95 ?? []);
  const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));
  const started = deeds[0]?.time ?? 0;
  return {
    example: 'web-farm',
    startedAt: new Date(started).toISOString(),
    durationMs: timeOf('over') - started,
    killed: healing(at('killed'), firstPort, decisions),
    frozen: healing(at('frozen'), firstPort, decisions),
    scaledOut: sum(changes.filter(({ by }) => by > 0)),
    scaledIn: -sum(changes.filter(({ by }) => by < 0)),
    reversals: reversals(changes, timeOf('surgeOver')),
    requests: { sent: load.sent, ok: load.ok, failed: load.failed, ...toll },
    p95Ms: {
      calm: rounded(p95Before(timeOf('killed'))),
      surge: surge.length === 0 ? null : rounded(Math.max(...surge)),
      recovered: rounded(p95Before(timeOf('surgeOver'))),
      limit: limitMs,
    },
    managerRestarts: deeds.filter((deed) => deed.event === 'managerStarted').length - 1,
    commandsRepeated: repeated(recording),
    replayVerified,
  };
}

/** From the deed to the first command for that server, and to the moment when it was known to be on the list again, made anew. */
function healing(loss: Deed | undefined, firstPort: number, decisions: readonly Decision[]): Healing {
  if (loss?.port === undefined) return { detectedMs: null, healedMs: null };
  const element = `web/server-${loss.port - firstPort}`;
  const reactions = decisions.filter((decision) => decision.element === element && decision.time > loss.time);
  const restarted = reactions.find((decision) => decision.command === 'restart' && decision.outcome === 'succeeded');
  const enlisted = reactions.find(
    (decision) =>
      decision.command === 'enlist' && decision.outcome === 'succeeded' && restarted !== undefined && decision.time > restarted.time,
  );
  const since = (time: number | undefined) => (time === undefined ? null : time - loss.time);
  return { detectedMs: since(reactions[0]?.time), healedMs: since(enlisted?.outcomeTime) };
}

interface Change {
  readonly time: number;
  readonly by: number;
}

/** The sizes that the farm was told to have while the script ran. */
function changesOf(decisions: readonly Decision[], ready: number, over: number): readonly Change[] {
  let size = FEWEST;
  return decisions
    .filter((decision) => decision.command === 'scale' && decision.time > ready && decision.time < over)
    .map(({ time, params }) => {
      const by = Number(params.to) - size;
      size += by;
      return { time, by };
    })
    .filter(({ by }) => by !== 0);
}

const sum = (changes: readonly Change[]): number => changes.reduce((total, { by }) => total + by, 0);

/** Changes of direction, but for the one that the end of the surge calls for. */
function reversals(changes: readonly Change[], surgeOver: number): number {
  const turns = changes.filter((change, i) => i > 0 && Math.sign(change.by) !== Math.sign(changes[i - 1]!.by));
  return turns.length - (turns.some((turn) => turn.by < 0 && turn.time > surgeOver) ? 1 : 0);
}

/** Commands that the journal says were carried out more than once. */
function repeated({ journal }: Recording): number {
  const outcomes = journal.filter((entry) => entry.kind === 'outcome').map((entry) => entry.command);
  return outcomes.length - new Set(outcomes).size;
}
