/** Starts the demo with this machine's clock and terminal; TERM or INT ends it, and all that it has started. */
import { SystemClock } from '../clock.ts';
import { environment } from '../config.ts';
import { HomeostatError } from '../errors.ts';
import { type DemoOptions, demo } from './demo.ts';

export async function startDemo(options: DemoOptions): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => interrupted.abort(new HomeostatError('H501', `the demo was ended by ${signal}`)));
  }
  const play = options.canary === true ? (await import('./demo-canary.ts')).demoCanary : demo;
  return play(options, {
    clock: new SystemClock(),
    environment: environment(),
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupted.signal,
  });
}
