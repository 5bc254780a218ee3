/** The results that all actuators give in the same words. */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Result } from './actuator.ts';

export const succeeded = (detail: string, told: Omit<Result, 'status' | 'detail' | 'retryable'> = {}): Result => ({
  status: 'succeeded',
  detail,
  ...told,
});

/** A failed attempt that would fail again, thrown from the depth of an actuator. */
export class FinalFailure extends HomeostatError {
  constructor(message: string, cause?: unknown) {
    super('H402', message, { cause });
  }

  override get retryable(): boolean {
    return false;
  }
}

/** What passes by itself: no memory, no free process or file for now, a program that is being written. */
const PASSING = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY'];

/** The error of a program that could not be run. */
export function notRun(program: string, cwd: string, cause: NodeJS.ErrnoException): HomeostatError {
  const message = `${program} cannot be run in ${cwd}: ${cause.message}`;
  return PASSING.includes(cause.code ?? '') ? new HomeostatError('H402', message, { cause }) : new FinalFailure(message, cause);
}

/** Failed for good: the same attempt later would fail again. */
export const refused = (detail: string): Result => ({ status: 'failed', detail });

/** What a thrown error says of an attempt. Errors that nobody foresaw are taken for passing ones: retries are bounded. */
export function failureOf(thrown: unknown): Result {
  const retryable = thrown instanceof HomeostatError ? thrown.retryable : true;
  return { status: 'failed', detail: messageOf(thrown), retryable };
}
