/** Which faults a seed brings to the whole system, and how many. As in the embedded one, each is absent from about half of the seeds. */
import type { Random } from '../random.ts';
import { commonOf, oscillationOf, type Swarm } from '../swarm.ts';

export interface Faults {
  /** What the embedded system has too: sensors, actuators, disagreement, people. */
  readonly common: Swarm;
  readonly process: {
    /** Chances that a call of a port is the last thing that a process does, or the last for a while. */
    readonly diesAtPort: number;
    readonly freezesAtPort: number;
    /** At moments of no meaning, per minute and process. */
    readonly diesPerMinute: number;
    readonly freezesPerMinute: number;
    readonly restartsPerMinute: number;
    /** How far wall clocks of machines differ, and how often one is moved, ms and per minute. */
    readonly clocksDifferMs: number;
    readonly clockStepsPerMinute: number;
  };
  readonly network: {
    readonly requestLost: number;
    readonly slow: number;
    readonly cutsPerMinute: number;
  };
  readonly broker: {
    readonly stopsPerMinute: number;
    /** How late the end of a transaction may be marked, ms. */
    readonly markMs: number;
    readonly fetchRecords: number;
    readonly compactsPerMinute: number;
    /** Drops old records of topics that are not compacted. */
    readonly retainsPerMinute: number;
  };
  readonly disk: {
    readonly commitFails: number;
    readonly adoptFails: number;
    readonly loadFails: number;
    /** Share of deaths after which the machine has lost what was not flushed, or has a torn copy, or none. */
    readonly powerLoss: number;
    readonly torn: number;
    readonly wiped: number;
  };
  /** Rare, and together: how a process is replaced, and is the last to know. */
  readonly replaced: {
    /** Chance that an agent freezes for longer than a session as it hears that what it begins is written down. */
    readonly agentsAtEnd: number;
    /** Chance that a process freezes for longer than a session as it asks for its id again, after a transaction that failed. */
    readonly atRenewal: number;
    /** How often the leader of a topic goes away, while the rest of the broker goes on, per minute. */
    readonly leadersGonePerMinute: number;
    /** How often a manager that writes nothing else puts rows in their places, ms: often, so that this too is what fails. */
    readonly settleEveryMs: number;
  };
  /** What does not change while it runs. */
  readonly shape: {
    readonly managers: number;
    /** Processes of agents at each place. */
    readonly agents: number;
    readonly partitions: number;
    readonly sessionMs: number;
    /** Requests are asked again so often before a client gives up. */
    readonly retries: number;
    readonly transactionMs: number;
    /** Whether managers keep a local copy of the state. */
    readonly localStores: boolean;
    /** Characters of a record: what is longer is written in several. */
    readonly pieceChars: number;
    /** Whether json-rules-engine itself confirms, or a stub does, which is much faster. */
    readonly confirms: boolean;
    /** Places that actuators are spread over. */
    readonly places: number;
  };
}

export function faultsOf(random: Random): Faults {
  const sometimes = (most: number): number => {
    const [there, much] = [random.chance(0.5), random.next()];
    return there ? most * much : 0;
  };
  const drawn = {
    common: { ...commonOf(random), paceMs: random.pick([20, 100, 400]) },
    process: {
      diesAtPort: sometimes(0.006),
      freezesAtPort: sometimes(0.006),
      diesPerMinute: sometimes(3),
      freezesPerMinute: sometimes(3),
      restartsPerMinute: sometimes(2),
      clocksDifferMs: sometimes(4_000),
      clockStepsPerMinute: sometimes(4),
    },
    network: { requestLost: sometimes(0.03), slow: sometimes(0.05), cutsPerMinute: sometimes(3) },
    broker: {
      stopsPerMinute: sometimes(2),
      markMs: random.pick([0, 0, 3, 40]),
      fetchRecords: random.pick([1, 5, 50, 500]),
      compactsPerMinute: sometimes(8),
      retainsPerMinute: sometimes(3),
    },
    disk: {
      commitFails: sometimes(0.02),
      adoptFails: sometimes(0.2),
      loadFails: sometimes(0.2),
      powerLoss: random.pick([0, 0.5, 1]),
      torn: sometimes(0.3),
      wiped: sometimes(0.5),
    },
    shape: {
      managers: random.pick([1, 2, 2, 3]),
      agents: random.pick([1, 2, 2]),
      partitions: random.pick([1, 2, 3]),
      sessionMs: random.pick([3_000, 6_000]),
      retries: random.pick([0, 1, 4]),
      // The longer one is the adapter's.
      transactionMs: random.pick([10_000, 30_000]),
      localStores: random.chance(0.7),
      confirms: random.chance(0.1),
      pieceChars: random.pick([300, 3_000, 250_000]),
      places: random.pick([1, 1, 2]),
    },
    // Drawn last: what was there before is as it was.
    replaced: replacedOf(random),
  };
  return { ...drawn, common: { ...drawn.common, oscillation: oscillationOf(random) } };
}

/** They are there together, since one without the others replaces nobody: who renews because a leader is away, and freezes then, is replaced. */
function replacedOf(random: Random): Faults['replaced'] {
  const there = random.chance(0.25);
  const most = (chance: number): number => (there ? chance * random.next() : 0);
  return { agentsAtEnd: most(0.2), atRenewal: most(1), leadersGonePerMinute: most(12), settleEveryMs: there ? 500 : 10_000 };
}

/** No fault any more: the healed phase. */
export function healedFaults(faults: Faults, common: Swarm): Faults {
  const none = <T extends object>(group: T): T => Object.fromEntries(Object.keys(group).map((name) => [name, 0])) as T;
  return {
    common,
    process: none(faults.process),
    network: none(faults.network),
    // Who must read thousands of records one by one would not be done in the time that is left.
    broker: { ...none(faults.broker), fetchRecords: Math.max(50, faults.broker.fetchRecords), markMs: faults.broker.markMs },
    disk: none(faults.disk),
    replaced: { ...none(faults.replaced), settleEveryMs: faults.replaced.settleEveryMs },
    shape: faults.shape,
  };
}
