import fc from 'fast-check';
import { arbitrate } from '../../src/plan/arbitrate.ts';
import type { Proposal } from '../../src/plan/propose.ts';
import type { Verdict } from '../../src/plan/verdict.ts';
import { between, budgetsOf, depends, nameOf, obstacles, policyOf, precedes, targetOf } from './oracle.ts';
import { arrange, CURRENT, meetings } from './proposals.ts';

const RUNS = { numRuns: 500, seed: 4 };

const sorted = (proposals: readonly Proposal[]) => [...proposals].sort((a, b) => (precedes(a, b) ? -1 : 1));
const told = ({ accepted, losses }: Verdict) => ({
  accepted: accepted.map(({ proposal, serves, budgets }) => [nameOf(proposal), proposal.params, serves.map(nameOf), budgets]),
  losses: losses.map(({ proposal, rule, winner, reason }) => [nameOf(proposal), rule, winner, reason]),
});
const single = (proposal: Proposal) => ({ proposal, serves: [proposal] });

test('where nothing depends on anything, exactly those are accepted that one pass in the total order would accept', () => {
  fc.assert(
    fc.property(meetings(), (meeting) => {
      const { turn, proposals } = arrange(meeting);
      const { accepted, losses } = arbitrate(turn, proposals);
      const taken: Proposal[] = [];
      for (const proposal of sorted(proposals)) if (obstacles(turn, proposal, taken.map(single)).length === 0) taken.push(proposal);
      expect(accepted.map(({ proposal }) => nameOf(proposal))).toEqual(taken.map(nameOf));
      for (const { proposal, rule, winner } of losses) {
        // The winner was there already, and stands in the way by the rule that is named.
        const earlier = taken.filter((other) => precedes(other, proposal)).map(single);
        expect(obstacles(turn, proposal, earlier)).toContain(`${rule} ${winner}`);
      }
      expect(accepted.length + losses.length).toBe(proposals.length);
    }),
    RUNS,
  );
});

test('the order in which proposals are given decides nothing', () => {
  const both = meetings({ related: true, whole: true, merging: true }).chain((meeting) =>
    fc.record({ meeting: fc.constant(meeting), order: fc.shuffledSubarray([...meeting.asks.keys()], { minLength: meeting.asks.length }) }),
  );
  fc.assert(
    fc.property(both, ({ meeting, order }) => {
      const { turn, proposals } = arrange(meeting);
      const shuffled = order.map((i) => proposals[i]!);
      expect(told(arbitrate(turn, shuffled))).toEqual(told(arbitrate(turn, proposals)));
    }),
    RUNS,
  );
});

test('where elements depend on each other: no conflict among the accepted, nobody acts beside what it depends on, and no loser could be added', () => {
  fc.assert(
    fc.property(meetings({ related: true }), (meeting) => {
      const { turn, proposals } = arrange(meeting);
      const { accepted, losses } = arbitrate(turn, proposals);
      expect(accepted.length + losses.length).toBe(proposals.length);
      for (const one of accepted) {
        const others = accepted.filter((other) => other !== one);
        expect(obstacles(turn, one.proposal, others).filter((why) => !why.startsWith('budget'))).toEqual([]);
      }
      for (const { proposal, rule, winner } of losses) {
        expect(obstacles(turn, proposal, accepted)).toContain(`${rule} ${winner}`);
        if (rule !== 'resource' && rule !== 'opposite' && rule !== 'opposed') continue;
        // On one element the total order holds whatever depends on what.
        const won = accepted.some(
          (other) =>
            policyOf(other.proposal) === winner && between(proposal, other.proposal).includes(rule) && precedes(other.proposal, proposal),
        );
        expect(won || winner.startsWith('shop.')).toBe(true);
      }
    }),
    RUNS,
  );
});

