/** `homeostat run` and `homeostat agent`: run a manager, or agents alone, until they are told to stop. */
import { randomInt } from 'node:crypto';
import type { Logger } from 'pino';
import { serve } from '../api/server.ts';
import { Steps } from '../api/steps.ts';
import { type Configuration, environment, loadConfiguration } from '../config.ts';
import { HomeostatError } from '../errors.ts';
import { type Assembled, assembled } from './assembled.ts';
import { makeLog } from './log.ts';
import { complainOf, EXIT, print, printJson } from './output.ts';
import { Reloading } from './reloading.ts';

export interface RunOptions {
  readonly lenient: boolean;
  readonly json: boolean;
  readonly logLevel: string;
  /** Where it works; at the default place if none is named. */
  readonly place: readonly string[];
  /** The agents of its places, and no manager. */
  readonly agentsOnly?: boolean;
}

/** How long commands that run are waited for when it stops. What has no outcome by then is taken up at the next start. */
const STOP_GRACE_MS = 5_000;

/** Runs until TERM or INT. Returns the exit status. @throws HomeostatError if it cannot start */
export async function run(file: string, options: RunOptions): Promise<number> {
  const { agentsOnly = false } = options;
  const log = makeLog(options.logLevel);
  const found = configured(file, options.lenient);
  const configuration = agentsOnly ? forAgents(found) : found;
  const steps = new Steps();
  if (agentsOnly) steps.close();
  const signals = catchSignals(log);
  const running = await assembled(configuration, {
    log,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    environment: environment(),
    steps,
    places: options.place,
    agentsOnly,
  });
  const reloading = new Reloading({ file, lenient: options.lenient, configuration, running, log, ...(agentsOnly ? {} : { steps }) });
  const stop = await begin(running, reloading, steps, log, signals, options).catch(async (thrown: unknown) => {
    await running.stop(0);
    throw thrown;
  });
  const signal = await signals.stopped;
  log.info({ signal }, 'stopping');
  await stop();
  log.info('stopped');
  return EXIT.good;
}

function configured(file: string, lenient: boolean): Configuration {
  const { configuration, findings } = loadConfiguration(file, { lenient });
  if (configuration === undefined) {
    const errors = findings.filter((finding) => finding.severity === 'error');
    throw new HomeostatError(
      errors[0]?.code ?? 'H003',
      `${file} is not run: ${errors.length} ${errors.length === 1 ? 'mistake' : 'mistakes'} to correct${onlyPolicies(file, findings) ? ', or leave wrong policies out with --lenient' : ''}`,
      { findings },
    );
  }
  complainOf(findings);
  return configuration;
}

/** Agents have no intake: what is sent there belongs to a process with managers. */
function forAgents(configuration: Configuration): Configuration {
  const { intake: _intake, ...manager } = configuration.manager;
  if (manager.services === undefined)
    throw new HomeostatError('H501', `agents need services, and ${configuration.file} has none; homeostat run acts by itself`);
  return { ...configuration, manager };
}

const onlyPolicies = (file: string, findings: readonly { readonly file: string }[]): boolean =>
  findings.every((finding) => finding.file !== file);

/** Answers first, and then acts: a port that is in use is known before anything was done. */
async function begin(
  running: Assembled,
  reloading: Reloading,
  steps: Steps,
  log: Logger,
  signals: Signals,
  { json, agentsOnly = false }: RunOptions,
): Promise<() => Promise<void>> {
  const { clock, folder, served, several, places, figures } = running;
  const { setup } = reloading.started;
  const api = await serve({
    assembly: served,
    ...several,
    started: { ...reloading.started, folder },
    reload: () => reloading.reload(),
    steps,
    log,
    startedAt: clock.now(),
    environment: environment(),
    figures,
  });
  try {
    await running.start();
  } catch (thrown) {
    await api.close();
    throw thrown;
  }
  signals.onHangUp(() => void api.hungUp());
  const about = { url: api.url, folder, mode: setup.mode, ...(places === undefined ? {} : { places }) };
  if (json) printJson({ ...about, pid: process.pid });
  else if (agentsOnly)
    print(`The agents of ${places?.join(' and ')} in ${reloading.started.file} run. Figures are at ${api.url}. Stop them with Ctrl-C.`);
  else print(greeting(reloading.started, api.url));
  log.info({ ...about, policies: setup.policies.length }, 'running');
  return async () => {
    await api.close();
    await running.stop(STOP_GRACE_MS);
  };
}

const MODES = {
  act: 'It acts.',
  advise: 'It advises: nothing is done until a person approves.',
  observe: 'It observes: nothing is done, and what would have been done is in the journal.',
} as const;

function greeting({ file, setup }: Configuration, url: string): string {
  const policies = `${setup.policies.length} ${setup.policies.length === 1 ? 'policy' : 'policies'}`;
  return `Homeostat runs ${file} with ${policies} at ${url}\n${MODES[setup.mode]} In another terminal: homeostat status. Stop it with Ctrl-C.`;
}

interface Signals {
  /** Resolves with the first TERM or INT. A second one ends the process at once. */
  readonly stopped: Promise<string>;
  onHangUp(then: () => void): void;
}

function catchSignals(log: Logger): Signals {
  let hungUp: () => void = () => {};
  process.on('SIGHUP', () => hungUp());
  let stopping = false;
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (stopping) {
          log.warn({ signal }, 'told twice: ending at once; commands without outcome are taken up at the next start');
          process.exit(EXIT.finding);
        }
        stopping = true;
        resolve(signal);
      });
    }
  });
  return {
    stopped,
    onHangUp: (then) => {
      hungUp = then;
    },
  };
}
