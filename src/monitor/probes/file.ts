/** The file probe: follows a file to which another program appends its values, one line at a time. */
import { resolve } from 'node:path';
import type { Cancel, Clock } from '../../clock.ts';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { NAME_PATTERN } from '../../messages.ts';
import { POINTER_PATTERN } from './pointer.ts';
import type { ProbeKind, ProbeSink, Sample } from './probe.ts';
import { csvCells, csvReader, fieldsOf, jsonReader, type LineReader } from './rows.ts';
import { type Line, Tail } from './tail.ts';

const DEFAULT_MAX_LINE_BYTES = 64 * 1_024;
/** The file is looked at once an interval, and at least this often. */
const LONGEST_PAUSE_MS = 1_000;
const APART_MS = 0.001;
/** Samples that are handed on at once, so that a long file is never held as a whole. */
const BATCH = 1_000;

const field = (description: string) => Type.Optional(Type.String({ description }));

const Options = Type.Object(
  {
    path: Type.String({ minLength: 1, description: 'the file, relative to the manager file' }),
    format: Type.Optional(
      Type.Union([Type.Literal('json'), Type.Literal('csv')], { description: 'of each line; json if not given. A CSV record is one line' }),
    ),
    from: Type.Optional(
      Type.Union([Type.Literal('start'), Type.Literal('end')], {
        description: 'where to begin in a file that is there already; end if not given',
      }),
    ),
    read: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.String(), {
        minProperties: 1,
        additionalProperties: false,
        description: 'property → JSON pointer or column of its value: { "load": "/load" }',
      }),
    ),
    propertyFrom: field('where each line has one value: JSON pointer or column of the name of the property'),
    valueFrom: field('JSON pointer or column of the value that belongs to propertyFrom'),
    elementFrom: field('JSON pointer or column of the id of the element; the probe’s own if not given'),
    elementPrefix: field('put before what elementFrom holds, such as "shop/"'),
    timeFrom: field('JSON pointer or column of the time; when the line was read if not given'),
    timeFormat: Type.Optional(
      Type.Union([Type.Literal('ms'), Type.Literal('s'), Type.Literal('iso')], {
        description: 'of the time: milliseconds or seconds since 1970, or 2026-01-31T12:00:00Z; ms if not given',
      }),
    ),
    columns: Type.Optional(
      Type.Array(Type.String(), { minItems: 1, description: 'the columns of a CSV file whose first line does not name them' }),
    ),
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1, description: 'between the fields of CSV; a comma if not given' })),
    maxLineBytes: Type.Optional(
      Type.Integer({ minimum: 1, description: `longest line that is read, bytes; ${DEFAULT_MAX_LINE_BYTES} if not given` }),
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof Options>;

export const fileKind: ProbeKind<Options> = {
  kind: 'file',
  description: 'values from the lines of a growing file, JSON or CSV, over its rotation',
  options: Options,
  create(options, context) {
    check(options, context.name);
    const tail = new Tail(resolve(context.directory, options.path), {
      from: options.from ?? 'end',
      header: options.format === 'csv' && !options.columns,
      maxLineBytes: options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES,
    });
    const pauseMs = Math.min(context.everyMs, LONGEST_PAUSE_MS);
    let cancel: Cancel = () => {};
    let looking: Promise<void> = Promise.resolve();
    let closed = false;
    return {
      follow(sink) {
        const read = lineReader(options);
        const look = lookInto(tail, read, sink, context.clock);
        const again = () => {
          looking = look().then(() => {
            if (!closed) cancel = context.clock.after(pauseMs, again);
          });
        };
        again();
      },
      async close() {
        closed = true;
        cancel();
        tail.stop();
        await looking;
        await tail.close();
      },
    };
  },
};

function check(options: Options, probe: string): void {
  const refuse = (message: string) => new HomeostatError('H007', `probe ${probe}: ${message}`);
  const long = options.propertyFrom !== undefined || options.valueFrom !== undefined;
  if (long === (options.read !== undefined)) throw refuse('give either "read", or "propertyFrom" and "valueFrom"');
  if (long && (options.propertyFrom === undefined || options.valueFrom === undefined)) {
    throw refuse('"propertyFrom" and "valueFrom" need each other');
  }
  if (options.elementPrefix !== undefined && options.elementFrom === undefined) throw refuse('"elementPrefix" needs "elementFrom"');
  if (options.timeFormat !== undefined && options.timeFrom === undefined) throw refuse('"timeFormat" needs "timeFrom"');
  if (options.format !== 'csv') {
    if (options.columns || options.delimiter !== undefined) throw refuse('"columns" and "delimiter" need "format": "csv"');
    const wrong = fieldsOf(options).find((f) => !new RegExp(POINTER_PATTERN).test(f));
    if (wrong !== undefined) throw refuse(`"${wrong}" is not a JSON pointer; did you mean "/${wrong}"?`);
  } else if (options.columns) {
    const unknown = fieldsOf(options).find((f) => !options.columns?.includes(f));
    if (unknown !== undefined) throw refuse(`"${unknown}" is not among "columns"`);
  }
}

/** Reads line after line; in CSV without `columns`, the header of each file says what the lines after it hold. */
function lineReader(options: Options): (line: Line) => ReturnType<LineReader> {
  if (options.format !== 'csv') {
    const read = jsonReader(options);
    return (line) => read(line.text);
  }
  const delimiter = options.delimiter ?? ',';
  let read = options.columns ? csvReader(options.columns, options, delimiter) : undefined;
  return (line) => {
    if (!line.header) return read ? read(line.text) : { samples: [], wrong: 'the first line does not name the columns' };
    const columns = csvCells(line.text, delimiter);
    read = columns && csvReader(columns, options, delimiter);
    return { samples: [] };
  };
}

/** One look at the file after another: what is new in it goes to the sink. Of several wrong lines the first is reported, and a count. */
function lookInto(tail: Tail, read: (line: Line) => ReturnType<LineReader>, sink: ProbeSink, clock: Clock): () => Promise<void> {
  let readable = true;
  let lastTime = Number.NaN;
  let lines = new Map<string, number>();

  /** A line of the same time as the one before it comes a thousandth of a millisecond after that: two lines are two observations. */
  const apart = ({ element = '', property }: Sample, time: number): number => {
    if (time !== lastTime) lines = new Map();
    lastTime = time;
    const before = lines.get(`${element}\t${property}`) ?? 0;
    lines.set(`${element}\t${property}`, before + 1);
    return Math.round((time + before * APART_MS) * 1_000) / 1_000;
  };

  return async () => {
    let taken: (readonly Sample[])[] = [];
    let waiting = 0;
    let firstWrong: string | undefined;
    let moreWrong = 0;
    const handOn = (failure?: string) => {
      const wrong = failure ?? (moreWrong === 0 ? firstWrong : `${firstWrong}; ${moreWrong} more wrong lines`);
      const samples = stamped(taken);
      taken = [];
      waiting = 0;
      sink.measured(wrong === undefined ? { samples } : { samples, wrong });
    };
    const stamped = (all: readonly (readonly Sample[])[]): readonly Sample[] => {
      const now = clock.now();
      return all.flatMap((samples) => samples.map((sample) => ({ ...sample, time: apart(sample, sample.time ?? now) })));
    };
    const take = (line: Line) => {
      if (line.text.trim() === '') return;
      const { samples, wrong } = line.tooLong ? { samples: [], wrong: 'the line is too long' } : read(line);
      if (samples.length > 0) taken.push(samples);
      waiting += samples.length;
      if (wrong !== undefined && firstWrong === undefined) firstWrong = `${line.place}: ${wrong}`;
      else if (wrong !== undefined) moreWrong += 1;
      if (waiting >= BATCH) handOn();
    };

    let failure: string | undefined;
    try {
      await tail.read(take);
    } catch (error) {
      failure = messageOf(error);
    }
    // Silence ends no failure but that of a file which could not be read and now can.
    if (waiting > 0 || firstWrong !== undefined || failure !== undefined || !readable) handOn(failure);
    readable = failure === undefined;
  };
}
