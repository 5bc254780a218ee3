#!/usr/bin/env node
/** The command line. Each command is loaded when it is asked for. The only file that imports commander. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { EXIT, fail, print } from './output.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const MANAGER = ['-m, --manager <path>', 'the manager file, or its folder (default: homeostat.json here)'] as const;
const JSON_FLAG = ['--json', 'print one JSON document and nothing else'] as const;

/** Runs a command and ends with its exit status. */
async function end(json: boolean, command: () => Promise<number>): Promise<void> {
  process.exitCode = await command().catch((thrown: unknown) => fail(thrown, json));
}

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new CommanderError(
        EXIT.usage,
        'commander.invalidArgument',
        `error: ${JSON.stringify(text)} is not a whole number from ${least} on`,
      );
    return value;
  };

const program = new Command('homeostat')
  .description('An autonomic manager: it watches a running system, decides by rules that people write in JSON, and acts.')
  .version(version)
  .showHelpAfterError('(homeostat --help tells more)')
  .exitOverride();

program
  .command('run')
  .description('run a manager until TERM or INT; HUP reads its file again')
  .argument('[file]', 'the manager file', 'homeostat.json')
  .option('--lenient', 'leave wrong policies out instead of refusing to start', false)
  .addOption(
    new Option('--log-level <level>', 'how much is logged to stderr').choices(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  )
  .option(...JSON_FLAG, false)
  .action((file: string, options: { lenient: boolean; logLevel: string; json: boolean }) =>
    end(options.json, async () => (await import('./run.ts')).run(file, options)),
  );

program
  .command('status')
  .description('what is: readings, symptoms and what holds them back, commands, failing probes')
  .option(...MANAGER)
  .option('--element <id>', 'only this element and those below it')
  .option('--limit <n>', 'elements that are listed', whole(0), 20)
  .option(...JSON_FLAG, false)
  .action((options: { manager?: string; element?: string; limit: number; json: boolean }) =>
    end(options.json, async () =>
      (await import('./status.ts')).status({
        manager: options.manager,
        element: options.element,
        limit: options.limit,
        json: options.json,
      }),
    ),
  );

program
  .command('replay')
  .description('make every recorded decision again and compare')
  .argument('[path]', 'the manager file, its folder, or the folder of its state', '.')
  .option('--verify', 'compare the state after each step, and each journal entry, with what was stored', false)
  .option(...JSON_FLAG, false)
  .action((path: string, options: { verify: boolean; json: boolean }) =>
    end(options.json, async () => (await import('./replay.ts')).replay(path, options)),
  );

program
  .command('test')
  .description('run scenarios on a virtual clock: those named, or all below the named folders')
  .argument('[files...]', 'scenario files, or folders of them (default: this folder)')
  .option(...JSON_FLAG, false)
  .action((files: string[], { json }: { json: boolean }) =>
    end(json, async () => (await import('./test.ts')).runTests(files, { json, out: print })),
  );

program
  .command('demo')
  .description('run an example on real processes, show it live, and leave a report')
  .argument('[name]', 'the example', 'web-farm')
  .option('--folder <dir>', 'where its files and the report go; emptied if an earlier run left it', 'demo-report')
  .option('--picture <file>', 'also write a picture of the run')
  .option(...JSON_FLAG, false)
  .action((name: string, options: { folder: string; picture?: string; json: boolean }) =>
    end(options.json, async () => (await import('./start-demo.ts')).startDemo({ name, ...options })),
  );

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version are no mistakes; commander has said what is one.
  process.exitCode = thrown.exitCode === 0 ? EXIT.good : EXIT.usage;
}
