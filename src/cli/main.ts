#!/usr/bin/env node
/** The command line. Each command is loaded when it is asked for. The only file that imports commander. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { HomeostatError } from '../errors.ts';
import type { AnswerOptions } from './advice.ts';
import type { CheckOptions } from './check.ts';
import { EXIT, fail, print } from './output.ts';
import type { PauseOptions } from './pause.ts';
import type { DiffOptions, PoliciesOptions } from './policies.ts';
import type { BackOptions } from './policies-back.ts';
import type { ReplayOptions } from './replay.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const MANAGER = ['-m, --manager <path>', 'the manager file, or its folder (default: homeostat.json here)'] as const;
/** A secret on the command line can be seen by everybody on the machine: the variable is the better way. */
const token = () => new Option('--token <token>', "instead of the owner's, which is found in the folder").env('HOMEOSTAT_TOKEN');
const JSON_FLAG = ['--json', 'print one JSON document and nothing else'] as const;

/** Runs a command and ends with its exit status. */
async function end(json: boolean, command: () => Promise<number>): Promise<void> {
  process.exitCode = await command().catch((thrown: unknown) => fail(thrown, json));
}

/** Reads a whole number within bounds. */
const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      `give a whole number ${most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `from ${least} on`}.`,
    );
  };

/** Reads a share. */
function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('give a number from 0 to 1, such as 0.9.');
}

const program = new Command('homeostat')
  .description('An autonomic manager: it watches a running system, decides by rules that people write in JSON, and acts.')
  .version(version)
  .showHelpAfterError('(homeostat --help tells more)')
  .exitOverride();

interface RunFlags {
  readonly lenient: boolean;
  readonly logLevel: string;
  readonly json: boolean;
  readonly place?: readonly string[];
}

program
  .command('init')
  .description('write a small manager file, a policy and its scenario that run as they are')
  .argument('[dir]', 'the folder', '.')
  .option(...JSON_FLAG, false)
  .action((dir: string, options: { json: boolean }) => end(options.json, async () => (await import('./init.ts')).init(dir, options)));

/** May be given more than once. */
const placeOption = (otherwise: string) =>
  new Option('--place <name>', `a place to work at; may be given more than once${otherwise}`).argParser(
    (name: string, others: readonly string[] | undefined): readonly string[] => [...(others ?? []), name],
  );
const logLevel = () =>
  new Option('--log-level <level>', 'how much is logged to stderr').choices(['debug', 'info', 'warn', 'error', 'silent']).default('info');

program
  .command('run')
  .description('run a manager until TERM or INT; HUP reads its file again')
  .argument('[file]', 'the manager file', 'homeostat.json')
  .option('--lenient', 'leave wrong policies out instead of refusing to start', false)
  .addOption(placeOption(' (default: default)'))
  .addOption(logLevel())
  .option(...JSON_FLAG, false)
  .action(async (file: string, { place = [], ...options }: RunFlags) => {
    await end(options.json, async () => (await import('./run.ts')).run(file, { ...options, place }));
    // An attempt that does not end when it is told to must not keep the process: it is taken up at the next start.
    process.exit();
  });

program
  .command('agent')
  .description('run only the agents of places: their probes and actuators, and no manager; until TERM or INT')
  .argument('[file]', 'the manager file', 'homeostat.json')
  .addOption(placeOption('').makeOptionMandatory())
  .option('--lenient', 'leave wrong policies out instead of refusing to start', false)
  .addOption(logLevel())
  .option(...JSON_FLAG, false)
  .action(async (file: string, { place = [], ...options }: RunFlags) => {
    await end(options.json, async () => (await import('./run.ts')).run(file, { ...options, place, agentsOnly: true }));
    process.exit();
  });

