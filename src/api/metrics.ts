/** GET /metrics: the manager's own figures. What each means is in docs/metrics.md, which a test compares with this table. */
import { isFrozen } from '../knowledge/oscillation.ts';
import { Turn } from '../knowledge/turn.ts';
import { heldBy, preview } from '../plan/preview.ts';
import { REFUSALS } from './access.ts';
import { BUCKETS_MS, type Figures, type Histogram, type PartitionFigures } from './figures.ts';
import { CONTENT_TYPE, type Labels, type Metric, metricsText, type Sample, type Series } from './prometheus.ts';
import type { Answer, Call, RouteContext } from './server.ts';

export const answerMetrics = (_call: Call, context: RouteContext): Answer => ({
  type: CONTENT_TYPE,
  body: metricsText(metricsOf(context.figures(), context)),
});

/** A figure of each partition, labelled with its number where it has one. */
type Of<T> = (figures: PartitionFigures) => T;

export function metricsOf(figures: Figures, { assembly: { clock }, startedAt, access }: RouteContext): readonly Metric[] {
  const { partitions, executor, probes, servers, spool, group, agents = [] } = figures;
  const now = clock.now();
  const many = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): Metric => ({
    name,
    type,
    help,
    samples,
  });
  const one = (name: string, type: 'counter' | 'gauge', help: string, value: number) => many(name, type, help, [[{}, value]]);
  const each = (name: string, type: 'counter' | 'gauge', help: string, of: Of<number | readonly Sample[]>): Metric =>
    many(
      name,
      type,
      help,
      partitions.flatMap((part) => labelled(part, of(part))),
    );
  const times = (name: string, help: string, of: Of<Histogram>): Metric => ({
    name,
    type: 'histogram',
    help,
    buckets: BUCKETS_MS.map((ms) => ms / 1_000),
    series: partitions.map((part): Series => ({ labels: labelOf(part), counts: of(part).counts, sum: of(part).sumMs / 1_000 })),
  });
  return [
    each('homeostat_steps_total', 'counter', 'Steps made since the state began.', ({ state }) => state.position.step),
    one('homeostat_start_time_seconds', 'gauge', 'When this manager was started.', startedAt / 1_000),
    each(
      'homeostat_time_since_step_seconds',
      'gauge',
      'Age of the last step.',
      ({ state }) => Math.max(0, now - state.position.now) / 1_000,
    ),
    each('homeostat_step_decide_seconds', 'gauge', 'How long the last step took to decide.', ({ health }) => health.decideMs / 1_000),
    each(
      'homeostat_step_commit_seconds',
      'gauge',
      'How long the last step took to confirm and store.',
      ({ health }) => health.commitMs / 1_000,
    ),
    times('homeostat_decide_duration_seconds', 'How long steps took to decide, since the start.', ({ steps }) => steps.decide),
    times('homeostat_commit_duration_seconds', 'How long steps took to confirm and store, since the start.', ({ steps }) => steps.commit),
    each('homeostat_store_failing', 'gauge', '1 while steps cannot be stored.', ({ health }) => (health.storeFailure === null ? 0 : 1)),
    each(
      'homeostat_term',
      'gauge',
      'The term: grows with every start or takeover, and fences those before it.',
      ({ state }) => state.position.term,
    ),
    ...(group === undefined
      ? []
      : [
          one('homeostat_partitions', 'gauge', 'Partitions that the cluster has.', group.partitions),
          one('homeostat_group_member', 'gauge', '1 while this process is in the group.', group.outside === null ? 1 : 0),
          each('homeostat_partition_owned', 'gauge', '1 for each partition that this process owns.', () => 1),
          each('homeostat_lag_records', 'gauge', 'Records in the log that are not taken in yet.', ({ lag = {} }) =>
            Object.entries(lag).map(([topic, records]) => [{ topic }, records]),
          ),
        ]),
    each('homeostat_elements', 'gauge', 'Elements in the model.', ({ state }) => state.elements.size),
    each('homeostat_policies', 'gauge', 'Policies in force.', ({ derived }) => derived.blueprint.policies.size),
    each('homeostat_symptoms', 'gauge', 'Symptoms that are raised.', ({ derived }) => derived.raised.size),
    each('homeostat_symptoms_held', 'gauge', 'Raised symptoms that are held back, by gate.', (part) => held(part, now)),
    each('homeostat_advice', 'gauge', 'Advice that waits: open for an answer, or approved and held back by a gate.', ({ state }) =>
      phases([...state.advice.rows()], ['open', 'approved']),
    ),
    each('homeostat_commands', 'gauge', 'Commands in flight: sent, or succeeded with their effect awaited.', ({ state }) =>
      phases([...state.commands.rows()], ['sent', 'settling']),
    ),
    each('homeostat_commands_issued_total', 'counter', 'Commands that were committed since the start.', ({ steps }) => steps.commands),
    each('homeostat_readings_total', 'counter', 'Readings that changed since the start.', ({ steps }) => steps.readings),
    each('homeostat_journal_entries_total', 'counter', 'Entries of the journal since the start, by kind.', ({ steps }) =>
      [...steps.entries].sort().map(([kind, count]) => [{ kind }, count]),
    ),
    each('homeostat_queue', 'gauge', 'Events that wait for a step.', ({ waiting }) => [
      [{ plane: 'signals' }, waiting.signals],
      [{ plane: 'telemetry' }, waiting.telemetry],
    ]),
    many('homeostat_executor', 'gauge', 'Attempts of commands: waiting, running, given up and not ended.', [
      [{ state: 'waiting' }, executor.waiting],
      [{ state: 'running' }, executor.running],
      [{ state: 'left_behind' }, executor.leftBehind],
    ]),
    many('homeostat_probes', 'gauge', 'Probes, by how they are doing.', [
      [{ state: 'working' }, probes.filter((p) => p.state === 'working').length],
      [{ state: 'failing' }, probes.filter((p) => p.state === 'failing').length],
    ]),
    one(
      'homeostat_probe_intervals_missed_total',
      'counter',
      'Intervals in which a probe could not measure.',
      probes.reduce((sum, p) => sum + p.missed, 0),
    ),
    each('homeostat_pauses', 'gauge', 'Pauses in force.', ({ state }) => state.pauses.size),
    each(
      'homeostat_breakers_open',
      'gauge',
      'Policies that their breaker has stopped on an element.',
      ({ state }) => [...state.symptoms.rows()].filter((row) => row.broken).length,
    ),
    each('homeostat_oscillations', 'gauge', 'Things that policies move to and fro against each other: told, or with both frozen.', (part) =>
      swinging(part, now),
    ),
    each('homeostat_policies_set_aside', 'gauge', 'Policies that json-rules-engine did not confirm.', ({ state }) => state.aside.size),
    ...counted(partitions),
    many(
      'homeostat_api_refused_total',
      'counter',
      'Requests that the API refused, by what for.',
      REFUSALS.map((reason) => [{ reason }, access.refused[reason]]),
    ),
    ...(agents.length === 0
      ? []
      : [
          many(
            'homeostat_agent_working',
            'gauge',
            '1 for each place at which the agent of this process works; 0 where it stands by.',
            agents.map(({ place, working }) => [{ place }, working ? 1 : 0]),
          ),
        ]),
    ...(servers.length === 0
      ? []
      : [
          many(
            'homeostat_server_up',
            'gauge',
            '1 while a server answers.',
            servers.map(({ name, reachable }) => [{ server: name }, reachable ? 1 : 0]),
          ),
        ]),
    ...(spool === undefined
      ? []
      : [
          one('homeostat_spool_points', 'gauge', 'Points that wait to be written to the history.', spool.points),
          one('homeostat_spool_bytes', 'gauge', 'Bytes that wait to be written to the history.', spool.bytes),
          one('homeostat_spool_entries', 'gauge', 'Journal entries that the history does not have yet.', spool.entries),
          one('homeostat_spool_dropped_total', 'counter', 'Points that were dropped because the spool was full.', spool.dropped),
          one('homeostat_spool_refused_total', 'counter', 'Points that the history refused.', spool.refused),
          one('homeostat_spool_missed_total', 'counter', 'Journal entries that were forgotten before the history had them.', spool.missed),
        ]),
    one('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
    one('process_cpu_seconds_total', 'counter', 'User and system CPU time.', cpuSeconds()),
  ];
}

