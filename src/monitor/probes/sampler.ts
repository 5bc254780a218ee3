/** The common frame of the probes that are asked at each interval. */
import { HomeostatError } from '../../errors.ts';
import type { Measurement, Probe } from './probe.ts';

/** A probe around one measuring function. Closing it aborts the measurement that runs, and waits until that has ended. */
export function sampler(measure: (signal: AbortSignal) => Promise<Measurement>): Probe {
  const running = new Map<AbortController, Promise<Measurement>>();
  return {
    sample(signal) {
      const own = new AbortController();
      const abort = () => own.abort(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      const measuring = measure(own.signal).finally(() => {
        signal.removeEventListener('abort', abort);
        running.delete(own);
      });
      running.set(own, measuring);
      return measuring;
    },
    async close() {
      for (const controller of running.keys()) controller.abort(new HomeostatError('H401', 'the probe was closed'));
      await Promise.allSettled(running.values());
    },
  };
}
