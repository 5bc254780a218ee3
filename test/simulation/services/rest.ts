/** How things stand with the services at the end of the healed phase. */
import type { State } from '../../../src/knowledge/state.ts';
import type { ManagerProcess } from './manager-process.ts';
import type { Plants } from './plants.ts';
import type { Seat } from './seat.ts';

/** The dead zone of a farm's load, with room for noise. */
const CALM_LOAD = { low: 0.36, high: 0.86 };
/** More than this must not wait in the queue. */
const CALM_DEPTH = 150;

export interface PartitionRest {
  readonly partition: number;
  /** The processes that step it now. */
  readonly owners: readonly string[];
  readonly failure: string | null;
  readonly now: number;
  readonly lastStepAt: number;
  /** Commands without outcome whose deadline is over. */
  readonly overdue: readonly string[];
  /** Signals that were written and not taken in. */
  readonly lag: number;
}

export interface Rest {
  readonly partitions: readonly PartitionRest[];
  /** What a new owner of each partition reads when all others are gone. */
  readonly recovered: readonly string[];
  /** What is not as the policies want it, with what holds the policies back; null: nothing does. */
  readonly unwell: readonly { readonly what: string; readonly heldBy: string | null }[];
  /** Promises that were rejected and nobody looked at. */
  readonly unhandled: readonly string[];
}

interface Sources {
  readonly partitions: number;
  readonly managers: readonly Seat<ManagerProcess>[];
  readonly plants: Plants;
}

/** How it stands while all still run: the log is looked at after that. */
export type Standing = Omit<Rest, 'recovered' | 'unhandled'>;

export function standingOf({ partitions, managers, plants }: Sources): Standing {
  const states: State[] = [];
  const rests = Array.from({ length: partitions }, (_, partition): PartitionRest => {
    const owners = managers.flatMap((seat) => {
      const open = seat.running?.managers.open.get(partition);
      return open === undefined ? [] : [{ name: seat.machine!.name, open }];
    });
    const failures = managers.flatMap(
      (seat) =>
        seat.running?.managers
          .status()
          .filter((one) => one.partition === partition)
          .map(({ failure }) => failure) ?? [],
    );
    const [first] = owners;
    const state = first?.open.manager.state;
    if (state !== undefined) states.push(state);
    const now = first?.open.clock.now() ?? 0;
    return {
      partition,
      owners: owners.map(({ name }) => name),
      failure: failures.find((failure) => failure !== null) ?? null,
      now,
      lastStepAt: state?.position.now ?? 0,
      overdue: [...(state?.commands.rows() ?? [])].filter((row) => row.phase === 'sent' && row.deadlineAt < now).map((row) => row.key),
      lag: first?.open.lag.signals ?? 0,
    };
  });
  return { partitions: rests, unwell: unwell(plants, states) };
}

function unwell(plants: Plants, states: readonly State[]): Rest['unwell'] {
  const held = (element: string): string | null => {
    const raised = states.flatMap((state) => [...state.symptoms.rows()]).filter((s) => s.element === element && s.truth === true);
    return raised.map((symptom) => `${symptom.policy}: ${symptom.heldBy}`).join(', ') || null;
  };
  const found: { what: string; heldBy: string | null }[] = [];
  for (const [domain, world] of plants.worlds) {
    for (const [id, farm] of world.farms) {
      const load = world.load(farm);
      if (load < CALM_LOAD.low || load > CALM_LOAD.high)
        found.push({ what: `the load of ${id} is ${load.toFixed(2)} with ${farm.servers.size} servers`, heldBy: held(id) });
      for (const [name, server] of farm.servers)
        if (server.state !== 'up') found.push({ what: `${name} is ${server.state}`, heldBy: held(name) });
    }
    if (world.depth > CALM_DEPTH) found.push({ what: `${world.depth} wait in the queue of ${domain}`, heldBy: held(`${domain}/q`) });
  }
  return found;
}