program
  .command('check')
  .description('say what is wrong with manager files and policies, and what would fight, flap or never fire')
  .argument('[files...]', 'manager files, or files of policies (default: homeostat.json)')
  .option('--strict', 'end with 1 for a warning too', false)
  .option('--history <path>', 'also compare with what was recorded: a manager file, its folder, or the folder of its state')
  .option('--sarif', 'print one SARIF 2.1.0 document, for code hosts and editors', false)
  .option(...JSON_FLAG, false)
  .action((files: string[], options: CheckOptions) => end(options.json, async () => (await import('./check.ts')).check(files, options)));

program
  .command('doctor')
  .description('say whether this machine and the servers are as a manager file needs them, and what to do where they are not')
  .argument('[file]', 'the manager file', 'homeostat.json')
  .option(...JSON_FLAG, false)
  .action(async (file: string, options: { json: boolean }) => {
    await end(options.json, async () => (await import('./doctor.ts')).doctor(file, options));
    // A server that answers neither yes nor no must not keep the process.
    process.exit();
  });

program
  .command('schema')
  .description("write JSON Schemas with the project's own names, for editors")
  .argument('[file]', 'the manager file', 'homeostat.json')
  .option('--out <dir>', 'where they go (default: schemas beside the manager file)')
  .option(...JSON_FLAG, false)
  .action((file: string, options: { out?: string; json: boolean }) =>
    end(options.json, async () => (await import('./schema.ts')).schema(file, options)),
  );

program
  .command('eval')
  .description('which policies hold on given facts: an object of facts a line in, a line out')
  .argument('<policies>', 'a file of policies; a scope is not needed')
  .requiredOption('--facts <file>', 'the facts, a JSON object a line; - is standard input')
  .option(...JSON_FLAG, false)
  .action((policies: string, { facts, json }: { facts: string; json: boolean }) =>
    end(json, async () => (await import('./eval.ts')).evaluate(policies, facts)),
  );

program
  .command('status')
  .description('what is: readings, symptoms and what holds them back, commands, failing probes')
  .option(...MANAGER)
  .addOption(token())
  .option('--element <id>', 'only this element and those below it')
  .option('--limit <n>', 'elements that are listed', whole(0, 10_000), 20)
  .option(...JSON_FLAG, false)
  .action((options: { manager?: string; element?: string; limit: number; token?: string; json: boolean }) =>
    end(options.json, async () =>
      (await import('./status.ts')).status({
        manager: options.manager,
        element: options.element,
        limit: options.limit,
        token: options.token,
        json: options.json,
      }),
    ),
  );

program
  .command('explain')
  .description('why a policy did or did not act on an element')
  .argument('<element>')
  .argument('[policy]', 'all that are about the element if not given')
  .option('--at <time>', 'as it was then: 2026-01-31T12:00:00Z, 12:00:05 today, or -5m')
  .option(...MANAGER)
  .addOption(token())
  .option(...JSON_FLAG, false)
  .action(
    (
      element: string,
      policy: string | undefined,
      { at, manager, token, json }: { at?: string; manager?: string; token?: string; json: boolean },
    ) => end(json, async () => (await import('./explain.ts')).explain(element, policy, { at, manager, token, json })),
  );

program
  .command('journal')
  .description('what was seen, decided, done and learned')
  .option('--follow', 'go on with what comes, until Ctrl-C', false)
  .option('--limit <n>', 'entries', whole(0, 10_000), 50)
  .option('--after <seq>', 'those that follow the entry of this number, oldest first', whole(0))
  .option(...MANAGER)
  .addOption(token())
  .option('--json', 'print one JSON document a line and nothing else', false)
  .action(
    ({
      follow,
      limit,
      after,
      manager,
      token,
      json,
    }: {
      follow: boolean;
      limit: number;
      after?: number;
      manager?: string;
      token?: string;
      json: boolean;
    }) => end(json, async () => (await import('./journal.ts')).journal({ follow, limit, after, manager, token, json })),
  );

