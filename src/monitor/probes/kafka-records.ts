/** What the records of a topic say: JSON documents, or lists of them, read by pointers. */

import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import type { ReadRecord } from '../../log/log.ts';
import { NAME_PATTERN } from '../../messages.ts';
import { elementBy, type Look, missingIn, type Template, templateOf } from '../../naming.ts';
import { at, POINTER_PATTERN } from './pointer.ts';
import type { Sample } from './probe.ts';
import { documentReader } from './rows.ts';

/** Values of one record that are taken; a record is about one thing, or a few. */
const MAX_SAMPLES = 10_000;
/** Records of one time differ by this much of a millisecond, by their offset: two records are two observations. A power of two, so that sums are exact. */
const PLACES = 1_024;

const pointer = (description: string) => Type.Optional(Type.String({ pattern: POINTER_PATTERN, description }));

export const RecordOptions = {
  read: Type.Optional(
    Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.String({ pattern: POINTER_PATTERN }), {
      minProperties: 1,
      additionalProperties: false,
      description: 'property → JSON pointer of its value: { "load": "/load" }',
    }),
  ),
  propertyFrom: pointer('where each record has one value: JSON pointer of the name of the property'),
  valueFrom: pointer('JSON pointer of the value that belongs to propertyFrom'),
  elementFrom: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'the element: a JSON pointer of its id, or a template such as web/{/host}, in which {key} is the key of the record; the probe’s own if not given',
    }),
  ),
  timeFrom: pointer('JSON pointer of the time; that of the record if not given'),
  timeFormat: Type.Optional(
    Type.Union([Type.Literal('ms'), Type.Literal('s'), Type.Literal('iso')], {
      description: 'of the time: milliseconds or seconds since 1970, or 2026-01-31T12:00:00Z; ms if not given',
    }),
  ),
};
const Records = Type.Object(RecordOptions);
export type RecordOptions = Readonly<Static<typeof Records>>;

/** What one record gave; `wrong` says what could not be read of it, which the rest does not suffer from. */
export interface RecordRead {
  readonly samples: readonly Sample[];
  readonly wrong?: string;
}

export function checkRecords(options: RecordOptions, probe: string): void {
  const refuse = (message: string) => new HomeostatError('H007', `probe ${probe}: ${message}`);
  const long = options.propertyFrom !== undefined || options.valueFrom !== undefined;
  if (long === (options.read !== undefined)) throw refuse('give either "read", or "propertyFrom" and "valueFrom"');
  if (long && (options.propertyFrom === undefined || options.valueFrom === undefined))
    throw refuse('"propertyFrom" and "valueFrom" need each other');
  if (options.timeFormat !== undefined && options.timeFrom === undefined) throw refuse('"timeFormat" needs "timeFrom"');
  const { elementFrom } = options;
  if (elementFrom === undefined || new RegExp(POINTER_PATTERN).test(elementFrom)) return;
  const { placeholders } = templateOf(elementFrom);
  if (placeholders.length === 0)
    throw refuse(`"elementFrom" is "${elementFrom}": give a JSON pointer, or a template with one, such as web/{/host}`);
  const wrong = placeholders.find((one) => one !== 'key' && !new RegExp(POINTER_PATTERN).test(one));
  if (wrong !== undefined) throw refuse(`{${wrong}} in "elementFrom" is no JSON pointer; did you mean {/${wrong}}?`);
}

export function recordReader(options: RecordOptions): (record: ReadRecord) => RecordRead {
  const { elementFrom, ...mapping } = options;
  const direct = elementFrom !== undefined && new RegExp(POINTER_PATTERN).test(elementFrom);
  const template = elementFrom === undefined || direct ? undefined : templateOf(elementFrom);
  const read = documentReader(direct ? { ...mapping, elementFrom } : mapping);
  return (record) => {
    if (record.value === null) return { samples: [] };
    let document: unknown;
    try {
      document = JSON.parse(record.value);
    } catch {
      return { samples: [], wrong: 'it is not JSON' };
    }
    const samples: Sample[] = [];
    let wrong: string | undefined;
    const items: readonly unknown[] = Array.isArray(document) ? document : [document];
    for (const [i, item] of items.entries()) {
      const element = template === undefined ? undefined : elementOf(template, item, record.key);
      const row = typeof element === 'object' ? { samples: [], wrong: element.wrong } : read(item);
      if (row.wrong !== undefined) wrong ??= Array.isArray(document) ? `item ${i}: ${row.wrong}` : row.wrong;
      for (const sample of row.samples) {
        if (samples.length >= MAX_SAMPLES) return { samples, wrong: `it has more than ${MAX_SAMPLES} values` };
        const time = sample.time ?? record.time + ((record.offset + i) % PLACES) / PLACES;
        samples.push(typeof element === 'string' ? { ...sample, element, time } : { ...sample, time });
      }
    }
    return wrong === undefined ? { samples } : { samples, wrong };
  };
}

function elementOf(template: Template, item: unknown, key: string | null): string | { readonly wrong: string } {
  const look: Look = (name) => (name === 'key' ? key : at(item, name));
  const element = elementBy(template, look);
  if (element !== undefined) return element;
  const missing = missingIn(template, look)[0]!;
  return { wrong: missing === 'key' ? 'the record has no key' : `no element: nothing at ${missing}` };
}
