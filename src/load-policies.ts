/** Files of policies: of ours, or of json-rules-engine's rules, plain in an array or under `policies`. */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Words } from './analyze/operators.ts';
import { checkNamed, parseCondition, type Report } from './analyze/parse.ts';
import { membersOf } from './compile/family.ts';
import { at, Findings, type Place } from './compile/report.ts';
import { refusal } from './confirm.ts';
import type { ConditionDocument } from './documents/condition.ts';
import { PoliciesDocument, type PolicyDocument, type Scope } from './documents/policy.ts';
import type { Static } from './documents/schema.ts';
import { isObject } from './json.ts';
import type { PolicySource } from './knowledge/blueprint.ts';
import { readJson } from './read-json.ts';
import { fits, nestsTooDeep, validate } from './validate.ts';

export interface PoliciesContext {
  /** The scope of those that have none, nor their file; without one they are refused. */
  readonly scope?: Scope | undefined;
  /** Where the manager file names the file. */
  readonly from?: Place;
  /** What the file is called in the names of rules that have none; as the person named it if not given. */
  readonly called?: string;
  readonly words?: Words;
  /** Versions of policies that were found to be right. */
  readonly known?: ReadonlySet<string>;
}

/** Reads one file of policies; what is wrong becomes findings. Whether facts and commands exist is for the compiler to say. */
export function loadPolicies(path: string, name: string, findings: Findings, context: PoliciesContext): PolicySource[] {
  const before = findings.errors;
  const document = readJson(path, name, findings);
  if (document === undefined) {
    if (context.from !== undefined && findings.errors > before)
      findings.error('H001', context.from, `names a file of policies that cannot be used: ${name}`);
    return [];
  }
  return policiesIn(document, name, findings, context);
}

/** The same of a document that was read already. */
export function policiesIn(document: unknown, name: string, findings: Findings, context: PoliciesContext): PolicySource[] {
  const plain = Array.isArray(document);
  const whole = plain ? { policies: document } : document;
  const misfits = new Findings();
  const right = isRightButForKnown(whole, context) || validate(PoliciesDocument, whole, { file: name, pointer: '' }, misfits);
  for (const { code, pointer, message, remedy } of misfits.list)
    findings.error(code, { file: name, pointer: plain ? pointer.replace(/^\/policies/, '') : pointer }, message, remedy);
  if (!right) {
    if (!nestsTooDeep(whole)) tellConditions(whole, plain, name, findings, context.words);
    return [];
  }
  const { policies, conditions = {}, defaults } = whole as Static<typeof PoliciesDocument>;
  const { words } = context;
  checkNamed(conditions, (code, pointer, message, remedy) => findings.error(code, { file: name, pointer }, message, remedy), {
    ...(words === undefined ? {} : { words }),
  });
  const called = context.called ?? relative('.', name);
  return policies.flatMap((policy, i) => {
    const pointer = plain ? `/${i}` : `/policies/${i}`;
    const place: Place = { file: name, pointer };
    const effective = effectiveOf(policy, defaults, context);
    if (effective === undefined) {
      findings.error(
        'H003',
        place,
        'the policy has no scope, and neither its file nor the manager file has a default one',
        plain
          ? 'add "defaults": { "scope": { "type": … } } to the manager file: a plain array of rules has no place for it'
          : 'add "scope": { "type": … } to the policy, or "defaults": { "scope": { "type": … } } to its file or the manager file',
      );
      return [];
    }
    const source: PolicySource = {
      name: policy.name ?? `${called}#${pointer}`,
      file: name,
      pointer,
      version: versionOf(effective, conditions),
      document: effective,
      named: conditions,
    };
    if (context.known?.has(source.version) === true) return [source];
    for (const member of membersOf(source)) {
      const refused = isSound(member, words) ? refusal(member) : undefined;
      const where: Place = { file: name, pointer: member.pointer };
      if (refused !== undefined) findings.error('H101', at(where, 'conditions'), `json-rules-engine refuses it: ${refused}`);
    }
    return [source];
  });
}

/** A policy with what it takes from its file and the manager file; undefined: it has no scope. */
function effectiveOf(policy: PolicyDocument, defaults: Defaults, { scope: last }: PoliciesContext): PolicyDocument | undefined {
  const scope = policy.scope ?? defaults?.scope ?? last;
  const mode = policy.mode ?? defaults?.mode;
  return scope && { ...policy, scope, ...(mode === undefined ? {} : { mode }) };
}

/** Whether a file is right, as far as it was not found to be so before: of thousands of policies, few change at a time. */
function isRightButForKnown(whole: unknown, context: PoliciesContext): boolean {
  const { known } = context;
  if (known === undefined || !isObject(whole) || !Array.isArray(whole.policies)) return false;
  const { defaults, conditions = {} } = whole as Partial<Static<typeof PoliciesDocument>>;
  const isKnown = (policy: unknown): boolean =>
    isObject(policy) && known.has(versionOf(effectiveOf(policy as PolicyDocument, defaults, context), conditions));
  const rest = { ...whole, policies: whole.policies.filter((policy) => !isKnown(policy)) };
  return !nestsTooDeep(rest) && fits(PoliciesDocument, rest);
}

/** Mistakes in the conditions of a file that cannot be used for other mistakes, so that all are told at once. */
function tellConditions(whole: unknown, plain: boolean, file: string, findings: Findings, words: Words | undefined): void {
  if (!isObject(whole) || !Array.isArray(whole.policies)) return;
  const named = isObject(whole.conditions) ? (whole.conditions as Readonly<Record<string, ConditionDocument>>) : {};
  for (const [i, policy] of whole.policies.entries()) {
    if (!isObject(policy)) continue;
    const place: Place = { file, pointer: plain ? `/${i}` : `/policies/${i}` };
    for (const key of ['conditions', 'reset']) {
      // What is no object was told already.
      if (!isObject(policy[key])) continue;
      const report: Report = (code, pointer, message, remedy) =>
        findings.error(code, { file, pointer: at(place, key).pointer + pointer }, message, remedy);
      parseCondition(policy[key], named, report, '', { allowEmpty: policy.allowEmpty === true, ...(words === undefined ? {} : { words }) });
    }
  }
}

/** Whether the compiler will find no mistake in the conditions: it says more about one than json-rules-engine does. */
function isSound({ document, named }: PolicySource, words: Words | undefined): boolean {
  const options = { allowEmpty: document.allowEmpty === true, ...(words === undefined ? {} : { words }) };
  return parseCondition(document.conditions, named, () => undefined, '', options) !== undefined;
}

type Defaults = Static<typeof PoliciesDocument>['defaults'];

const versionOf = (...parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 7);
