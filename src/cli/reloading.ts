/** Reads the manager file again while the manager runs. With any mistake the whole old set stays (exact rule 11). */
import type { Logger } from 'pino';
import type { Reloaded } from '../api/server.ts';
import type { Steps } from '../api/steps.ts';
import { type Configuration, loadConfiguration } from '../config.ts';
import { HomeostatError } from '../errors.ts';
import type { Assembled } from './assembled.ts';

export interface ReloadingPorts {
  readonly file: string;
  readonly lenient: boolean;
  readonly configuration: Configuration;
  readonly running: Pick<Assembled, 'clock' | 'isInForce' | 'configure'>;
  /** Where the journal tells that it is in force; absent where nothing steps. */
  readonly steps?: Steps;
  readonly log: Logger;
}

/** Parts of the manager file that are read only at the start. */
const AT_START = ['probes', 'actuators', 'folder', 'limits', 'pace', 'history', 'api', 'services', 'mqtt'] as const;
const TAKEN_IN_MS = 10_000;

export class Reloading {
  readonly #ports: ReloadingPorts;
  /** The configuration that the manager was started with. */
  readonly started: Configuration;
  /** What was brought into force last. */
  #inForce: Configuration;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: ReloadingPorts) {
    this.#ports = ports;
    this.started = ports.configuration;
    this.#inForce = ports.configuration;
  }

  /** One at a time. @throws HomeostatError with the findings; then nothing has changed */
  reload(): Promise<Reloaded> {
    const result = this.#last.then(() => this.#reload());
    this.#last = result.catch(() => {});
    return result;
  }

  async #reload(): Promise<Reloaded> {
    const { file, lenient, running, steps, log } = this.#ports;
    const { configuration, findings } = loadConfiguration(file, { lenient, before: this.#inForce });
    if (configuration === undefined) {
      const first = findings.find((finding) => finding.severity === 'error');
      log.error({ findings }, 'the manager file has mistakes; nothing was changed');
      throw new HomeostatError(first?.code ?? 'H003', `${file} has mistakes; the old configuration stays in force as a whole`, {
        findings,
      });
    }
    const changed = !running.isInForce(configuration);
    if (changed) {
      const configured = steps?.entry(running.clock, TAKEN_IN_MS, (entry) => entry.kind === 'configured');
      running.configure(configuration);
      this.#inForce = configuration;
      if (configured !== undefined && (await configured) === undefined)
        throw new HomeostatError('H302', 'the new configuration waits: no step was stored since; see the health of `homeostat status`');
    }
    const needsRestart = AT_START.filter(
      (part) => JSON.stringify(configuration.manager[part] ?? null) !== JSON.stringify(this.started.manager[part] ?? null),
    );
    log.info(
      { changed, needsRestart },
      needsRestart.length === 0 ? 'reloaded' : `reloaded; changes of ${needsRestart.join(', ')} come into force with a restart`,
    );
    return { changed, policies: configuration.setup.policies.length, needsRestart };
  }
}
