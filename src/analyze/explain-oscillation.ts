/** Whether the commands of a policy and of another undo each other, for `explain` and `status`. */
import { formatMs } from '../duration.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import { isFrozen, lately, pairAt, reversalsOf, type Watched } from '../knowledge/oscillation.ts';
import type { Turn } from '../knowledge/turn.ts';

/** The commands that moved a thing within the window, and the places of those that turned back the one before. */
export function reversalsNow({ moves }: Watched, { now, blueprint }: Turn) {
  const recent = blueprint.oscillation === undefined ? [] : lately(moves, now, blueprint.oscillation);
  return { moves: recent, reversals: reversalsOf(recent) };
}

/** One sentence for each thing of these elements in whose reversals a policy has a part. */
export function explainOscillations(turn: Turn, { name }: Policy, elements: readonly string[]): string[] {
  const setting = turn.blueprint.oscillation;
  if (setting === undefined) return [];
  return elements.flatMap((element) =>
    (turn.state.oscillations.get(element)?.watched ?? []).flatMap((watched) => {
      const { moves, reversals } = reversalsNow(watched, turn);
      const own = reversals.map((i) => pairAt(moves, i)).filter((pair) => pair.includes(name));
      if (own.length === 0) return [];
      const others = [...new Set(own.map((pair) => pair.find((other) => other !== name) ?? 'itself'))];
      const is = isFrozen(watched, turn.now)
        ? `; ${watched.swinging!.policies.join(' and ')} frozen for ${formatMs(watched.swinging!.frozenUntil! - turn.now)} more`
        : watched.swinging === null
          ? ''
          : `, for ${formatMs(turn.now - watched.swinging.since)}`;
      return [
        `${watched.what} on ${element}: ${reversals.length} of ${setting.reversals} reversals within ${formatMs(setting.withinMs)}, with ${others.join(', ')}${is}`,
      ];
    }),
  );
}
