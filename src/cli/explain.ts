/** `homeostat explain`: why a policy did or did not act on an element, now or at an earlier time. */
import type { Explanation } from '../analyze/explain.ts';
import { SystemClock } from '../clock.ts';
import { callIfRunning } from './call.ts';
import { explanationLines } from './explain-text.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf } from './place.ts';
import { instantOf } from './text.ts';

export interface ExplainOptions {
  readonly manager: string | undefined;
  readonly at: string | undefined;
  readonly token: string | undefined;
  readonly json: boolean;
}

export async function explain(element: string, policy: string | undefined, { manager, at, token, json }: ExplainOptions): Promise<number> {
  const folder = folderOf(manager);
  const wall = new SystemClock().wall();
  const explanations =
    at === undefined
      ? await now(folder, element, policy, token)
      : await (await import('./explain-folder.ts')).asOf(folder, element, policy, instantOf(at, wall), wall);
  if (json) printJson({ element, explanations });
  else if (explanations.length === 0) print(`no policy is about ${element}`);
  else
    for (const [i, explanation] of explanations.entries())
      for (const line of [...(i > 0 ? [''] : []), ...explanationLines(explanation)]) print(line);
  return EXIT.good;
}

async function now(
  folder: string,
  element: string,
  policy: string | undefined,
  token: string | undefined,
): Promise<readonly Explanation[]> {
  const query = new URLSearchParams({ element, ...(policy === undefined ? {} : { policy }) });
  const answer = await callIfRunning<{ explanations: readonly Explanation[] }>(folder, `/explain?${query}`, { token });
  return answer?.explanations ?? (await import('./explain-folder.ts')).asOfLastStep(folder, element, policy);
}
