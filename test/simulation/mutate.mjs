/**
 * `npm run mutate [-- --seeds N] [--only PART] [--system embedded|services]`: takes the safety mechanisms out, one at a time, each in a copy of the sources, and asks whether the
 * simulator finds it. Ends with status 1 if one is not missed, or cannot be taken out because its place has changed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What is taken out: the text must be in the file exactly once. `system`: where it is looked for; of the embedded one if not given. */
const MUTATIONS = [
  {
    name: 'fencing by transactional id',
    how: 'each owner of a partition writes under an id of its own',
    system: 'services',
    file: 'src/services/partition.ts',
    from: '.manager.$' + '{partition}`,',
    to: '.manager.$' + '{partition}.$' + '{(globalThis.mutant = (globalThis.mutant ?? 0) + 1)}`,',
  },
  {
    name: 'restoring before stepping',
    how: 'a new owner goes on from the copy on its machine, whatever others have stepped since',
    system: 'services',
    file: 'src/services/log-store.ts',
    from: 'if (steps.last === undefined || steps.last.step !== at.step || steps.last.hash !== at.hash) return undefined;',
    to: '',
  },
  {
    name: 'offsets in the transaction',
    how: 'where reading goes on is one step behind what the step has taken in',
    system: 'services',
    file: 'src/services/log-store.ts',
    from: 'encodeStep(transaction, next)',
    to: 'encodeStep(transaction, this.next)',
  },
  {
    name: 'commands only when committed',
    how: 'commands are written before their step, outside of its transaction',
    system: 'services',
    file: 'src/services/log-store.ts',
    from: 'const offsets = await this.#sure.commit(records, mark).finally(() => copied);',
    to: `const early = records.filter(({ topic }) => topic === names.commands);
    if (early.length > 0) await (await this.#ports.log.writer()).write(early);
    const offsets = await this.#sure.commit(records.filter(({ topic }) => topic !== names.commands), mark).finally(() => copied);`,
  },
  {
    name: 'looking after a lost answer',
    how: 'a step of which nobody knows is taken for not written',
    system: 'services',
    file: 'src/services/sure.ts',
    from: 'return found === mark;',
    to: 'return false;',
  },
  {
    name: 'attempt marked before the effect',
    how: 'an agent begins a command while that is being written down',
    system: 'services',
    file: 'src/services/rounds.ts',
    from: /await this\.#attempts\.commit\(\{ begun, told, next: new Map\(this\.#next\) \}\);\n *for \(const arrived of begun\) this\.#dispatch\(arrived\);/,
    to: 'for (const arrived of begun) this.#dispatch(arrived);\n await this.#attempts.commit({ begun, told, next: new Map(this.#next) });',
  },
  {
    name: 'the agent keeps what it has done',
    how: 'what its predecessor has begun is sent again as if it were new',
    system: 'services',
    file: 'src/services/agent-part.ts',
    from: 'this.executor.recover([wire.command], wire.command.term);',
    to: 'this.executor.dispatch(wire.command);',
  },
  {
    name: 'an agent that may have been replaced begins nothing',
    how: 'it does not ask whether its group has heard of it',
    seeds: 60,
    system: 'services',
    file: 'src/services/agent.ts',
    from: 'if (certain()) break;',
    to: 'break;',
  },
  {
    name: 'each place takes only its own',
    how: 'an agent takes the commands of all places',
    system: 'services',
    file: 'src/services/rounds.ts',
    from: 'placeOf(order.wire) !== this.#ports.place',
    to: 'false',
  },
  {
    name: 'each place recovers only its own',
    how: 'an agent that takes over takes up what agents of other places have begun',
    system: 'services',
    file: 'src/services/attempts.ts',
    from: /if \(key === null \|\| !key\.startsWith\(`\$\{place\}\\t`\)\) continue;\n *const id = key\.slice\(place\.length \+ 1\);/,
    to: "if (key === null) continue; const id = key.slice(key.indexOf('\\t') + 1); if (id === '!at' && !key.startsWith(place + '\\t')) continue;",
  },
  {
    name: 'whoever renews looks who wrote last',
    how: 'rows are put in their places by one who has fenced its successor by mistake',
    system: 'services',
    seeds: 240,
    file: 'src/services/sure.ts',
    from: 'await this.#isThere(this.#last);',
    to: '',
  },
  {
    name: 'flush before dispatch',
    how: 'commands are sent without waiting for the disk',
    file: 'src/sending.ts',
    from: '.then(() => flushed)\n',
    to: '\n',
  },
  {
    name: 'lease',
    how: 'a command in flight is no rival for its resource',
    file: 'src/plan/rivals.ts',
    from: 'resource: row.resource,',
    to: "resource: '',",
  },
  {
    name: 'idempotent id: of the step',
    how: 'ids come from a counter in memory',
    file: 'src/plan/commit.ts',
    from: /const id = `[^`]*`;/,
    to: "const id = turn.blueprint.setup.domain + '.' + turn.step + '.' + (globalThis.mutant = (globalThis.mutant ?? 0) + 1);",
  },
  {
    name: 'idempotent id: kept at recovery',
    how: 'what is taken up after a restart gets a new id',
    file: 'src/execute/executor.ts',
    from: 'const command = { ...old, term: this.#term };',
    to: 'const command = { ...old, term: this.#term, id: old.id + this.#term };',
  },
  {
    name: 'at most once',
    how: 'what is not idempotent is tried again',
    file: 'src/execute/executor-job.ts',
    from: ' && binding.idempotent && attempts <= binding.retries',
    to: ' && attempts <= 3',
  },
  {
    name: 'asking after a restart',
    how: 'what an earlier life left is sent again unasked',
    file: 'src/execute/executor.ts',
    from: 'this.#accept(command, { ask: true, begun: true })',
    to: 'this.#accept(command, { ask: false, begun: false })',
  },
  {
    name: "cooldown's persistence",
    how: 'a cooldown is forgotten when a row is read back',
    file: 'src/knowledge/state.ts',
    from: 'table.load(JSON.parse(text) as Row);',
    to: 'table.load(JSON.parse(text, (key, value) => (key === "cooldownUntil" ? null : value)) as Row);',
  },
  {
    name: "Kleene's unknown",
    how: '`not` of unknown is true',
    file: 'src/analyze/operators.ts',
    from: '(truth === undefined ? undefined : !truth)',
    to: '!truth',
  },
];

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '24' }, only: { type: 'string', default: '' }, system: { type: 'string' } },
});

/** A copy of the sources with one mutation, compiled; or why it cannot be made. */
function mutant({ file, from, to }) {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-mutant-'));
  for (const part of ['src', 'test/simulation', 'test/log', 'package.json', 'tsconfig.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  if (before.split(from).length !== 2) return { folder, wrong: `${file} does not hold its text exactly once` };
  writeFileSync(
    path,
    before.replace(from, () => to),
  );
  const built = spawnSync('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'test/simulation/tsconfig.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  // A mutation may leave a name unused or a type too wide; what counts is that it was emitted.
  return { folder, built };
}

let survivors = 0;
for (const mutation of MUTATIONS.filter(
  ({ name, system = 'embedded' }) => name.includes(values.only) && system === (values.system ?? system),
)) {
  const { folder, wrong } = mutant(mutation);
  try {
    if (wrong !== undefined) {
      survivors++;
      console.log(`✗ ${mutation.name}: ${wrong}`);
      continue;
    }
    const system = mutation.system ?? 'embedded';
    // What is rarely missed is looked for longer.
    const seeds = String(Math.max(Number(values.seeds), mutation.seeds ?? 0));
    const run = spawnSync('node', ['dist/simulation/test/simulation/run.js', '--system', system, '--seeds', seeds], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1e9,
      timeout: 600_000,
    });
    const failing = new Set([...run.stdout.matchAll(/^seed (\d+) fails/gm)].map((match) => match[1]));
    const first = /^seed \d+ fails: .*$/m.exec(run.stdout)?.[0];
    if (failing.size === 0) survivors++;
    console.log(`${failing.size === 0 ? '✗' : '✓'} ${mutation.name} (${mutation.how}): found by ${failing.size} of ${seeds} seeds`);
    console.log(first === undefined ? `  ${run.stderr.trim().split('\n').slice(0, 3).join('\n  ') || 'nothing fails'}` : `  ${first}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(survivors === 0 ? 'every mutation was found' : `${survivors} were not found`);
process.exitCode = survivors === 0 ? 0 : 1;
