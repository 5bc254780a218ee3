/** Explanations from the folder of a manager: as of its last step, or as it was at an earlier time. */
import { type Explanation, explain } from '../analyze/explain.ts';
import { pastOf, tellsOfDeeds } from '../api/past.ts';
import { HomeostatError } from '../errors.ts';
import { Derived } from '../knowledge/derived.ts';
import { momentAt } from '../replay.ts';
import { stateIn, withFolder } from './place.ts';
import { showTime } from './text.ts';

export const asOfLastStep = (folder: string, element: string, policy: string | undefined): Promise<readonly Explanation[]> =>
  withFolder(folder, (store) => {
    const state = stateIn(store, folder);
    return explain(state, new Derived(state), element, policy, state.position.now, pastOf(store, element, policy));
  });

/** As it was at an instant: the recorded inputs are stepped again up to there. `wall`: what today is. */
export const asOf = (
  folder: string,
  element: string,
  policy: string | undefined,
  instant: number,
  wall: number,
): Promise<readonly Explanation[]> =>
  withFolder(folder, (store) => {
    const moment = momentAt(store, instant, tellsOfDeeds);
    if (moment !== undefined) return explain(moment.state, moment.derived, element, policy, instant, moment.journal);
    const first = store.steps().next().value;
    const reach = first === undefined ? 'nothing is recorded here' : `the recording begins at ${showTime(first.now, wall)}`;
    throw new HomeostatError('H501', `${showTime(instant, wall)} cannot be explained: ${reach}`);
  });
