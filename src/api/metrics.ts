/** GET /metrics: the manager's own figures, in the text format of Prometheus (version 0.0.4). */

import { Turn } from '../knowledge/turn.ts';
import { heldBy, preview } from '../plan/preview.ts';
import type { Answer, ApiContext, Call } from './server.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const answerMetrics = (_call: Call, context: ApiContext): Answer => ({
  type: 'text/plain; version=0.0.4; charset=utf-8',
  body: `${metricsOf(context).map(metricText).join('\n')}\n`,
});

function metricsOf({ assembly, startedAt }: ApiContext): Metric[] {
  const { manager, bus, executor, sensors, clock } = assembly;
  const { state, derived, health } = manager;
  const { waiting } = bus;
  const carried = executor.counts();
  const probes = sensors.status();
  const one = (name: string, type: Metric['type'], help: string, value: number): Metric => ({ name, type, help, samples: [[{}, value]] });
  return [
    one('homeostat_steps_total', 'counter', 'Steps made since the state began.', state.position.step),
    one('homeostat_start_time_seconds', 'gauge', 'When this manager was started.', startedAt / 1_000),
    one('homeostat_time_since_step_seconds', 'gauge', 'Age of the last step.', Math.max(0, clock.now() - state.position.now) / 1_000),
    one('homeostat_step_decide_seconds', 'gauge', 'How long the last step took to decide.', health.decideMs / 1_000),
    one('homeostat_step_commit_seconds', 'gauge', 'How long the last step took to confirm and store.', health.commitMs / 1_000),
    one('homeostat_store_failing', 'gauge', '1 while steps cannot be stored.', health.storeFailure === null ? 0 : 1),
    one('homeostat_elements', 'gauge', 'Elements in the model.', state.elements.size),
    one('homeostat_policies', 'gauge', 'Policies in force.', derived.blueprint.policies.size),
    one('homeostat_symptoms', 'gauge', 'Symptoms that are raised.', derived.raised.size),
    { name: 'homeostat_symptoms_held', type: 'gauge', help: 'Raised symptoms that are held back, by gate.', samples: held(assembly) },
    {
      name: 'homeostat_advice',
      type: 'gauge',
      help: 'Advice that waits: open for an answer, or approved and held back by a gate.',
      samples: (['open', 'approved'] as const).map((phase) => [
        { phase },
        [...state.advice.rows()].filter((row) => row.phase === phase).length,
      ]),
    },
    {
      name: 'homeostat_commands',
      type: 'gauge',
      help: 'Commands in flight: sent, or succeeded with their effect awaited.',
      samples: phases(assembly),
    },
    {
      name: 'homeostat_queue',
      type: 'gauge',
      help: 'Events that wait for a step.',
      samples: [
        [{ plane: 'signals' }, waiting.signals],
        [{ plane: 'telemetry' }, waiting.telemetry],
      ],
    },
    {
      name: 'homeostat_executor',
      type: 'gauge',
      help: 'Attempts of commands: waiting, running, given up and not ended.',
      samples: [
        [{ state: 'waiting' }, carried.waiting],
        [{ state: 'running' }, carried.running],
        [{ state: 'left_behind' }, carried.leftBehind],
      ],
    },
    {
      name: 'homeostat_probes',
      type: 'gauge',
      help: 'Probes, by how they are doing.',
      samples: [
        [{ state: 'working' }, probes.filter((p) => p.state === 'working').length],
        [{ state: 'failing' }, probes.filter((p) => p.state === 'failing').length],
      ],
    },
    one(
      'homeostat_probe_intervals_missed_total',
      'counter',
      'Intervals in which a probe could not measure.',
      probes.reduce((sum, p) => sum + p.missed, 0),
    ),
    one('homeostat_pauses', 'gauge', 'Pauses in force.', state.pauses.size),
    one(
      'homeostat_breakers_open',
      'gauge',
      'Policies that their breaker has stopped on an element.',
      [...state.symptoms.rows()].filter((row) => row.broken).length,
    ),
    one('homeostat_policies_set_aside', 'gauge', 'Policies that json-rules-engine did not confirm.', state.aside.size),
    ...counted(assembly),
    one('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
    one('process_cpu_seconds_total', 'counter', 'User and system CPU time.', cpuSeconds()),
  ];
}

function held({ manager: { state, derived }, clock }: ApiContext['assembly']): Sample[] {
  const byGate = new Map<string, number>();
  for (const prospects of preview(new Turn(state, derived, clock.now(), state.position.step)).values()) {
    const gate = prospects.map(heldBy).find((hold) => hold !== undefined)?.gate;
    if (gate !== undefined) byGate.set(gate, (byGate.get(gate) ?? 0) + 1);
  }
  return [...byGate].sort().map(([gate, count]) => [{ gate }, count] as const);
}

function phases({ manager: { state } }: ApiContext['assembly']): Sample[] {
  const commands = [...state.commands.rows()];
  return (['sent', 'settling'] as const).map((phase) => [{ phase }, commands.filter((row) => row.phase === phase).length] as const);
}

/** Counters of the state: `outcomes.failed` becomes `homeostat_outcomes_total{kind="failed"}`. */
function counted({ manager: { state } }: ApiContext['assembly']): Metric[] {
  const groups = new Map<string, Sample[]>();
  for (const { key, count } of state.counters.rows()) {
    const [group, kind] = key.split('.') as [string, string | undefined];
    groups.set(group, [...(groups.get(group) ?? []), [kind === undefined ? {} : { kind }, count]]);
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

const metricText = ({ name, type, help, samples }: Metric): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`)].join(
    '\n',
  );

/** Labels with what the format wants escaped. */
function labelText(labels: Labels): string {
  const entries = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return entries.length === 0 ? '' : `{${entries.join(',')}}`;
}