const labelOf = ({ partition }: PartitionFigures): Labels => (partition === undefined ? {} : { partition: String(partition) });

const labelled = (part: PartitionFigures, values: number | readonly Sample[]): readonly Sample[] =>
  typeof values === 'number' ? [[labelOf(part), values]] : values.map(([labels, value]) => [{ ...labelOf(part), ...labels }, value]);

function held({ state, derived }: PartitionFigures, now: number): Sample[] {
  const byGate = new Map<string, number>();
  for (const prospects of preview(new Turn(state, derived, now, state.position.step)).values()) {
    const gate = prospects.map(heldBy).find((hold) => hold !== undefined)?.gate;
    if (gate !== undefined) byGate.set(gate, (byGate.get(gate) ?? 0) + 1);
  }
  return [...byGate].sort().map(([gate, count]) => [{ gate }, count] as const);
}

function swinging({ state }: PartitionFigures, now: number): Sample[] {
  const all = [...state.oscillations.rows()].flatMap(({ watched }) => watched.filter(({ swinging }) => swinging !== null));
  const frozen = all.filter((one) => isFrozen(one, now)).length;
  return [
    [{ state: 'told' }, all.length - frozen],
    [{ state: 'frozen' }, frozen],
  ];
}

const phases = (rows: readonly { readonly phase: string }[], names: readonly string[]): Sample[] =>
  names.map((phase) => [{ phase }, rows.filter((row) => row.phase === phase).length]);

/** Counters of the state: `outcomes.failed` becomes `homeostat_outcomes_total{kind="failed"}`. */
function counted(partitions: readonly PartitionFigures[]): Metric[] {
  const groups = new Map<string, Sample[]>();
  for (const part of partitions) {
    for (const { key, count } of part.state.counters.rows()) {
      const [group, kind] = key.split('.') as [string, string | undefined];
      const labels = { ...labelOf(part), ...(kind === undefined ? {} : { kind }) };
      groups.set(group, [...(groups.get(group) ?? []), [labels, count]]);
    }
  }
  return [...groups].map(([group, samples]) => ({
    name: `homeostat_${snake(group)}_total`,
    type: 'counter',
    help: 'Counted since the state began.',
    samples,
  }));
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
