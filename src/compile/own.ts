/** Checks what a policy says of Homeostat's own parts, as far as it is written and not calculated. */
import { MODES, type Mode } from '../documents/policy.ts';
import { isDuration } from '../duration.ts';
import type { Action, Policy, Setup } from '../knowledge/blueprint.ts';
import { isSamePolicy, OWN_COMMANDS, type OwnCommand, subjectOf, subjectText } from '../knowledge/own.ts';
import type { Value } from '../messages.ts';
import { nearest } from '../suggest.ts';
import type { Findings, Place } from './report.ts';

/** An action with the target `homeostat`. */
export function checkOwn(policy: Policy, action: Action, policies: ReadonlyMap<string, Policy>, setup: Setup, findings: Findings): void {
  const command: Place = { file: policy.source.file, pointer: action.pointer };
  const own = OWN_COMMANDS.get(action.command);
  if (own === undefined) {
    findings.error('H005', command, `homeostat has no command "${action.command}"${nearest(action.command, [...OWN_COMMANDS.keys()])}`);
    return;
  }
  const params = action.pointer.replace(/[^/]*$/, 'params');
  const place = (name: string): Place => ({ file: policy.source.file, pointer: `${params}/${name}` });
  const known = [...own.names, own.value];
  for (const name of Object.keys(action.params)) {
    if (!known.includes(name)) findings.error('H004', place(name), `${action.command} takes no "${name}"${nearest(name, known)}`);
  }
  for (const name of own.all ? [own.value] : known) {
    if (action.params[name] === undefined)
      findings.error('H003', command, `${action.command} needs "${name}"`, `it takes ${known.join(', ')}`);
  }
  const literals = literalsOf(action);
  if (!own.names.every((name) => literals[name] !== undefined || (own.all && action.params[name] === undefined))) return;
  checkNames(policy, own, literals, policies, setup, place, findings);
  const value = literals[own.value];
  if (value !== undefined) checkValue(own, literals, value, policies, place(own.value), findings);
}

function literalsOf(action: Action): Record<string, Value> {
  const literals: Record<string, Value> = {};
  for (const [name, source] of Object.entries(action.params)) {
    if ('literal' in source && source.clamp === undefined) literals[name] = source.literal;
  }
  return literals;
}

function checkNames(
  policy: Policy,
  own: OwnCommand,
  literals: Readonly<Record<string, Value>>,
  policies: ReadonlyMap<string, Policy>,
  setup: Setup,
  place: (name: string) => Place,
  findings: Findings,
): void {
  const [first = '', second = ''] = own.names.map((name) => String(literals[name] ?? ''));
  const unknown = (name: string, message: string, given: string, all: readonly string[]): void =>
    findings.error('H005', place(name), `${message}${nearest(given, all)}`);
  if (own.part === 'suite') {
    const suites = [...new Set([...policies.values()].flatMap(({ means }) => means.suite ?? []))];
    if (!suites.includes(first)) unknown('suite', `no policy is of a suite "${first}"`, first, suites);
    if (policy.means.suite === first) changesItself(own, literals, place('suite'), findings);
    return;
  }
  if (own.part === 'interval') {
    if (setup.probes?.includes(first) === false) unknown('probe', `no probe is named "${first}"`, first, setup.probes);
    return;
  }
  if (first === '') return;
  const other = policies.get(first);
  if (other === undefined) return unknown('policy', `no policy is named "${first}"`, first, [...policies.keys()]);
  if (isSamePolicy(other, policy)) changesItself(own, literals, place('policy'), findings);
  if (own.part !== 'setPoint' || other.means.setPoints?.has(second) === true) return;
  unknown('name', `${first} has no set-point "${second}"`, second, [...(other.means.setPoints?.keys() ?? [])]);
}

function changesItself(own: OwnCommand, literals: Readonly<Record<string, Value>>, place: Place, findings: Findings): void {
  findings.error(
    'H003',
    place,
    `a policy cannot change itself: ${subjectText(subjectOf(own, literals))}`,
    'let another policy watch it, with conditions of its own',
  );
}

function checkValue(
  own: OwnCommand,
  literals: Readonly<Record<string, Value>>,
  value: Value,
  policies: ReadonlyMap<string, Policy>,
  place: Place,
  findings: Findings,
): void {
  const written = own.part === 'setPoint' ? policies.get(String(literals.policy))?.means.setPoints?.get(String(literals.name)) : undefined;
  const wants =
    own.part === 'suite' && typeof value !== 'boolean'
      ? 'true or false'
      : own.part === 'mode' && !MODES.includes(value as Mode)
        ? MODES.join(', ')
        : own.part === 'interval' && !(typeof value === 'string' && isDuration(value))
          ? 'a span of time: 250ms, 10s, 5m, 2h, 1d'
          : written !== undefined && typeof written !== typeof value
            ? `a ${typeof written}, as in ${JSON.stringify(written)}`
            : undefined;
  if (wants !== undefined) findings.error('H003', place, `found ${JSON.stringify(value)}; it needs ${wants}`);
}
