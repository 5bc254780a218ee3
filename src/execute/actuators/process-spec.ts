/** How the process of one element is started and seen to be ready: the options with every placeholder replaced. Nothing is started here. */
import { join, resolve } from 'node:path';
import { durationMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import type { ElementDocument } from '../../messages.ts';
import type { ActuatorContext, Order } from './actuator.ts';
import { COMMAND, childEnvironment, ELEMENT, OWNER, TERM } from './environment.ts';
import { fill, fillUrl, nameOf, type Values } from './placeholders.ts';
import type { ProcessOptions } from './process-options.ts';
import { memberDocument, memberNumber, poolOf } from './process-pool.ts';
import type { Readiness } from './process-ready.ts';

export interface ProcessSpec {
  readonly element: string;
  /** The command that it is started by. */
  readonly command: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly readiness: Readiness;
}

const READY_WITHIN_MS = 10_000;

/** A member of the pool as it would appear now; undefined: the element is none. */
function memberOf(
  options: ProcessOptions,
  context: ActuatorContext,
  element: string,
): { n: number; document: ElementDocument } | undefined {
  const n = options.pool && memberNumber(options.pool, element);
  const parent = context.target(poolOf(element));
  return options.pool && n !== undefined && parent ? { n, document: memberDocument(options.pool, parent, n) } : undefined;
}

function valuesOf(options: ProcessOptions, context: ActuatorContext, element: string): Values {
  const target = context.target(element);
  const member = memberOf(options, context, element);
  const type = target?.type ?? member?.document.type;
  if (type === undefined) throw new HomeostatError('H005', `there is no element ${element}`);
  return { ...member?.document.properties, ...target?.properties, ...(member && { n: member.n }), type };
}

/** @throws HomeostatError H005 if the element is not in the model or a placeholder has no value. */
export function processSpec(options: ProcessOptions, context: ActuatorContext, element: string, { command }: Order): ProcessSpec {
  const values = { ...valuesOf(options, context, element), id: element, name: nameOf(element), command: command.id, term: command.term };
  const filled = Object.entries(options.env ?? {}).map(([name, text]) => [name, fill(text, values)]);
  const { http, tcp, within } = options.ready ?? {};
  return {
    element,
    command: command.id,
    argv: options.run.map((part) => fill(part, values)),
    cwd: resolve(context.directory, fill(options.cwd ?? '.', values)),
    env: childEnvironment(context.environment, Object.fromEntries(filled), {
      [OWNER]: context.owner,
      [ELEMENT]: element,
      [COMMAND]: command.id,
      [TERM]: String(command.term),
    }),
    logFile: join(resolve(context.folder, options.logs ?? 'logs'), `${element}.log`),
    readiness: {
      ...(http !== undefined && { http: fillUrl(http, values) }),
      ...(tcp !== undefined && { tcp: fill(tcp, values) }),
      withinMs: within === undefined ? READY_WITHIN_MS : durationMs(within),
    },
  };
}
