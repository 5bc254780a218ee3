/** `homeostat eval`: which policies hold on given facts, and which cannot be told. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { judge } from '../analyze/conditions.ts';
import { parseQuestion } from '../analyze/temporal.ts';
import { duplicates } from '../compile/duplicates.ts';
import { membersOf } from '../compile/family.ts';
import { compilePolicy } from '../compile/policies.ts';
import { Findings } from '../compile/report.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import { isSetPoint, setPointName } from '../knowledge/tunings.ts';
import { loadPolicies } from '../load-policies.ts';
import { complain, complainOf, EXIT, printJson } from './output.ts';

/** Lines longer than this are no line of facts. */
const LONGEST_LINE = 1_000_000;

/**
 * One JSON object of facts a line in, one line out: the names by falling priority, then by name. A wrong line is told on stderr, the others
 * go on, and the end is 1.
 */
export async function evaluate(file: string, facts: string): Promise<number> {
  const policies = policiesIn(file);
  if (policies === undefined) return EXIT.finding;
  const input = facts === '-' ? process.stdin : createReadStream(facts);
  const name = facts === '-' ? 'standard input' : facts;
  let [number, wrong] = [0, 0];
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (line.trim() === '') continue;
      const given = parse(line);
      if (typeof given !== 'string') printJson(holding(policies, given));
      else {
        wrong++;
        complain(`${name}, line ${number}: ${given}`);
      }
    }
  } catch (thrown) {
    throw new HomeostatError('H001', `${name} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  return wrong > 0 ? EXIT.finding : EXIT.good;
}

/** The policies in the order in which they are told; undefined: the file has mistakes. A scope is not needed. */
function policiesIn(file: string): readonly Policy[] | undefined {
  const findings = new Findings();
  const sources = loadPolicies(resolve(file), file, findings, { scope: {} });
  duplicates(sources, findings);
  const policies = sources.flatMap(membersOf).flatMap((source) => compilePolicy(source, 'act', findings) ?? []);
  const [first] = findings.list;
  if (first?.code === 'H001' || first?.code === 'H002') throw new HomeostatError(first.code, `${file} ${first.message}`);
  complainOf(findings.list);
  return findings.errors > 0 ? undefined : [...policies].sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
}

type Given = Readonly<Record<string, unknown>>;

const EXAMPLE = 'write one object of facts a line, such as {"load": 3}';

/** The facts of a line, or what is wrong with it. */
function parse(line: string): Given | string {
  if (line.length > LONGEST_LINE) return `H202  it is longer than ${LONGEST_LINE} characters; send fewer facts at once`;
  let facts: unknown;
  try {
    facts = JSON.parse(line);
  } catch (thrown) {
    return `H002  it is not valid JSON: ${messageOf(thrown)}; ${EXAMPLE}`;
  }
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) return `H003  found ${line.trim().slice(0, 80)}; ${EXAMPLE}`;
  return facts as Given;
}

/** A fact that is absent is unknown, but for a set-point, which is as its policy says. What asks about its past cannot be told from one line of facts; whether it is there can. */
function valueIn(facts: Given, name: string, { means }: Policy): unknown {
  if (Object.hasOwn(facts, name)) return facts[name];
  if (isSetPoint(name)) return means.setPoints?.get(setPointName(name));
  const question = parseQuestion(name);
  if (question?.asks === 'unknown') return !Object.hasOwn(facts, question.of);
  return question?.asks === 'stale' ? false : undefined;
}

function holding(policies: readonly Policy[], facts: Given): { readonly true: readonly string[]; readonly unknown: readonly string[] } {
  const found = { true: [] as string[], unknown: [] as string[] };
  for (const policy of policies) {
    const truth = judge(policy.condition, (fact) => valueIn(facts, fact, policy));
    if (truth !== false) found[truth === true ? 'true' : 'unknown'].push(policy.name);
  }
  return found;
}
