/** A person's hand: pause, resume and reload. */

import { namesOf } from '../analyze/families.ts';
import { scopeText } from '../analyze/gates/paused.ts';
import { escapePointer } from '../compile/report.ts';
import { Type } from '../documents/schema.ts';
import { Duration, durationMs } from '../duration.ts';
import type { Finding } from '../errors.ts';
import { isEverything, type PauseEvent, PauseScope } from '../messages.ts';
import { nearest } from '../suggest.ts';
import { Refusal } from './answers.ts';
import { auditOf, authorOf } from './audit.ts';
import { put } from './elements.ts';
import { documentOf, REQUEST } from './intake.ts';
import type { Answer, ApiContext, Call } from './server.ts';

const closed = { additionalProperties: false } as const;
export const said = {
  reason: Type.String({ minLength: 1, maxLength: 1_000 }),
  author: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
};
const Pause = Type.Object({ scope: PauseScope, ...said, for: Type.Optional(Duration) }, closed);
interface Pause {
  readonly scope: PauseScope;
  readonly reason: string;
  readonly author?: string;
  readonly for?: string;
}
const Resume = Type.Object({ scope: PauseScope, ...said }, closed);

/** How long an answer waits for the step that takes it in. */
export const TAKEN_IN_MS = 5_000;

export async function pause({ body, caller }: Call, context: ApiContext): Promise<Answer> {
  const { scope, reason, author: given, for: span } = documentOf<Pause>(Pause, body);
  const author = authorOf(caller, given);
  checkScope(scope, context);
  const { clock, executor } = context.assembly;
  const now = clock.now();
  const name = `${now}.${context.assembly.manager.state.pauses.size}`;
  const event: PauseEvent = { kind: 'pause', name, scope, reason, author, until: span === undefined ? null : now + durationMs(span) };
  // The emergency stop does not wait for a step: from here on nothing is sent, whatever becomes of the record.
  if (isEverything(scope)) executor.withhold(`paused by ${author}: ${reason}`);
  const taken = context.steps.entry(clock, TAKEN_IN_MS, (entry) => entry.kind === 'pause' && entry.data.name === name);
  put(context, [event, auditOf(caller, 'pause', scopeText(scope), author, reason)]);
  return { status: (await taken) === undefined ? 202 : 200, body: { name, scope, until: event.until } };
}

export async function resume({ body, caller }: Call, context: ApiContext): Promise<Answer> {
  const { scope, reason, author: given } = documentOf<Omit<Pause, 'for'>>(Resume, body);
  const author = authorOf(caller, given);
  const same = JSON.stringify(scope);
  const taken = context.steps.entry(
    context.assembly.clock,
    TAKEN_IN_MS,
    (entry) => entry.kind === 'resume' && entry.text.startsWith(`${author} resumed`) && JSON.stringify(entry.data.scope) === same,
  );
  put(context, [{ kind: 'resume', scope, reason, author }, auditOf(caller, 'resume', scopeText(scope), author, reason)]);
  const entry = await taken;
  if (entry === undefined) return { status: 202, body: { scope } };
  return {
    body: { scope, pauses: entry.data.pauses, breakers: entry.data.breakers, oscillations: entry.data.oscillations, held: entry.data.held },
  };
}

/** A misspelt name would pause nothing, and nobody would know. */
function checkScope(scope: PauseScope, { assembly }: ApiContext): void {
  const { state, derived } = assembly.manager;
  const known = {
    element:
      state.elements.size > 1_000 && state.elements.get(scope.element ?? '') !== undefined ? [scope.element!] : state.elements.keys(),
    type: [...derived.blueprint.types.keys()],
    policy: [...new Set([derived.blueprint.policies, derived.blueprint.challengers].flatMap(namesOf))],
    concern: [
      ...new Set(
        [...derived.blueprint.policies.values(), ...derived.blueprint.challengers.values()].flatMap(({ concern }) =>
          concern === undefined ? [] : [concern],
        ),
      ),
    ].sort(),
  };
  const findings = (['element', 'type', 'policy', 'concern'] as const).flatMap((part): Finding[] => {
    const name = scope[part];
    if (name === undefined || known[part].includes(name)) return [];
    return [
      {
        code: 'H005',
        severity: 'error',
        file: REQUEST,
        pointer: `/scope/${part}`,
        message: `no ${part} is named "${name}"${nearest(name, known[part].slice(0, 1_000))}`,
      },
    ];
  });
  for (const [label, value] of Object.entries(scope.labels ?? {})) {
    if ([...state.elements.rows()].some(({ document }) => document.labels?.[label] === value)) continue;
    findings.push({
      code: 'H005',
      severity: 'error',
      file: REQUEST,
      pointer: `/scope/labels/${escapePointer(label)}`,
      message: `no element has the label ${label}=${value}`,
    });
  }
  if (findings.length > 0)
    throw new Refusal(400, 'H005', `nothing was paused: ${findings.map((finding) => finding.message).join('; ')}`, findings);
}

/** By the signal HUP. */
export async function hungUp(context: ApiContext): Promise<void> {
  const signal = { name: 'signal', owner: false, from: 'this machine', roles: new Set<never>() };
  try {
    const { changed } = await context.reload();
    put(context, [auditOf(signal, 'reload', reloadedText(context, changed), 'signal HUP', '')]);
  } catch {
    // The log has said what is wrong, and nothing has changed.
  }
}

const reloadedText = ({ started }: ApiContext, changed: boolean): string => `${started.file}: ${changed ? 'changed' : 'nothing changed'}`;

const Reload = Type.Object({ author: Type.Optional(said.author), reason: Type.Optional(said.reason) });

/** Who had it read again is told after it was: before, nothing has changed. The body may be empty. */
export async function reload({ body, caller }: Call, context: ApiContext): Promise<Answer> {
  const { author: given, reason = '' } =
    body === undefined || body === null ? {} : documentOf<{ author?: string; reason?: string }>(Reload, body);
  const author = caller.owner ? (given ?? caller.name) : authorOf(caller, given);
  try {
    const reloaded = await context.reload();
    const { steps, assembly } = context;
    const taken = steps.entry(assembly.clock, TAKEN_IN_MS, ({ kind, data }) => kind === 'audit' && data.action === 'reload');
    put(context, [auditOf(caller, 'reload', reloadedText(context, reloaded.changed), author, reason)]);
    await taken;
    return { body: reloaded };
  } catch (thrown) {
    const { code, message, findings = [] } = thrown as Refusal;
    if (findings.length > 0) throw new Refusal(422, code, message, findings);
    throw thrown;
  }
}