for (const [name, description] of [
  ['pause', 'hold back what a policy, an element or a type would have done; --all is the emergency stop'],
  ['resume', 'end a pause, and the breakers and freezes in its scope'],
] as const) {
  const command = program
    .command(name)
    .description(description)
    .option('--element <id>', 'this element and those below it')
    .option('--type <name>', 'all elements of this type')
    .option('--policy <name>', 'this policy')
    .option('--label <name=value...>', 'all elements with this label; several must all fit')
    .option('--concern <name>', 'all policies of this concern')
    .addOption(new Option('--direction <way>', 'only what would raise or lower its property').choices(['up', 'down']))
    .option('--all', 'everything')
    .requiredOption('--reason <text>', 'why; it is kept in the journal')
    .option('--author <name>', 'who (default: $USER)')
    .option(...MANAGER)
    .addOption(token())
    .option(...JSON_FLAG, false);
  if (name === 'pause') command.option('--for <span>', 'ends by itself after this long, such as 30m (default: never)');
  command.action((options: PauseOptions) => end(options.json, async () => (await import('./pause.ts'))[name](options)));
}

program
  .command('advice')
  .description('what policies ask people to approve')
  .option(...MANAGER)
  .addOption(token())
  .option(...JSON_FLAG, false)
  .action((options: { manager?: string; token?: string; json: boolean }) =>
    end(options.json, async () => (await import('./advice.ts')).advice(options)),
  );

for (const [name, id, description] of [
  ['approve', '[id]', 'let a policy do what it asks for, once all gates have judged it again; without ID, list what is asked'],
  ['reject', '<id>', 'say no to what a policy asks for, until its conditions come true anew'],
] as const) {
  program
    .command(name)
    .description(description)
    .argument(id, 'the advice, as homeostat advice shows it')
    .option('--reason <text>', `why; it is kept in the journal${name === 'reject' ? ', and must be given' : ''}`)
    .option('--author <name>', 'who (default: $USER)')
    .option(...MANAGER)
    .addOption(token())
    .option(...JSON_FLAG, false)
    .action((which: string | undefined, options: AnswerOptions) =>
      end(options.json, async () => (await import('./advice.ts'))[name](which, options)),
    );
}

const policies = program
  .command('policies')
  .description('the versions of files of policies: list them, show one, compare two, go back to one');

/** What each of its commands takes. */
const ofPolicies = (name: string, description: string): Command =>
  policies
    .command(name)
    .description(description)
    .option(...MANAGER)
    .addOption(token())
    .option('--file <name>', 'the file that the version is of, where several say the same')
    .option(...JSON_FLAG, false);

policies
  .command('list', { isDefault: true })
  .description('those that are kept: since when, by whom, and which are in force')
  .option(...MANAGER)
  .addOption(token())
  .option(...JSON_FLAG, false)
  .action((options: PoliciesOptions) => end(options.json, async () => (await import('./policies.ts')).list(options)));
ofPolicies('show', 'print the policies of a version, as a file')
  .argument('<version>', 'its hash, or the beginning of it')
  .action((version: string, options: PoliciesOptions) =>
    end(options.json, async () => (await import('./policies.ts')).show(version, options)),
  );
ofPolicies('diff', 'say how two versions differ')
  .argument('<from>', 'its hash, or the beginning of it')
  .argument('[to]', 'the same of the other (default: what is in force of the file)')
  .option('--last <span>', 'how far back it is looked what each of them would have decided', '24h')
  .action((from: string, to: string | undefined, options: DiffOptions) =>
    end(options.json, async () => (await import('./policies.ts')).diff(from, to, options)),
  );
ofPolicies('back', 'write a version into its file again, and have a running manager read it')
  .argument('<version>', 'its hash, or the beginning of it')
  .option('--reason <text>', 'why; it is kept in the journal')
  .option('--author <name>', 'who (default: $USER)')
  .action((version: string, options: BackOptions) =>
    end(options.json, async () => (await import('./policies-back.ts')).back(version, options)),
  );

