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
import type { Log } from '../../../src/log/log.ts';
import { startKafka } from '../../servers/index.ts';
import { Book } from './book.ts';
import { documentOf, domains, Load, PARTITIONS, Process, until } from './cluster.ts';
import { random } from './random.ts';

const NAME = 'zombies';
/** How often there is an alarm or its end, ms; and where more waits than is carried out at a time. */
const EVERY_MS = 25;
const RUSH_MS = 5;
const SESSION_MS = 6_000;
const OVER = /another has taken over|our place (in the group|among the agents) is lost/;

export interface Round {
  readonly seconds: number;
  /** For how long it was frozen, ms. */
  readonly frozenMs: number;
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

export interface ZombieOptions {
  readonly times: number;
  readonly seed: number;
  /** Frozen for less than a session, while a third process leaves and the group goes on without who is frozen. */
  readonly short: boolean;
  readonly progress?: (text: string) => void;
}

/** Partitions that a process steps, and whether it has the agent's place, by its own log. */
function holds(process: Process): { partitions: Set<number>; agent: boolean } {
  const partitions = new Set<number>();
  let agent = false;
  for (const { msg, ...about } of linesOf(process.life())) {
    if (msg === 'a partition is open') partitions.add(about.partition!);
    else if (msg === 'partitions are ours') for (const p of [...partitions]) if (!about.partitions!.includes(p)) partitions.delete(p);
    if (msg === 'our place in the group is lost') partitions.clear();
    if (msg === 'the agent works') agent = true;
    if (msg === 'our place among the agents is lost') agent = false;
  }
  return { partitions, agent };
}

interface Line {
  readonly time: string;
  readonly msg: string;
  readonly partition?: number;
  readonly partitions?: readonly number[];
}

/** Whole lines of a log. */
const linesOf = (text: string): Line[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

/** What takes part in a round. */
interface Scene {
  readonly log: Log;
  readonly processes: readonly Process[];
  readonly book: Book;
}

export async function zombies({ times, seed, short, progress = () => {} }: ZombieOptions): Promise<Zombies> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-zombies-'));
  const effects = join(folder, 'effects');
  const chance = random(seed);
  const kafka = await startKafka();
  const clock = new SystemClock();
  const secrets = { environment: {}, directory: '.' };
  const log = await openKafka({ kafka: { brokers: [kafka.broker] }, secrets, clock, log: pino({ level: 'silent' }) });
  const document = documentOf({ name: NAME, broker: kafka.broker, effects, takes: short ? 1 : 0.05 });
  const processes = (short ? ['a', 'b', 'c'] : ['a', 'b']).map((name) => new Process(name, folder, document));
  const scene = { log, processes, book: new Book(log, NAME, effects) };
  const { book } = scene;
  const rounds: Round[] = [];
  try {
    for (let n = 1; n <= times; n++) {
      await gather(scene);
      const load = await Load.start(log, NAME, short ? RUSH_MS : EVERY_MS);
      try {
        const count = book.effects.length;
        await until('commands are carried out', 30_000, () => book.effects.length > count + (short ? 100 : 20));
        await wait(chance() * 500);
        rounds.push(await (short ? goesOnWithout(scene, load) : outlasts(scene, load)));
      } finally {
        await load.stop();
      }
      await until('all commands have outcomes', 90_000, async () => (await book.read()).open.length === 0).catch(() => {});
      const { seconds, frozenMs, others, said, findings } = rounds.at(-1)!;
      const mark = findings.length === 0 ? '✓' : '✗';
      progress(`${n}  ${mark}  ${seconds.toFixed(1)} s, frozen ${frozenMs} ms, ${others} by the other, it said: ${said.join('; ')}`);
      for (const finding of findings.slice(0, 5)) progress(`    ${finding}`);
    }
    const told = [...book.commands.values()];
    const status = (name: string) => told.filter(({ outcomes }) => outcomes[0] === name).length;
    const statuses = Object.fromEntries(['succeeded', 'failed', 'timedOut', 'unknown'].map((name) => [name, status(name)]));
    return {
      rounds,
      figures: { steps: book.steps, commands: told.length, effects: book.effects.length, ...statuses },
      findings: book.findings(true),
    };
  } finally {
    for (const process of processes) await process.end('SIGKILL');
    await log.close();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All processes run, share the partitions, and one of them has the agent's place. */
async function gather({ processes }: Scene): Promise<void> {
  for (const process of processes) {
    if (process.runs) continue;
    process.start();
    await until(`${process.name} is a member`, 60_000, () => process.life().includes('partitions are ours'));
  }
  await until('the processes share the partitions', 60_000, () => {
    const all = processes.map(holds);
    const sizes = all.map(({ partitions }) => partitions.size);
    return sizes.every((size) => size > 0) && sizes.reduce((a, b) => a + b) === PARTITIONS && all.filter(({ agent }) => agent).length === 1;
  });
}

/** Freezes the process that acts until its session is over and the other has acted for all its domains, and wakes it. */
async function outlasts({ processes, book }: Scene, load: Load): Promise<Round> {
  const zombie = processes.find((process) => holds(process).agent)!;
  const other = processes.find((process) => process !== zombie)!;
  const all = domains();
  const actsFor = [...holds(zombie).partitions].map((partition) => all[partition]!);
  return wake({ zombie, other, book, load }, async (byOther) => {
    await until('the other acts for all domains of the frozen one', 60_000, () => {
      const served = new Set(byOther().map(({ element }) => element.split('/')[0]));
      return holds(other).partitions.size === PARTITIONS && actsFor.every((domain) => served.has(domain));
    });
  });
}

/** Freezes the process that acts, with commands that wait; a third one leaves, and the group goes on without who does not join again in time. */
async function goesOnWithout({ processes, book }: Scene, load: Load): Promise<Round> {
  const zombie = processes.find((process) => holds(process).agent)!;
  const [other, third] = processes.filter((process) => process !== zombie) as [Process, Process];
  const round = await wake({ zombie, other, book, load }, async () => {
    await third.end('SIGTERM');
    await until('the other is the agent', 60_000, () => holds(other).agent);
  });
  return round.frozenMs < SESSION_MS ? round : { ...round, said: [...round.said, 'its session was over'] };
}

interface Cast {
  readonly zombie: Process;
  readonly other: Process;
  readonly book: Book;
  readonly load: Load;
}

async function wake({ zombie, other, book, load }: Cast, meanwhile: (byOther: () => Book['effects']) => Promise<void>): Promise<Round> {
  const began = performance.now();
  // Its effects of before have ended long before it wakes: they take a second at most, and it is frozen for three.
  zombie.signal('SIGSTOP');
  const frozenAt = Date.now();
  const from = zombie.log().length;
  const byOther = () => book.effects.filter(({ pid, at }) => pid === other.pid && at >= frozenAt);
  await meanwhile(byOther);
  const others = byOther().length;
  const before = load.sent;
  const wokeAt = Date.now();
  zombie.signal('SIGCONT');
  await until('the zombie notices', 30_000, () => OVER.test(zombie.log(from)));
  await until('alarms go on', 30_000, () => load.sent > before + 80);
  const again = linesOf(zombie.log(from)).find(({ msg }) => msg === 'the agent works');
  const over = again === undefined ? Number.POSITIVE_INFINITY : Date.parse(again.time);
  const acted = book.effects.filter(({ pid, at }) => pid === zombie.pid && at >= wokeAt && at < over);
  const known = (await book.read()).findings(false);
  return {
    seconds: (performance.now() - began) / 1_000,
    frozenMs: wokeAt - frozenAt,
    others,
    said: [...new Set(zombie.log(from).match(new RegExp(OVER, 'g')) ?? [])],
    findings: [...acted.map((effect) => `it acted when it woke: ${JSON.stringify(effect)}`), ...known],
  };
}
