/** What systemd says of a unit, and how it is told to do something: by `systemctl`, whose output is read as `show` writes it, Name=value a line. */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { ActuatorContext } from './actuator.ts';
import { childEnvironment } from './environment.ts';
import { type Ended, runProgram } from './exec-run.ts';
import { FinalFailure } from './results.ts';
import type { SystemdOptions } from './systemd-options.ts';

export interface UnitState {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** 0: no process. */
  readonly pid: number;
  /** Of the run that is or was last; empty: there was none since the unit was loaded. */
  readonly invocation: string;
  readonly restarts: number;
  /** What systemd is about to do with the unit; 0: nothing. */
  readonly job: number;
}

const PROPERTIES = ['LoadState', 'ActiveState', 'SubState', 'MainPID', 'InvocationID', 'NRestarts', 'Job'];
/** What systemctl says when it would say the same the next time. */
const FINAL =
  /access denied|authentication required|permission denied|operation not permitted|not been booted|unknown assignment|invalid argument|cannot set property/i;

/** The output of `systemctl show`. Properties that a kind of unit does not have, such as the MainPID of a socket, are left out by systemd. */
export function parseShow(text: string): UnitState {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1));
  }
  const number = (name: string): number => Number.parseInt(values.get(name) ?? '', 10) || 0;
  const [load, active] = [values.get('LoadState'), values.get('ActiveState')];
  if (load === undefined || active === undefined)
    throw new HomeostatError('H402', `systemctl show has not said LoadState and ActiveState: ${text.slice(0, 200)}`);
  return {
    load,
    active,
    sub: values.get('SubState') ?? '',
    pid: number('MainPID'),
    invocation: values.get('InvocationID') ?? '',
    restarts: number('NRestarts'),
    job: number('Job'),
  };
}

export class Systemctl {
  readonly #options: SystemdOptions;
  readonly #context: ActuatorContext;

  constructor(options: SystemdOptions, context: ActuatorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** @throws HomeostatError H402 with what systemctl said, if its status is not 0; the signal's reason if that is aborted. */
  async run(args: readonly string[], signal: AbortSignal): Promise<Ended> {
    const { systemctl = ['systemctl'], user } = this.#options;
    const { directory, environment, clock } = this.#context;
    const argv = [...systemctl, ...(user === true ? ['--user'] : []), '--no-pager', '--no-ask-password', ...args];
    const env = childEnvironment(environment, { LC_ALL: 'C', SYSTEMD_COLORS: '0' });
    const ended = await runProgram({ argv, cwd: directory, env, clock, signal });
    if (ended.status === 0) return ended;
    const said = ended.stderr || ended.stdout || (ended.killedBy === null ? `status ${ended.status}` : `ended by ${ended.killedBy}`);
    const message = `systemctl ${args[0]}: ${said}`;
    throw FINAL.test(said) ? new FinalFailure(message) : new HomeostatError('H402', message);
  }

  async show(unit: string, signal: AbortSignal): Promise<UnitState> {
    const properties = PROPERTIES.flatMap((name) => ['-p', name]);
    return parseShow((await this.run(['show', ...properties, '--', unit], signal)).stdout);
  }

  /** Takes back what systemd has not done yet: ending systemctl leaves the job that it has asked for. Best effort. */
  async cancel(unit: string, signal: AbortSignal): Promise<void> {
    try {
      const { job } = await this.show(unit, signal);
      if (job > 0) await this.run(['cancel', String(job)], signal);
    } catch (error) {
      this.#context.log.debug({ unit, error: messageOf(error) }, 'a job of systemd could not be cancelled');
    }
  }
}
