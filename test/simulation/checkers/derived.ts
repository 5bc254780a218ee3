/** Every decision can be derived again: the stored inputs through `step`, from nothing, give the same states, journal and commands. */
import { Derived } from '../../../src/knowledge/derived.ts';
import { State } from '../../../src/knowledge/state.ts';
import { step } from '../../../src/step.ts';
import type { Checker } from '../trace.ts';

export const derived: Checker = {
  name: 'derived',
  check: ({ steps }) => {
    const state = new State();
    const beside = new Derived(state);
    for (const { record, changes, journal } of steps) {
      const again = step(state, beside, record.events, record.now);
      if (again.step !== record.step) return { step: record.step, message: `it was step ${record.step}, and is ${again.step} now` };
      const [was, is] = [journal.map((entry) => JSON.stringify(entry)), again.journal.map((entry) => JSON.stringify(entry))];
      const other = was.findIndex((text, i) => text !== is[i]);
      if (other >= 0 || was.length !== is.length) {
        const at = other >= 0 ? other : was.length;
        return { step: record.step, message: `journal entry ${at} was ${was[at] ?? 'none'}, and is ${is[at] ?? 'none'} now` };
      }
      if (again.hash !== record.hash) {
        const rows = new Map(changes.map(({ key, text }) => [key, text]));
        const differs =
          again.changes.find(({ key, text }) => rows.get(key) !== text) ??
          changes.find(({ key }) => !again.changes.some((c) => c.key === key));
        return {
          step: record.step,
          message: `the state had hash ${record.hash}, and has ${again.hash} now; first difference ${JSON.stringify(differs)}, stored ${rows.get(differs?.key ?? '')}`,
        };
      }
    }
    return undefined;
  },
};
