/** Actions on Homeostat's own parts, on their way from a symptom to a proposal. The same gates and the same arbitration hold for them. */
import type { Hold } from '../analyze/gates/gate.ts';
import { commandType } from '../compile/types.ts';
import { MODES, type Mode } from '../documents/policy.ts';
import { isDuration } from '../duration.ts';
import type { Action, CommandType, Policy } from '../knowledge/blueprint.ts';
import { HOMEOSTAT, isSamePolicy, OWN_COMMANDS, type OwnCommand, type Subject, subjectOf, subjectText } from '../knowledge/own.ts';
import type { SymptomRow } from '../knowledge/state.ts';
import { policyNamed } from '../knowledge/trials.ts';
import { lookupFor, modeOf, setPointOf, tunedTo } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';
import { resolve } from './params.ts';

/** The step carries it out when it has been confirmed: with the next step. An interval is set by the shell. */
const AT_ONCE = commandType('', { actuator: HOMEOSTAT, deadline: '1ms', idempotent: true });
const BY_THE_SHELL = commandType('', { actuator: HOMEOSTAT, deadline: '10s', idempotent: true });

/** The command of an action on a part: its resource is the thing that is set. */
export function ownCommand(turn: Turn, policy: Policy, symptom: SymptomRow, action: Action): CommandType | Hold {
  const own = OWN_COMMANDS.get(action.command);
  if (own === undefined) return { gate: 'target', reason: `${HOMEOSTAT} has no command "${action.command}"` };
  const names: Record<string, Value> = {};
  for (const name of own.names) {
    const source = action.params[name];
    if (source === undefined) continue;
    const value = resolve(source, lookupFor(turn, policy, symptom.element));
    if (typeof value === 'object') return { gate: 'unknown-value', reason: `${name} is unknown: ${value.why}` };
    names[name] = value;
  }
  const type = own.part === 'interval' ? BY_THE_SHELL : AT_ONCE;
  const resource = subjectOf(own, names).key.replaceAll('\t', ' ').trim();
  return { ...type, name: action.command, operation: action.command, resource };
}

/** Why an action on a part makes no command, now that its values are settled. */
export function ownHold(turn: Turn, policy: Policy, command: string, params: Readonly<Record<string, Value>>): Hold | undefined {
  const own = OWN_COMMANDS.get(command)!;
  const subject = subjectOf(own, params);
  if (isSelf(turn, policy, subject)) return { gate: 'target', reason: `a policy cannot change itself: ${subjectText(subject)}` };
  const missing = whatIsMissing(turn, subject);
  if (missing !== undefined) return { gate: 'target', reason: missing };
  return valueHold(turn, own, subject, params[own.value]);
}

/** Whether something that is set is part of the policy that sets it. The mode of all policies is that of all others. */
function isSelf({ blueprint }: Turn, policy: Policy, { part, names: [first = ''] }: Subject): boolean {
  if (part === 'suite') return policy.means.suite === first;
  const other = part === 'interval' ? undefined : policyNamed(blueprint, first);
  return other !== undefined && isSamePolicy(policy, other);
}

/** Why there is no such part; undefined: there is, or nobody here can tell. */
export function whatIsMissing({ blueprint }: Turn, { part, names: [first = '', second = ''] }: Subject): string | undefined {
  const { policies, challengers } = blueprint;
  if (part === 'suite')
    return [...policies.values(), ...challengers.values()].some(({ means }) => means.suite === first)
      ? undefined
      : `no policy is of a suite "${first}"`;
  if (part === 'interval' || (part === 'mode' && first === '')) return undefined;
  const policy = policyNamed(blueprint, first);
  if (policy === undefined) return `no policy is named "${first}"`;
  return part === 'mode' || policy.means.setPoints?.has(second) === true ? undefined : `${first} has no set-point "${second}"`;
}

function valueHold(turn: Turn, own: OwnCommand, subject: Subject, value: Value | undefined): Hold | undefined {
  const wrong = (wants: string): Hold => ({
    gate: 'unknown-value',
    reason: `${own.value} is ${JSON.stringify(value) ?? 'missing'}; it needs ${wants}`,
  });
  const there: Hold = { gate: 'unchanged', reason: `${subjectText(subject)} is ${JSON.stringify(value)} already` };
  const [first = '', second = ''] = subject.names;
  const policy = policyNamed(turn.blueprint, first);
  switch (subject.part) {
    case 'setPoint': {
      const written = policy!.means.setPoints!.get(second)!;
      if (typeof value !== typeof written) return wrong(`a ${typeof written}, as in ${JSON.stringify(written)}`);
      return setPointOf(turn.state, policy!, second) === value ? there : undefined;
    }
    case 'suite':
      if (typeof value !== 'boolean') return wrong('true or false');
      return (tunedTo(turn.state, subject.key) ?? true) === value ? there : undefined;
    case 'interval':
      if (typeof value !== 'string' || !isDuration(value)) return wrong('a span of time such as 10s');
      return tunedTo(turn.state, subject.key) === value ? there : undefined;
    case 'mode': {
      if (!MODES.includes(value as Mode)) return wrong(MODES.join(', '));
      if (policy === undefined) return tunedTo(turn.state, subject.key) === value ? there : undefined;
      if (MODES.indexOf(value as Mode) > MODES.indexOf(turn.blueprint.setup.mode))
        return { gate: 'target', reason: `${String(value)} is bolder than the manager, which may only ${turn.blueprint.setup.mode}` };
      return modeOf(turn, policy) === value ? there : undefined;
    }
  }
}
