/** One question to an actuator, by its deadline: whatever the actuator does, an answer comes. */
import type { Clock } from '../clock.ts';
import { HomeostatError } from '../errors.ts';

/** `answer`: in time, or a last word soon after the abort. `silence`: given up. */
export type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T; readonly late: boolean }
  | { readonly kind: 'failure'; readonly thrown: unknown; readonly late: boolean }
  | { readonly kind: 'silence' };

export interface Asking {
  readonly clock: Clock;
  /** When the signal fires, by the clock. */
  readonly deadlineAt: number;
  /** How long after that an actuator may still say what it has done. */
  readonly lastWordMs: number;
}

/**
 * Asks, aborts at the deadline, gives up a little later. `left` is called with the promise of an actuator that was given up.
 * Never rejects.
 */
export function askInTime<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  asking: Asking,
  left: (promise: Promise<unknown>) => void,
): Promise<Answer<T>> {
  const { clock, deadlineAt, lastWordMs } = asking;
  const controller = new AbortController();
  return new Promise((resolve) => {
    // An async function, so that an actuator that throws instead of rejecting is caught too.
    const promise = (async () => ask(controller.signal))();
    let cancel = clock.after(deadlineAt - clock.now(), () => {
      controller.abort(new HomeostatError('H403', 'the deadline has passed'));
      cancel = clock.after(lastWordMs, () => {
        resolve({ kind: 'silence' });
        left(promise);
      });
    });
    promise.then(
      (value) => {
        cancel();
        resolve({ kind: 'answer', value, late: controller.signal.aborted });
      },
      (thrown) => {
        cancel();
        resolve({ kind: 'failure', thrown, late: controller.signal.aborted });
      },
    );
  });
}