test('all or nothing: of a whole all are accepted or none, its parts name who stopped it, and it could not have been added', () => {
  fc.assert(
    fc.property(meetings({ related: true, whole: true }), (meeting) => {
      const { turn, proposals } = arrange(meeting);
      const { accepted, losses } = arbitrate(turn, proposals);
      const takes = new Set(accepted.map(({ proposal }) => proposal));
      const wholes = new Map<string, Proposal[]>();
      for (const proposal of proposals) {
        const { policy, symptom } = proposal.candidate;
        const name = policy.arbitration.together ? symptom.key : nameOf(proposal);
        wholes.set(name, [...(wholes.get(name) ?? []), proposal]);
      }
      for (const whole of wholes.values()) {
        const count = whole.filter((proposal) => takes.has(proposal)).length;
        expect([0, whole.length]).toContain(count);
        if (count > 0) {
          for (const proposal of whole) {
            const others = accepted.filter((other) => other.proposal !== proposal);
            expect(obstacles(turn, proposal, others, whole).filter((why) => !why.startsWith('budget'))).toEqual([]);
          }
          continue;
        }
        const lost = losses.filter(({ proposal }) => whole.includes(proposal));
        expect(lost).toHaveLength(whole.length);
        const [first, ...rest] = [...lost].sort((a, b) => Number(a.rule === 'together') - Number(b.rule === 'together'));
        expect(rest.every(({ rule, winner }) => rule === 'together' && winner === first!.winner)).toBe(true);
        // What stopped it is accepted, in flight, or another part of itself.
        const itself = whole.filter((proposal) => proposal !== first!.proposal).map(single);
        expect(obstacles(turn, first!.proposal, [...accepted, ...itself], whole)).toContain(`${first!.rule} ${first!.winner}`);
      }
    }),
    RUNS,
  );
});

test('merges: every proposal is served or lost, numbers are what their merge makes of them, and what is sent does not conflict', () => {
  const NUMBER: Record<string, (to: number[]) => number> = {
    max: (to) => Math.max(...to),
    min: (to) => Math.min(...to),
    sum: (to) => CURRENT + to.map((x) => x - CURRENT).reduce((a, b) => a + b, 0),
    mean: (to) => Math.round(to.reduce((a, b) => a + b, 0) / to.length),
  };
  const to = (proposal: Proposal) => proposal.params.to as number;
  let merged = 0;
  fc.assert(
    fc.property(meetings({ related: true, merging: true }), (meeting) => {
      const { turn, proposals } = arrange(meeting);
      const { accepted, losses } = arbitrate(turn, proposals);
      expect([...accepted.flatMap(({ serves }) => serves), ...losses.map(({ proposal }) => proposal)].map(nameOf).sort()).toEqual(
        proposals.map(nameOf).sort(),
      );
      for (const { proposal, serves, merged: members, budgets } of accepted) {
        const { command } = proposal.candidate;
        expect(serves.map((p) => [targetOf(p), p.candidate.command.resource])).toEqual(
          serves.map(() => [targetOf(proposal), command.resource]),
        );
        expect([...budgets].sort()).toEqual([...new Set(serves.flatMap((p) => budgetsOf(turn, p).map((budget) => budget.name)))].sort());
        if (serves.length === 1) continue;
        merged++;
        expect(members).toEqual(serves);
        const number = NUMBER[command.merge!]!(serves.map(to));
        expect(to(proposal)).toBe(Math.min(9, Math.max(0, number)));
        const brought = sorted(serves).find((p) =>
          command.merge === 'max' || command.merge === 'min' ? to(p) === number : (to(p) - CURRENT) * (number - CURRENT) > 0,
        );
        expect(policyOf(proposal)).toBe(policyOf(brought!));
      }
      for (const [i, { proposal }] of accepted.entries()) {
        for (const other of accepted.slice(i + 1)) {
          expect(between(proposal, other.proposal)).toEqual([]);
          expect(depends(turn, targetOf(proposal), targetOf(other.proposal))).toBe(false);
          expect(depends(turn, targetOf(other.proposal), targetOf(proposal))).toBe(false);
        }
      }
    }),
    RUNS,
  );
  expect(merged).toBeGreaterThan(50);
});
