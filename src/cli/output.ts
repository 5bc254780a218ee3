/** Where results and complaints go: results to stdout, all else to stderr. */
import { type ErrorCode, type Finding, HomeostatError, messageOf } from '../errors.ts';
import { findingLines } from './findings.ts';

/** Whoever reads may have read enough, as `head` does. What is done goes on, and nobody hears of it. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (document: unknown): void => print(JSON.stringify(document));

export const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Exit statuses (design section 10). */
export const EXIT = { good: 0, finding: 1, usage: 2, surroundings: 3 } as const;

/** What a person typed or wrote wrong is 2; what the surroundings refused is 3. */
function exitOf(code: ErrorCode): number {
  return code.startsWith('H3') || code.startsWith('H4') || code === 'H202' ? EXIT.surroundings : EXIT.usage;
}

/** Says what went wrong and returns the exit status for it. */
export function fail(thrown: unknown, json: boolean): number {
  const error = thrown instanceof HomeostatError ? thrown : fromSystem(thrown);
  if (error === undefined) {
    complain(`homeostat failed, which it should not: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    if (json) printJson({ error: { code: null, message: messageOf(thrown), findings: [] } });
    return EXIT.surroundings;
  }
  if (json) printJson({ error: { code: error.code, message: error.message, findings: error.findings } });
  complainOf(error.findings);
  complain(`${error.code}  ${error.message}`);
  return exitOf(error.code);
}

export function complainOf(findings: readonly Finding[]): void {
  for (const line of findingLines(findings)) complain(line);
}

/** What the operating system refuses, with its own words; undefined: it is a mistake of ours. */
function fromSystem(thrown: unknown): HomeostatError | undefined {
  const { syscall, code } = thrown as NodeJS.ErrnoException;
  if (typeof syscall !== 'string' || typeof code !== 'string') return undefined;
  return new HomeostatError(
    'H302',
    `the system refuses: ${messageOf(thrown)}; see that the folder can be written and the disk is not full`,
    { cause: thrown },
  );
}
