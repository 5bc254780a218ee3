/** What requests that bring many things have in common: each is checked by itself, the right ones go on, the wrong ones are told by their place. */

import { Check } from 'typebox/schema';
import { at, Findings, type Place } from '../compile/report.ts';
import type { TSchema } from '../documents/schema.ts';
import type { Finding } from '../errors.ts';
import type { RejectedEvent } from '../messages.ts';
import { validate } from '../validate.ts';
import { Refusal } from './answers.ts';

/** What findings name as their file: the body of the request. */
export const REQUEST = 'request';
/** Findings that are told; all are counted. */
const FINDINGS_TOLD = 100;
const EXCERPT_LENGTH = 500;

/** One thing of a request, with its place. */
export interface Item {
  readonly value: unknown;
  readonly place: Place;
}

/** The things in a body: one object, or an array of them. */
export function itemsOf(body: unknown): readonly Item[] {
  const root: Place = { file: REQUEST, pointer: '' };
  if (Array.isArray(body)) return body.map((value: unknown, i) => ({ value, place: at(root, i) }));
  if (typeof body === 'object' && body !== null) return [{ value: body, place: root }];
  throw new Refusal(
    400,
    'H003',
    `the body is ${body === undefined ? 'empty' : JSON.stringify(body)}; send a JSON object, or an array of them`,
  );
}

/** A body that is one document of a schema. */
export function documentOf<T>(schema: TSchema, body: unknown): T {
  const findings = new Findings();
  if (Check(schema, body)) return body as T;
  validate(schema, body, { file: REQUEST, pointer: '' }, findings);
  throw new Refusal(
    400,
    findings.list[0]?.code ?? 'H003',
    `the request is wrong: ${findings.list[0]?.message ?? 'it does not fit its schema'}`,
    findings.list,
  );
}

/** The wrong things of a request, by place. */
export class Refused {
  readonly findings: Finding[] = [];
  readonly events: RejectedEvent[] = [];
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get count(): number {
    return this.events.length;
  }

  /** Whether an item fits its schema; if not it is refused. */
  fits(schema: TSchema, { value, place }: Item): boolean {
    if (Check(schema, value)) return true;
    const findings = new Findings();
    validate(schema, value, place, findings);
    this.add({ value, place }, findings.list);
    return false;
  }

  add({ value }: Item, findings: readonly Finding[]): void {
    for (const finding of findings) if (this.findings.length < FINDINGS_TOLD) this.findings.push(finding);
    const reason = findings.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`).join('; ');
    this.events.push({ kind: 'rejected', source: this.#source, reason, excerpt: JSON.stringify(value).slice(0, EXCERPT_LENGTH) });
  }
}
