/** Writes a text to the log and, if wanted, as a line of JSON to a file. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Static, Type } from '../../documents/schema.ts';
import { messageOf } from '../../errors.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order } from './actuator.ts';
import { succeeded } from './results.ts';

const LogOptions = Type.Object(
  {
    level: Type.Optional(
      Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')], {
        description: 'how loud; info if not given. The parameter level of a command overrides it',
      }),
    ),
    file: Type.Optional(
      Type.String({ minLength: 1, description: 'a file that gets a line of JSON for each text; relative to the manager file' }),
    ),
  },
  { additionalProperties: false },
);
type LogOptions = Readonly<Static<typeof LogOptions>>;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

function levelOf(asked: unknown, fallback: Level): Level {
  return LEVELS.find((level) => level === asked) ?? fallback;
}

/** One write a line; a line torn by a full disk is ended first, so that only it is lost. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    const last = size > 0 ? (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] : 10;
    await handle.appendFile(`${last === 10 ? '' : '\n'}${line}\n`);
  } finally {
    await handle.close();
  }
}

/** How much of the end of the file is searched for a command. It was the last thing that was written before a crash. */
const SEARCHED_BYTES = 1_048_576;

/** Whether a whole line near the end of the file is of the command. A file that is not there has none. */
async function holdsCommand(file: string, command: string): Promise<boolean> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return false;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, SEARCHED_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const mark = `"command":${JSON.stringify(command)}`;
    return buffer
      .toString('utf8')
      .split('\n')
      .some((line) => line.includes(mark) && line.endsWith('}'));
  } finally {
    await handle.close();
  }
}

function create(options: LogOptions, context: ActuatorContext): Actuator {
  const file = options.file === undefined ? undefined : resolve(context.directory, options.file);
  const about = ({ command }: Order) => ({
    command: command.id,
    policy: command.policy,
    element: command.element,
    name: command.command,
    params: command.params,
  });
  return {
    execute: async (order, signal) => {
      if (signal.aborted) return { status: 'timedOut', detail: messageOf(signal.reason) };
      const { params } = order.command;
      const text = String(params.text ?? `${order.command.command} ${order.command.element}`);
      // The file first: it can fail, and a retry must not repeat the line in the log.
      if (file !== undefined) await appendLine(file, JSON.stringify({ time: context.clock.now(), ...about(order), text }));
      context.log[levelOf(params.level, options.level ?? 'info')](about(order), text);
      return succeeded(text);
    },
    // A line in the log cannot be asked for. Written twice, with the id of its command, it harms less than not at all.
    inquire: async (order) =>
      file !== undefined && (await holdsCommand(file, order.command.id)) ? succeeded(`found in ${options.file}`) : undefined,
    close: async () => {},
  };
}

export const logKind: ActuatorKind<LogOptions> = {
  kind: 'log',
  description: 'writes a text to the log, and to a file if wanted',
  options: LogOptions,
  create,
};
