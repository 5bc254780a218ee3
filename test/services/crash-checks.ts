/** What must hold of a manager's folder, of its processes and of its effects after each sudden end. Everything is read, nothing is changed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ownedProcesses } from '../../src/execute/actuators/process-table.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { LmdbStore } from '../../src/knowledge/lmdb.ts';
import type { State } from '../../src/knowledge/state.ts';
import type { NumberedEntry, StepRecord } from '../../src/knowledge/store.ts';
import { verify } from '../../src/replay.ts';
import { step } from '../../src/step.ts';
import { COOLDOWNS, type Effects, RINGS } from './crash-system.ts';

/** What was found, so that a run can say that its checks had something to check. */
export interface Found {
  readonly steps: number;
  readonly commands: number;
  readonly restarts: number;
  /** `for` timers and cooldowns that ran while the manager was dead. */
  readonly fors: number;
  readonly cooldowns: number;
}

export async function checkFolder(folder: string, commits: string, effects: Effects): Promise<Found> {
  const store = new LmdbStore({ folder, readOnly: true, journalEntries: 1, inputBytes: 1, historyMs: 1 });
  try {
    const state = store.load(); // refuses a state that has not the hash that was stored with it
    const records = [...store.steps()];
    checkLastStep(state, records, readFileSync(commits, 'utf8'));
    assert.deepEqual(verify(store).first, [], 'every decision can be derived again');
    const timers = checkTimers(store.base(), records, state);
    const journal = store.journal(0, 10_000_000);
    checkSpacing(journal);
    checkEffects(journal, effects);
    await checkProcesses(folder, state);
    return { steps: records.length, commands: journal.filter((entry) => entry.kind === 'command').length, ...timers };
  } finally {
    await store.close();
  }
}

/** The stored state is that of the last step whose commit was told, or of the one that had begun. */
function checkLastStep(state: State, records: readonly StepRecord[], commits: string): void {
  const lines = commits.split('\n').slice(0, -1);
  const done = lines.findLast((line) => line.startsWith('done '));
  const begun = lines.findLast((line) => line.startsWith('begun '));
  const stored = `${state.position.step} ${state.hash}`;
  assert.equal(records.at(-1)?.hash ?? state.hash, state.hash, 'the hash is that of the last committed step');
  if (begun === undefined) return;
  assert.ok([done?.slice(5), begun.slice(6)].includes(stored), `stored ${stored}; ${done}; ${begun}`);
}

/** A restart neither resets nor shortens a `for` or a cooldown: what it changes, the journal explains. */
function checkTimers(state: State, records: readonly StepRecord[], stored: State): Pick<Found, 'restarts' | 'fors' | 'cooldowns'> {
  const derived = new Derived(state);
  let [restarts, fors, cooldowns] = [0, 0, 0];
  for (const record of records) {
    const restarted = record.events.some((event) => event.kind === 'started') && state.position.term > 0;
    const before = restarted ? [...state.symptoms.rows()].map((row) => structuredClone(row)) : [];
    const { journal } = step(state, derived, record.events, record.now);
    if (restarted) restarts++;
    for (const was of before) {
      const is = state.symptoms.get(was.key);
      const about = (kind: string) =>
        journal.some(
          (entry) => entry.kind === kind && entry.policy === was.policy && (kind === 'command' || entry.element === was.element),
        );
      const gone = journal.some((entry) => entry.kind === 'vanished' && entry.element === was.element);
      if (was.heldBy === 'for') fors++;
      if ((was.acted.cooldownUntil ?? 0) > record.now) cooldowns++;
      if (gone) continue;
      assert.ok(
        (is?.trueSince ?? null) === was.trueSince || about('symptom'),
        `${was.key}: its for timer was ${was.trueSince}, is ${is?.trueSince}`,
      );
      const spent = is?.acted.cooldownUntil ?? null;
      // A row that says nothing any more, its cooldown run out, may go.
      const over = is === undefined && (was.acted.cooldownUntil ?? 0) <= record.now;
      assert.ok(
        spent === was.acted.cooldownUntil || over || about('command'),
        `${was.key}: its cooldown was ${was.acted.cooldownUntil}, is ${spent}`,
      );
    }
  }
  assert.deepEqual([...state.dump()], [...stored.dump()], 'the state is what its inputs make of it, row by row');
  return { restarts, fors, cooldowns };
}

/** Over all lives: cooldowns and the budget held, and no command has two outcomes. */
function checkSpacing(journal: readonly NumberedEntry[]): void {
  const last = new Map<string, number>();
  const rings: number[] = [];
  const ended = new Set<string>();
  for (const { kind, policy, element, command, time, data } of journal) {
    if (kind === 'outcome' && data.late !== true) {
      assert.ok(!ended.has(command!), `${command} has two outcomes`);
      ended.add(command!);
    }
    if (kind !== 'command' || data.otherwise === true) continue;
    if (data.command === 'ring') rings.push(time);
    const key = `${policy} on ${element}`;
    const cooldown = COOLDOWNS[policy!];
    const before = last.get(key);
    if (cooldown !== undefined && before !== undefined) assert.ok(time - before >= cooldown, `${key}: ${time - before} ms after the last`);
    last.set(key, time);
  }
  for (const [i, time] of rings.entries()) {
    const earlier = rings[i - RINGS.commands];
    if (earlier !== undefined) assert.ok(time - earlier >= RINGS.perMs, `${RINGS.commands + 1} rings within ${time - earlier} ms`);
  }
}

/** Each command had its effect at most once, and none had one that was not committed first. */
function checkEffects(journal: readonly NumberedEntry[], { started, recorded, rung, called, told }: Effects): void {
  const commands = new Set(journal.filter((entry) => entry.kind === 'command').map((entry) => entry.command));
  for (const [sort, ids] of Object.entries({ started, recorded, rung, called, told })) {
    const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
    assert.deepEqual(twice, [], `${sort} twice`);
    const unknown = ids.map((id) => id.split(' ').at(-1)).filter((id) => !commands.has(id));
    assert.deepEqual(unknown, [], `${sort} by no committed command`);
  }
}

/** Each live process is that of an element, or of a scale that has no outcome yet; no element has two. */
async function checkProcesses(folder: string, state: State): Promise<void> {
  const live = await ownedProcesses(folder);
  const elements = live.map((process) => process.element);
  assert.equal(new Set(elements).size, elements.length, `a process is doubled: ${JSON.stringify(live)}`);
  const scaling = [...state.commands.rows()].some((row) => row.operation === 'scale' && row.phase === 'sent');
  if (!scaling) {
    const unknown = elements.filter((element) => state.elements.get(element) === undefined);
    assert.deepEqual(unknown, [], 'a process is unknown to the model');
  }
}
