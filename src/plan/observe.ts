/** The arbitration of what only observes: against what acts, except that a version in shadow does not stand behind the one that it is to follow. */
import type { Turn } from '../knowledge/turn.ts';
import { arbitrate } from './arbitrate.ts';
import type { Proposal } from './propose.ts';
import type { Accepted, Verdict } from './verdict.ts';

/** `content`: as for `arbitrate`. */
export function arbitrateObserved(
  turn: Turn,
  observing: readonly Proposal[],
  acting: readonly Accepted[],
  content: readonly Proposal[],
): Verdict {
  const groups = new Map<string | undefined, Proposal[]>();
  for (const proposal of observing) {
    const predecessor = predecessorOf(turn, proposal);
    const group = groups.get(predecessor);
    if (group === undefined) groups.set(predecessor, [proposal]);
    else group.push(proposal);
  }
  // What its predecessor does in this step is what it would do itself, or would not.
  const verdicts = [...groups].map(([predecessor, proposals]) => {
    const isOther = ({ candidate }: Proposal) => predecessor === undefined || candidate.policy.source.file !== predecessor;
    return arbitrate(
      turn,
      proposals,
      acting.filter(({ serves }) => serves.some(isOther)),
      content.filter(isOther),
    );
  });
  return { accepted: verdicts.flatMap(({ accepted }) => accepted), losses: verdicts.flatMap(({ losses }) => losses) };
}

/** The file that the file of a proposal is to follow, and looks on at; undefined: none. */
function predecessorOf({ blueprint: { sets } }: Turn, { candidate }: Proposal): string | undefined {
  const successor = sets.get(candidate.policy.source.file)?.successor;
  if (successor === undefined || !('shadow' in successor)) return undefined;
  for (const { called, file } of sets.values()) if (called === successor.of) return file;
  return undefined;
}
