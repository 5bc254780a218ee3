/** The smallest rule and facts on which the two still differ as they must not: parts are left out as long as the difference stays. */
import type { ConditionDocument } from '../../src/documents/policy.ts';
import { compare, ready } from './compare.ts';
import type { Given, Named } from './generate.ts';

export interface Failure {
  readonly rule: ConditionDocument;
  readonly named: Named;
  readonly facts: Given;
}

export async function shrink(failure: Failure): Promise<Failure> {
  let smallest = failure;
  for (let tries = 0; tries < 500; tries++) {
    const smaller = await firstThatFails(smallest);
    if (smaller === undefined) break;
    smallest = smaller;
  }
  return smallest;
}

async function firstThatFails(failure: Failure): Promise<Failure | undefined> {
  for (const candidate of candidates(failure)) {
    const both = ready(candidate.rule, candidate.named);
    if (both !== undefined && (await compare(both, candidate.facts)).wrong !== undefined) return candidate;
  }
  return undefined;
}

function* candidates({ rule, named, facts }: Failure): IterableIterator<Failure> {
  for (const smaller of smallerConditions(rule, named)) yield { rule: smaller, named, facts };
  for (const name of Object.keys(named)) {
    const { [name]: _one, ...rest } = named;
    yield { rule, named: rest, facts };
  }
  for (const name of Object.keys(facts)) {
    const { [name]: value, ...rest } = facts;
    yield { rule, named, facts: rest };
    for (const smaller of smallerValues(value)) yield { rule, named, facts: { ...rest, [name]: smaller } };
  }
}

function* smallerConditions(document: ConditionDocument, named: Named): IterableIterator<ConditionDocument> {
  const { all, any, not, condition, priority, name, params, path, operator, value } = document;
  if (condition !== undefined && named[condition] !== undefined) yield named[condition];
  if (priority !== undefined) yield without(document, 'priority');
  if (name !== undefined) yield without(document, 'name');
  if (params !== undefined) yield without(document, 'params');
  if (path !== undefined) yield without(document, 'path');
  if (not !== undefined) {
    yield not;
    for (const smaller of smallerConditions(not, named)) yield { ...document, not: smaller };
  }
  for (const [key, parts] of Object.entries({ all, any })) {
    if (parts === undefined) continue;
    yield* parts;
    for (const [i] of parts.entries()) yield { ...document, [key]: parts.toSpliced(i, 1) };
    for (const [i, part] of parts.entries())
      for (const smaller of smallerConditions(part, named)) yield { ...document, [key]: parts.with(i, smaller) };
  }
  const words = operator?.split(':') ?? [];
  for (let i = 0; i < words.length - 1; i++) yield { ...document, operator: words.toSpliced(i, 1).join(':') };
  if (value !== undefined) for (const smaller of smallerValues(value)) yield { ...document, value: smaller };
}

function without(document: ConditionDocument, key: keyof ConditionDocument): ConditionDocument {
  const { [key]: _gone, ...rest } = document;
  return rest;
}

function* smallerValues(value: unknown): IterableIterator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    yield* value;
    for (const [i] of value.entries()) yield value.toSpliced(i, 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (key === 'fact') continue;
    const { [key]: one, ...rest } = value as Record<string, unknown>;
    if (!('fact' in value)) yield one;
    yield rest;
  }
}
