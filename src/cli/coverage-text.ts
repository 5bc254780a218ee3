/** Coverage as text: the share, and what no scenario has shown. */
import { type CoveredPolicy, shareOf } from '../scenario/index.ts';
import { plural } from './text.ts';

/** `policies`: all; those of which everything was shown have no lines. */
export function* coverageLines(policies: readonly CoveredPolicy[]): IterableIterator<string> {
  const { share, ...parts } = shareOf(policies);
  const of = (part: { readonly of: number; readonly covered: number }, word: string, many?: string): string =>
    `${part.covered} of ${plural(part.of, word, many)}`;
  yield `coverage ${percent(share)}: ${of(parts.policies, 'policy', 'policies')} fired, ${of(parts.gates, 'gate')} held, ${of(parts.comparisons, 'comparison')} were both true and false`;
  for (const { policy, file, pointer, fired, gates, comparisons } of policies) {
    const missing = [
      ...(fired === 0 ? ['never fired'] : []),
      ...gates.filter(({ held }) => held === 0).map(({ gate }) => `never held back by ${gate}`),
      ...comparisons.flatMap((one) => {
        const never = one.true === 0 ? (one.false === 0 ? 'known' : 'true') : one.false === 0 ? 'false' : undefined;
        return never === undefined ? [] : [`${one.text} was never ${never}  ${one.pointer}`];
      }),
    ];
    if (missing.length > 0) yield `  ${policy}  ${file}#${pointer}`;
    for (const line of missing) yield `    ${line}`;
  }
}

/** Rounded down: 100 % is all of it. */
export const percent = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;
