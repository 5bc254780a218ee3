/** GET /advice, and a person's answers: POST /advice/ID/approve and /reject. */

import { type Static, Type } from '../documents/schema.ts';
import { pendingAdvice } from '../knowledge/advice.ts';
import type { AnsweredEvent, JournalEntry } from '../messages.ts';
import { nearest } from '../suggest.ts';
import type { Caller } from './access.ts';
import { Refusal } from './answers.ts';
import { auditOf, authorOf } from './audit.ts';
import { said, TAKEN_IN_MS } from './control.ts';
import { put } from './elements.ts';
import { documentOf } from './intake.ts';
import type { Answer, ApiContext, Call } from './server.ts';
import { adviceViews } from './status.ts';

const closed = { additionalProperties: false } as const;
const Approval = Type.Object({ author: said.author, reason: Type.Optional(Type.String({ maxLength: 1_000 })) }, closed);
const Rejection = Type.Object(said, closed);

export const listAdvice = (_call: Call, { assembly: { manager, clock } }: ApiContext): Answer => ({
  body: { now: clock.now(), advice: adviceViews(manager.state) },
});

/** What became of an approval in the step that took it in. */
export type Approved =
  | { readonly id: string; readonly is: 'committed'; readonly command: string; readonly text: string }
  | { readonly id: string; readonly is: 'held'; readonly gate: string; readonly reason: string; readonly until: number | null }
  | { readonly id: string; readonly is: 'superseded'; readonly by: string; readonly reason: string }
  | { readonly id: string; readonly is: 'withdrawn'; readonly reason: string };

export async function approve({ params, body, caller }: Call, context: ApiContext): Promise<Answer> {
  const { author: given, reason = '' } = documentOf<Static<typeof Approval>>(Approval, body);
  const author = authorOf(caller, given);
  const id = known(params.id ?? '', context);
  const entries = await answer(context, caller, { kind: 'answered', advice: id, answer: 'approved', reason, author });
  if (entries === undefined) return { status: 202, body: { id } };
  return { body: outcomeOf(id, entries, context) };
}

export async function reject({ params, body, caller }: Call, context: ApiContext): Promise<Answer> {
  const { author: given, reason } = documentOf<Static<typeof Rejection>>(Rejection, body);
  const author = authorOf(caller, given);
  const id = known(params.id ?? '', context);
  const entries = await answer(context, caller, { kind: 'answered', advice: id, answer: 'rejected', reason, author });
  return entries === undefined ? { status: 202, body: { id } } : { body: { id, is: 'rejected' } };
}

/** The whole id: the name of the domain may be left out. */
function known(id: string, { assembly }: ApiContext): string {
  const { state, derived } = assembly.manager;
  const ids = pendingAdvice(state).map((row) => row.id);
  const found = [id, `${derived.blueprint.setup.domain}.${id}`].find((name) => ids.includes(name));
  if (found !== undefined) return found;
  throw new Refusal(
    404,
    'H005',
    `no open advice is called "${id}"${ids.length === 0 ? '; nothing is asked now' : nearest(id, ids.slice(0, 1_000))}; it may have been answered, have run out, or its cause may be gone`,
  );
}

/**
 * The entries about the advice, of the step that took the answer in: not of the one that asked, which may be stored only now.
 *
 * @throws Refusal if the answer came too late
 */
async function answer(context: ApiContext, caller: Caller, event: AnsweredEvent): Promise<readonly JournalEntry[] | undefined> {
  const told = context.steps.journal(
    context.assembly.clock,
    TAKEN_IN_MS,
    ({ kind, data }) =>
      kind === 'advice' &&
      data.id === event.advice &&
      data.author === event.author &&
      ['approved', 'rejected', 'late'].includes(String(data.is)),
  );
  const action = event.answer === 'approved' ? 'approve' : 'reject';
  put(context, [event, auditOf(caller, action, event.advice, event.author, event.reason)]);
  const entries = (await told)?.filter(
    ({ kind, data }) => (kind === 'advice' && data.id === event.advice) || (kind === 'command' && isFor(data, event.advice)),
  );
  const late = entries?.find(({ data }) => data.is === 'late');
  if (late !== undefined) throw new Refusal(409, 'H502', late.text);
  return entries;
}

/** Whether a command is done in the name of an advice, alone or merged with others. */
function isFor(data: JournalEntry['data'], advice: string): boolean {
  const merged = Array.isArray(data.merged) ? (data.merged as readonly { readonly advice?: string }[]) : [];
  return data.advice === advice || merged.some((one) => one.advice === advice);
}

function outcomeOf(id: string, entries: readonly JournalEntry[], { assembly }: ApiContext): Approved {
  for (const { kind, command, data, text } of entries) {
    const reason = String(data.reason ?? '');
    if (kind === 'command' && command !== undefined) return { id, is: 'committed', command, text };
    if (data.is === 'superseded') return { id, is: 'superseded', by: String(data.by), reason };
    if (data.is === 'withdrawn') return { id, is: 'withdrawn', reason };
    if (data.is === 'held') {
      const until = pendingAdvice(assembly.manager.state).find((row) => row.id === id)?.until ?? null;
      return { id, is: 'held', gate: String(data.gate), reason, until };
    }
  }
  return { id, is: 'withdrawn', reason: 'nothing asks for it any more' };
}
