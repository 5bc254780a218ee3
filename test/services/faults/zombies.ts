/**
 * A manager that is frozen in the middle of its work, and wakes when another has taken over. The process that has the agent's place is frozen, so that
 * it wakes with steps to be committed, with commands to be carried out, and with outcomes to be told.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { SystemClock } from '../../../src/clock.ts';
import { openKafka } from '../../../src/log/kafka.ts';
import { startKafka } from '../../servers/index.ts';
import { Book } from './book.ts';
import { documentOf, domains, Load, PARTITIONS, Process, until } from './cluster.ts';
import { random } from './random.ts';

const NAME = 'zombies';
const EVERY_MS = 25;
const OVER = /another has taken over|our place (in the group|among the agents) is lost/;

export interface Round {
  readonly seconds: number;
  /** Commands of the other process between its takeover and the awakening. */
  readonly others: number;
  /** What the zombie said of itself when it woke. */
  readonly said: readonly string[];
  readonly findings: readonly string[];
}

export interface Zombies {
  readonly rounds: readonly Round[];
  readonly figures: Readonly<Record<string, number>>;
  readonly findings: readonly string[];
}

/** Partitions that a process steps, and whether it has the agent's place, by its own log. */
function holds(process: Process): { partitions: Set<number>; agent: boolean } {
  const partitions = new Set<number>();
  let agent = false;
  for (const line of process.log().split('\n')) {
    const text = line.startsWith('{') ? (JSON.parse(line) as { msg: string; partition?: number; partitions?: number[] }) : { msg: line };
    if (text.msg === 'a partition is open') partitions.add(text.partition!);
    else if (text.msg === 'partitions are ours') for (const p of [...partitions]) if (!text.partitions!.includes(p)) partitions.delete(p);
    if (text.msg === 'our place in the group is lost') partitions.clear();
    if (text.msg === 'the agent works') agent = true;
    if (text.msg === 'our place among the agents is lost') agent = false;
  }
  return { partitions, agent };
}

export async function zombies(times: number, seed: number, progress: (text: string) => void = () => {}): Promise<Zombies> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-zombies-'));
  const effects = join(folder, 'effects');
  const chance = random(seed);
  const kafka = await startKafka();
  const log = await openKafka({
    kafka: { brokers: [kafka.broker] },
    secrets: { environment: {}, directory: '.' },
    clock: new SystemClock(),
    log: pino({ level: 'silent' }),
  });
  const document = documentOf({ name: NAME, broker: kafka.broker, effects });
  const processes = ['a', 'b'].map((name) => new Process(name, folder, document));
  const rounds: Round[] = [];
  let load: Load | undefined;
  try {
    for (const process of processes) {
      process.start();
      await until(`${process.name} is a member`, 60_000, () => process.log().includes('partitions are ours'));
    }
    const book = new Book(log, NAME, effects);
    load = await Load.start(log, NAME, EVERY_MS);
    const settled = () => {
      const [a, b] = processes.map(holds);
      return (
        a!.partitions.size > 0 && b!.partitions.size > 0 && a!.partitions.size + b!.partitions.size === PARTITIONS && a!.agent !== b!.agent
      );
    };
    for (let n = 1; n <= times; n++) {
      await until('two processes share the partitions', 60_000, settled);
      const count = book.effects.length;
      await until('commands are carried out', 30_000, () => book.effects.length > count + 20);
      await wait(chance() * 500);
      const round = await once(processes, book, load);
      rounds.push(round);
      progress(
        `${String(n).padStart(2)}  ${round.findings.length === 0 ? '✓' : '✗'}  ${round.seconds.toFixed(1)} s, ${round.others} by the other, it said: ${round.said.join('; ')}`,
      );
      for (const finding of round.findings) progress(`    ${finding}`);
    }
    await load.stop();
    await until('all commands have outcomes', 60_000, async () => (await book.read()).open.length === 0).catch(() => {});
    const told = [...book.commands.values()];
    const status = (name: string) => told.filter(({ outcomes }) => outcomes[0] === name).length;
    return {
      rounds,
      figures: {
        steps: book.steps,
        commands: told.length,
        effects: book.effects.length,
        succeeded: status('succeeded'),
        failed: status('failed'),
        unknown: status('unknown'),
      },
      findings: book.findings(true),
    };
  } finally {
    await load?.stop();
    for (const process of processes) await process.end('SIGKILL');
    await log.close();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Freezes the process that acts, lets the other take over and act, and wakes it. */
async function once(processes: readonly Process[], book: Book, load: Load): Promise<Round> {
  const began = performance.now();
  const zombie = processes.find((process) => holds(process).agent)!;
  const other = processes.find((process) => process !== zombie)!;
  const mine = holds(zombie).partitions;
  zombie.signal('SIGSTOP');
  const said = zombie.log().length;
  const all = domains();
  const actsFor = new Set([...mine].map((partition) => all[partition]!));
  const frozenAt = Date.now();
  const byOther = () => book.effects.filter(({ pid, at }) => pid === other.pid && at >= frozenAt);
  await until('the other acts for all domains of the frozen one', 60_000, () => {
    const served = new Set(byOther().map(({ element }) => element.split('/')[0]));
    return holds(other).partitions.size === PARTITIONS && [...actsFor].every((domain) => served.has(domain));
  });
  const others = byOther().length;
  const wokeAt = Date.now();
  const before = load.sent;
  zombie.signal('SIGCONT');
  await until('the zombie notices', 30_000, () => OVER.test(zombie.log(said)));
  await until('alarms go on', 30_000, () => load.sent > before + 80);
  const lines = zombie
    .log(said)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { time: number | string; msg: string });
  const again = lines.find(({ msg }) => msg === 'the agent works');
  const until_ = again === undefined ? Number.POSITIVE_INFINITY : Number(new Date(again.time));
  const acted = book.effects.filter(({ pid, at }) => pid === zombie.pid && at >= wokeAt && at < until_);
  const known = (await book.read()).findings(false);
  return {
    seconds: (performance.now() - began) / 1_000,
    others,
    said: [...new Set(zombie.log(said).match(new RegExp(OVER, 'g')) ?? [])],
    findings: [...acted.map((effect) => `it acted when it woke: ${JSON.stringify(effect)}`), ...known],
  };
}
