/** Managers, agents, broker and InfluxDB under load, with a fault every so often; then they are let alone, and all must come right. */
import { setTimeout as wait } from 'node:timers/promises';
import { Book, type Told } from '../faults/book.ts';
import { Load, PARTITIONS, until } from '../faults/cluster.ts';
import { type Fault, planOf } from './plan.ts';
import { MANAGERS, System } from './system.ts';

const LOAD_EVERY_MS = 50;
/** How long all may take to come right when the faults have stopped. */
const HEAL_MS = 120_000;
/** After a fault it takes so long until its commands are taken up by others. */
const AFTER_MS = 40_000;

export interface Soak {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly findings: readonly string[];
  /** Where the logs are, if anything is wrong. */
  readonly folder: string | undefined;
}

interface Suffered extends Fault {
  readonly from: number;
  readonly to: number;
}

export interface SoakOptions {
  readonly minutes: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly progress: (text: string) => void;
}

export async function soak({ minutes, everyMs, seed, progress }: SoakOptions): Promise<Soak> {
  const system = await System.start();
  let load: Load | undefined;
  let keep = true;
  // A disk that is mounted would be left behind.
  process.once('SIGINT', () => void system.stop(true).finally(() => process.exit(130)));
  try {
    if (!system.disk.mounted) progress('skipped: no disk is filled, since a tmpfs cannot be mounted here (it takes root)');
    const plan = planOf(seed, Math.floor((minutes * 60_000) / everyMs), MANAGERS, system.disk.mounted ? [] : ['fill the disk']);
    const book = new Book(system.log, 'soak', system.effects);
    await until('all partitions are open', 90_000, async () => (await stepping(system)) === PARTITIONS);
    load = await Load.start(system.log, 'soak', LOAD_EVERY_MS);
    await wait(5_000);
    const began = Date.now();
    const suffered: Suffered[] = [];
    for (const [n, fault] of plan.entries()) {
      const from = Date.now();
      const how = await system.suffer(fault);
      suffered.push({ ...fault, from, to: Date.now() });
      await wait(Math.max(1_000, began + (n + 1) * everyMs - Date.now()));
      await book.read().catch((thrown: Error) => progress(`    not read now: ${thrown.message}`));
      const { size } = book.commands;
      progress(
        `${time(Date.now() - began)}  ${fault.kind} ${how}: ${size} commands, ${book.open.length} open, ${book.effects.length} effects`,
      );
    }
    for (const line of system.ended) progress(`ended by itself: ${line}`);
    progress('no more faults');
    await wait(10_000);
    await load.stop();
    const findings: string[] = [];
    const heal = async (what: string, holds: () => Promise<boolean>) => {
      const start = Date.now();
      await until(what, HEAL_MS, () => holds().catch(() => false)).catch((thrown: Error) => findings.push(thrown.message));
      progress(`${what}: ${((Date.now() - start) / 1_000).toFixed(1)} s`);
    };
    await heal('every command has its outcome', async () => (await book.read()).open.length === 0);
    await heal(
      'all decisions are in InfluxDB',
      async () => (await system.points('homeostat_decision', 'step')) >= (await book.read()).entries,
    );
    const decisions = await system.points('homeostat_decision', 'step');
    if (decisions !== book.entries) findings.push(`InfluxDB has ${decisions} decisions; the journal has ${book.entries}`);
    findings.push(...book.findings(true), ...unexplained([...book.commands.values()], suffered));
    keep = findings.length > 0;
    return { figures: figuresOf(system, book, load, suffered, decisions), findings, folder: keep ? system.folder : undefined };
  } finally {
    await load?.stop();
    await system.stop(keep);
  }
}

/** Partitions that have a manager, as the processes say. */
async function stepping(system: System): Promise<number> {
  const open = system.processes.flatMap((process) =>
    [...process.log().matchAll(/"partition":(\d+)[^\n]*a partition is open/g)].map(([, p]) => p),
  );
  return new Set(open).size;
}

/** Outcomes that are unknown although no executor can have died between the effect and its outcome. */
function unexplained(told: readonly Told[], suffered: readonly Suffered[]): string[] {
  const deadly = suffered.filter(({ kind }) => !kind.endsWith('InfluxDB') && kind !== 'fill the disk');
  return told
    .filter(({ outcomes }) => outcomes[0] === 'unknown')
    .filter(({ at, outcomeAt = at }) => !deadly.some(({ from, to }) => at < to + AFTER_MS && outcomeAt > from))
    .map(({ command, detail }) => `the outcome of ${command} is unknown, and no executor had died: ${detail}`);
}

function figuresOf(
  system: System,
  book: Book,
  load: Load,
  suffered: readonly Suffered[],
  decisions: number,
): Record<string, number | string> {
  const told = [...book.commands.values()];
  const effects = book.effects;
  const faults: Record<string, number> = {};
  for (const { kind } of suffered) faults[kind] = (faults[kind] ?? 0) + 1;
  const outcomes: Record<string, number> = {};
  for (const {
    kind,
    outcomes: [first],
  } of told)
    outcomes[`${kind}: ${first}`] = (outcomes[`${kind}: ${first}`] ?? 0) + 1;
  const waits = told.flatMap(({ at, outcomeAt }) => (outcomeAt === undefined ? [] : [outcomeAt - at])).sort((a, b) => a - b);
  return {
    ...faults,
    'messages of observations': load.sent,
    'that the broker did not take': load.failed,
    steps: book.steps,
    commands: told.length,
    ...outcomes,
    effects: effects.length,
    'commands with two effects': effects.length - new Set(effects.map(({ command }) => command)).size,
    'command to outcome, median ms': waits[Math.floor(waits.length / 2)] ?? 0,
    'command to outcome, longest ms': waits.at(-1) ?? 0,
    'decisions in the journal': book.entries,
    'decisions in InfluxDB': decisions,
    'agents that took the place over': system.said('the agent works'),
    'partitions that were opened': system.said('a partition is open'),
    'times fenced or out of the group': system.said('another has taken over') + system.said('is lost"'),
    'copies given up on a full disk': system.said('is given up until the next start'),
    'processes that ended by themselves': system.ended.length,
    'memory of the processes, MB': system.memory().join(' '),
  };
}

const time = (ms: number): string => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
