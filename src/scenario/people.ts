/** People in a scenario: they answer what advising policies have asked, by policy and element, since a scenario cannot know ids. */
import type { ScenarioDocument } from '../documents/scenario.ts';
import { durationMs } from '../duration.ts';
import { pendingAdvice } from '../knowledge/advice.ts';
import type { State } from '../knowledge/state.ts';
import type { AnsweredEvent } from '../messages.ts';

export interface Answering {
  readonly at: number;
  /** The answer, as the person looks at the state. Where nothing fits it names its own place, and comes too late. */
  readonly event: (state: State) => AnsweredEvent;
}

export const answersOf = ({ people = [] }: ScenarioDocument): Answering[] =>
  people.flatMap(({ at, approve, reject, reason = 'the scenario says so', author = 'scenario' }, i) =>
    [['approved', approve] as const, ['rejected', reject] as const].flatMap(([answer, asked]) =>
      asked === undefined
        ? []
        : [
            {
              at: durationMs(at),
              event: (state: State): AnsweredEvent => {
                const { policy, element } = asked;
                const found = pendingAdvice(state).find(
                  (row) => (policy === undefined || row.policy === policy) && (element === undefined || row.element === element),
                );
                return { kind: 'answered', advice: found?.id ?? `people/${i}`, answer, reason, author };
              },
            },
          ],
    ),
  );
