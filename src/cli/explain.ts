/** `homeostat explain`: why a policy did or did not act on an element, now or at an earlier time. */
import { type Explanation, explain as explainState } from '../analyze/explain.ts';
import { pastOf, tellsOfDeeds } from '../api/past.ts';
import { SystemClock } from '../clock.ts';
import { HomeostatError } from '../errors.ts';
import { Derived } from '../knowledge/derived.ts';
import type { LmdbStore } from '../knowledge/lmdb.ts';
import { momentAt } from '../replay.ts';
import { callIfRunning } from './call.ts';
import { explanationLines } from './explain-text.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf, stateIn, withFolder } from './place.ts';
import { instantOf, showTime } from './text.ts';

export interface ExplainOptions {
  readonly manager: string | undefined;
  readonly at: string | undefined;
  readonly json: boolean;
}

export async function explain(element: string, policy: string | undefined, { manager, at, json }: ExplainOptions): Promise<number> {
  const folder = folderOf(manager);
  const wall = new SystemClock().wall();
  const explanations =
    at === undefined
      ? await now(folder, element, policy)
      : await withFolder(folder, (store) => then(store, element, policy, instantOf(at, wall), wall));
  if (json) printJson({ element, explanations });
  else if (explanations.length === 0) print(`no policy is about ${element}`);
  else
    for (const [i, explanation] of explanations.entries())
      for (const line of [...(i > 0 ? [''] : []), ...explanationLines(explanation)]) print(line);
  return EXIT.good;
}

async function now(folder: string, element: string, policy: string | undefined): Promise<readonly Explanation[]> {
  const query = new URLSearchParams({ element, ...(policy === undefined ? {} : { policy }) });
  const answer = await callIfRunning<{ explanations: readonly Explanation[] }>(folder, `/explain?${query}`);
  return (
    answer?.explanations ??
    withFolder(folder, (store) => {
      const state = stateIn(store, folder);
      return explainState(state, new Derived(state), element, policy, state.position.now, pastOf(store, element, policy));
    })
  );
}

/** As it was: the recorded inputs are stepped again up to then. */
function then(store: LmdbStore, element: string, policy: string | undefined, instant: number, wall: number): readonly Explanation[] {
  const moment = momentAt(store, instant, tellsOfDeeds);
  if (moment === undefined) {
    const first = store.steps().next().value;
    const reach = first === undefined ? 'nothing is recorded here' : `the recording begins at ${showTime(first.now, wall)}`;
    throw new HomeostatError('H501', `${showTime(instant, wall)} cannot be explained: ${reach}`);
  }
  return explainState(moment.state, moment.derived, element, policy, instant, moment.journal);
}
