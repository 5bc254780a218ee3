/** `homeostat eval`: which policies hold on given facts, and which cannot be told. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { judge } from '../analyze/conditions.ts';
import { compilePolicy } from '../compile/policies.ts';
import { Findings } from '../compile/report.ts';
import { loadPolicies } from '../config.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import { complainOf, EXIT, printJson } from './output.ts';

/** Lines longer than this are no line of facts. */
const LONGEST_LINE = 1_000_000;

/** One JSON object of facts a line in, one line out: the names by falling priority, then by name. */
export async function evaluate(file: string, facts: string): Promise<number> {
  const policies = policiesIn(file);
  if (policies === undefined) return EXIT.finding;
  const input = facts === '-' ? process.stdin : createReadStream(facts);
  const name = facts === '-' ? 'standard input' : facts;
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (line.trim() !== '') printJson(holding(policies, parse(line, `${name}, line ${number}`)));
    }
  } catch (thrown) {
    if (thrown instanceof HomeostatError) throw thrown;
    throw new HomeostatError('H001', `${name} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  return EXIT.good;
}

/** The policies in the order in which they are told; undefined: the file has mistakes. A scope is not needed. */
function policiesIn(file: string): readonly Policy[] | undefined {
  const findings = new Findings();
  const sources = loadPolicies(resolve(file), file, { defaults: { scope: {} } }, undefined, findings);
  const policies = sources.flatMap((source) => compilePolicy(source, 'act', findings) ?? []);
  const [first] = findings.list;
  if (first?.code === 'H001' || first?.code === 'H002') throw new HomeostatError(first.code, `${file} ${first.message}`);
  complainOf(findings.list);
  return findings.errors > 0 ? undefined : [...policies].sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
}

type Given = Readonly<Record<string, unknown>>;

function parse(line: string, place: string): Given {
  if (line.length > LONGEST_LINE) throw new HomeostatError('H202', `${place} is longer than ${LONGEST_LINE} characters`);
  let facts: unknown;
  try {
    facts = JSON.parse(line);
  } catch (thrown) {
    throw new HomeostatError(
      'H002',
      `${place} is not valid JSON: ${messageOf(thrown)}; write one object of facts a line, such as {"load": 3}`,
      { cause: thrown },
    );
  }
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts))
    throw new HomeostatError('H003', `${place} is ${line.slice(0, 80)}; write one object of facts a line, such as {"load": 3}`);
  return facts as Given;
}

/** A fact that is absent or null is unknown. */
function holding(policies: readonly Policy[], facts: Given): { readonly true: readonly string[]; readonly unknown: readonly string[] } {
  const named = (wanted: boolean | undefined) =>
    policies
      .filter(
        ({ condition }) => judge(condition, (name) => (Object.hasOwn(facts, name) ? (facts[name] ?? undefined) : undefined)) === wanted,
      )
      .map(({ name }) => name);
  return { true: named(true), unknown: named(undefined) };
}