program
  .command('replay')
  .description('make every recorded decision again and compare, or see what other policies would have decided')
  .argument('[path]', 'the manager file, its folder, or the folder of its state', '.')
  .option('--verify', 'compare the state after each step, and each journal entry, with what was stored', false)
  .addOption(
    new Option('--policies <file>', 'a manager file, or a file of policies in place of all others; may be given more than once').argParser(
      (file: string, others: readonly string[] | undefined): readonly string[] => [...(others ?? []), file],
    ),
  )
  .option('--from <time>', 'from then on: 2026-01-31T12:00:00Z, 12:00:05 today, or -5m (default: all that is recorded)')
  .option('--to <time>', 'up to then')
  .option('--influx', 'what the InfluxDB of the manager file holds, in place of what its folder does; needs --from', false)
  .option('--html <file>', 'also write a picture of both courses')
  .option('--limit <n>', 'decisions that are listed', whole(0), 100)
  .option('--held', 'also list what was held back', false)
  .option(...JSON_FLAG, false)
  .action((path: string, options: ReplayOptions) => end(options.json, async () => (await import('./replay.ts')).replay(path, options)));

interface TestFlags {
  readonly json: boolean;
  readonly coverage: boolean;
  readonly coverageMin?: number;
  readonly watch: boolean;
}

program
  .command('test')
  .description('run scenarios on a virtual clock: those named, or all below the named folders')
  .argument('[files...]', 'scenario files, or folders of them (default: this folder)')
  .option('--coverage', 'also say which policies never fired, which gates never held, which comparisons were never both', false)
  .option('--coverage-min <share>', 'the same, and end with 1 if less than this share of them was shown, from 0 to 1', share)
  .option('--watch', 'run them again whenever a scenario, manager file or file of policies changes, until Ctrl-C', false)
  .option(...JSON_FLAG, false)
  .action(async (files: string[], { watch, ...options }: TestFlags) => {
    await end(options.json, async () =>
      watch
        ? (await import('./test-watch.ts')).watchTests(files, { ...options, out: print })
        : (await import('./test.ts')).runTests(files, { ...options, out: print }),
    );
    // A scenario that is still running must not keep the process.
    if (watch) process.exit();
  });

interface DemoFlags {
  readonly folder: string;
  readonly picture?: string;
  readonly canary: boolean;
  readonly json: boolean;
  readonly kafka?: string;
  readonly influx?: string;
  readonly mqtt?: string;
}

program
  .command('demo')
  .description('run an example on real processes, show it live, and leave a report')
  .argument('[name]', 'the example', 'web-farm')
  .option('--folder <dir>', 'where its files and the report go; emptied if an earlier run left it', 'demo-report')
  .option('--picture <file>', 'also write a picture of the run')
  .option(...JSON_FLAG, false)
  .option('--canary', 'try a new version of the rules, one that makes things worse, on one of two farms: it is withdrawn by itself', false)
  .option('--kafka <host:port>', 'run over servers, with two managers, of which one is killed: a Kafka broker')
  .option('--influx <url>', 'and an InfluxDB, such as http://127.0.0.1:8086')
  .option('--mqtt <url>', 'and an MQTT broker, such as mqtt://127.0.0.1:1883')
  .action((name: string, { kafka, influx, mqtt, ...options }: DemoFlags) =>
    end(options.json, async () => {
      const all = kafka !== undefined && influx !== undefined && mqtt !== undefined;
      if (!all && (kafka ?? influx ?? mqtt) !== undefined)
        throw new HomeostatError('H501', 'give --kafka, --influx and --mqtt together, or none of them');
      const servers = all ? { servers: { kafka, influx, mqtt } } : {};
      return (await import('./start-demo.ts')).startDemo({ name, ...options, ...servers });
    }),
  );

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version are no mistakes; commander has said what is one.
  process.exitCode = thrown.exitCode === 0 ? EXIT.good : EXIT.usage;
}
