/** The exec probe: runs a program and reads what it prints. */

import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import { Name } from '../../messages.ts';
import { runGroup } from './group.ts';
import { Pointers, readPointers } from './pointer.ts';
import type { Measurement, ProbeKind, Sample } from './probe.ts';
import { sampler } from './sampler.ts';
import { complaintAbout, excerpt, isValue, valueOfText } from './values.ts';

const DEFAULT_MAX_BYTES = 64 * 1_024;

const Options = Type.Object(
  {
    command: Type.Array(Type.String(), {
      minItems: 1,
      description: 'the program and its arguments; no shell reads them. Runs in the folder of the manager file',
    }),
    output: Type.Optional(
      Type.Union([Type.Literal('number'), Type.Literal('json'), Type.Literal('lines')], {
        description: 'what it prints: one number, a JSON document, or lines of a name and a value; lines if not given',
      }),
    ),
    property: Type.Optional(Type.Unsafe<string>({ ...Name, description: 'with output "number": the property that the number is of' })),
    read: Type.Optional(Pointers),
    maxBytes: Type.Optional(
      Type.Integer({ minimum: 1, description: `longest output that is taken, bytes; ${DEFAULT_MAX_BYTES} if not given` }),
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof Options>;

export const execKind: ProbeKind<Options> = {
  kind: 'exec',
  description: 'what a program prints: a number, JSON, or lines of names and values',
  options: Options,
  create(options, context) {
    const parse = parserOf(options, context.name);
    const group = { directory: context.directory, maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES };
    return sampler(async (signal) => parse(await runGroup(options.command, group, signal)));
  },
};

function parserOf({ command, output = 'lines', property, read }: Options, probe: string): (text: string) => Measurement {
  const refuse = (message: string) => new HomeostatError('H007', `probe ${probe}: ${message}`);
  if (command[0] === '') throw refuse('the first entry of "command" is the program, and cannot be empty');
  if (output === 'number' && property === undefined) throw refuse('"output": "number" needs "property", the name of what the number is');
  if (output !== 'number' && property !== undefined) throw refuse('"property" needs "output": "number"');
  if (output !== 'json' && read) throw refuse('"read" needs "output": "json"');
  switch (output) {
    case 'number':
      return (text) => parseNumber(text, property!);
    case 'json':
      return (text) => parseJson(text, read);
    case 'lines':
      return parseLines;
  }
}

function parseNumber(text: string, property: string): Measurement {
  const value = valueOfText(text);
  if (typeof value !== 'number') throw new HomeostatError('H401', `the output is "${excerpt(text.trim())}", not a number`);
  return { samples: [{ property, value }] };
}

/** The values at the given pointers; without them, those that stand at the top of the document. */
function parseJson(text: string, read: Readonly<Record<string, string>> | undefined): Measurement {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new HomeostatError('H401', `the output "${excerpt(text.trim())}" is not JSON`, { cause: error });
  }
  if (read) return readPointers(document, read);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new HomeostatError('H401', 'the output is not a JSON object; use "read" to say where its values are');
  }
  const samples: Sample[] = [];
  for (const [property, value] of Object.entries(document)) if (isValue(value)) samples.push({ property, value });
  return { samples };
}

/** Lines of `name value`; blank ones and those that begin with # say nothing. */
function parseLines(text: string): Measurement {
  const samples: Sample[] = [];
  const wrong: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [, property, rest] = /^\s*(\S+)(.*)$/.exec(line) ?? [];
    if (property === undefined || property.startsWith('#')) continue;
    const value = valueOfText(rest ?? '');
    const complaint = value === undefined ? `no value after "${excerpt(property)}"` : complaintAbout({ property, value });
    if (complaint !== undefined) wrong.push(`line ${index + 1}: ${complaint}`);
    else samples.push({ property, value: value! });
  }
  if (wrong.length === 0) return { samples };
  return { samples, wrong: `${wrong[0]}${wrong.length > 1 ? `; ${wrong.length - 1} more wrong lines` : ''}` };
}
