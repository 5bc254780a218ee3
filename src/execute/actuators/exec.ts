/** Runs a program for each order. */
import { resolve } from 'node:path';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order } from './actuator.ts';
import { COMMAND, childEnvironment, ELEMENT, TERM } from './environment.ts';
import { clearProgram, markProgram, untilEnded } from './exec-left.ts';
import { type Ended, runProgram } from './exec-run.ts';
import { fill, orderValues } from './placeholders.ts';
import { failureOf, succeeded } from './results.ts';

const closed = { additionalProperties: false } as const;
const Run = Type.Array(Type.String(), {
  minItems: 1,
  description:
    'the program and its arguments; no shell reads them. Placeholders: {id}, {name}, {type}, {command}, {term}, parameters and properties',
});

const ExecOptions = Type.Object(
  {
    run: Run,
    cwd: Type.Optional(
      Type.String({ description: 'the folder it runs in, relative to the manager file; that of the manager file if not given' }),
    ),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'added to the environment of the manager; placeholders as in run' }),
    ),
    inquire: Type.Optional(
      Type.Object(
        { run: Run },
        { ...closed, description: 'run after a restart: status 0 means that the command was carried out, 3 that it never began' },
      ),
    ),
  },
  closed,
);
type ExecOptions = Readonly<Static<typeof ExecOptions>>;

/** The status by which the program of `inquire` says that the command never began. */
const NEVER_BEGAN = 3;

function describe({ status, killedBy, stdout, stderr }: Ended): string {
  const said = status === 0 ? stdout : stderr || stdout;
  const end = killedBy === null ? `status ${status}` : `ended by ${killedBy}`;
  return said === '' ? end : `${end}: ${said}`;
}

interface Begin {
  readonly argv: readonly string[];
  readonly order: Order;
  readonly signal: AbortSignal;
  readonly began?: (pid: number) => void;
}

function run({ argv, order, signal, began }: Begin, options: ExecOptions, context: ActuatorContext): Promise<Ended> {
  const { id, term, element } = order.command;
  const values = orderValues(order, context.target(element));
  const filled = Object.entries(options.env ?? {}).map(([name, text]) => [name, fill(text, values)]);
  return runProgram({
    argv: argv.map((part) => fill(part, values)),
    cwd: resolve(context.directory, fill(options.cwd ?? '.', values)),
    env: childEnvironment(context.environment, Object.fromEntries(filled), { [COMMAND]: id, [TERM]: String(term), [ELEMENT]: element }),
    clock: context.clock,
    signal,
    ...(began && { began }),
  });
}

function create(options: ExecOptions, context: ActuatorContext): Actuator {
  const { folder, clock, log } = context;
  const { inquire } = options;
  return {
    execute: async (order, signal) => {
      const { id } = order.command;
      try {
        const ended = await run({ argv: options.run, order, signal, began: (pid) => markProgram(folder, id, pid, log) }, options, context);
        return ended.status === 0 ? succeeded(describe(ended)) : { status: 'failed', detail: describe(ended), retryable: true };
      } catch (error) {
        return signal.aborted ? { status: 'timedOut', detail: messageOf(signal.reason) } : failureOf(error);
      } finally {
        await clearProgram(folder, id);
      }
    },
    inquire: async (order, signal) => {
      // While the program of an earlier attempt runs nobody can tell what comes of it.
      await untilEnded(folder, order.command.id, clock, signal);
      if (!inquire) throw new HomeostatError('H402', 'no `inquire` program is given that could say what came of it');
      const ended = await run({ argv: inquire.run, order, signal }, options, context);
      if (ended.status === 0) return succeeded(`asked by its id: ${describe(ended)}`);
      if (ended.status === NEVER_BEGAN) return undefined;
      throw new HomeostatError('H402', `asked by the id of the command, ${inquire.run[0]} answered ${describe(ended)}`);
    },
    close: async () => {},
  };
}

export const execKind: ActuatorKind<ExecOptions> = {
  kind: 'exec',
  description: 'runs a program',
  options: ExecOptions,
  create,
};
