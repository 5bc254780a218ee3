/** Who has something changed, from where and why: for the journal. */
import type { AuditEvent } from '../messages.ts';
import type { Caller } from './access.ts';
import { Refusal } from './answers.ts';

const LONGEST_WHAT = 500;

/**
 * Who says it. A token that has a name of its own answers for its holder: another name that is given stands before it, and never instead of it.
 *
 * @throws Refusal if the token is the owner's, which says nothing of the person, and no author is given
 */
export function authorOf({ name, owner }: Caller, given: string | undefined): string {
  if (!owner) return given === undefined || given === name ? name : `${given} (${name})`;
  if (given !== undefined) return given;
  throw new Refusal(400, 'H003', 'the request is wrong: "author" is missing: say who you are, since the token of the owner does not', [
    { code: 'H003', severity: 'error', file: 'request', pointer: '', message: '"author" is missing' },
  ]);
}

/** What goes into the journal beside the change itself. */
export function auditOf(caller: Caller, action: string, what: string, author: string, reason: string): AuditEvent {
  return { kind: 'audit', action, what: what.slice(0, LONGEST_WHAT), author, token: caller.name, from: caller.from, reason };
}
