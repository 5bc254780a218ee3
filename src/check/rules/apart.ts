/** H210: two policies that can hold together and pull the same thing apart, so that chance (the age of their symptoms) decides. */
import { type Apart, firstApart, movesOf } from '../moves.ts';
import { bandsOf, readyFor } from '../ready.ts';
import { type Analysis, isPlain, overlap, pairs, placeOf } from '../subject.ts';
import { witnessOf } from '../witness.ts';

/** What changes how long a symptom stays raised, or how often it acts, does not reconcile two policies. */
const IRRELEVANT = ['keepFor', 'stabilise', 'rate', 'budget', 'flapping', 'levels', 'together', 'confidence', 'missing'];

export const pullsApart: Analysis = {
  code: 'H210',
  severity: 'warning',
  find: (subject) =>
    [...pairs(subject.policies)].flatMap(([a, b]) => {
      // A priority says which of them wins: that is a decision, and no mistake.
      if (a.priority !== b.priority || !overlap(a, b) || ![a, b].every((policy) => isPlain(policy, IRRELEVANT))) return [];
      const found = firstApart(movesOf(subject, a), movesOf(subject, b));
      if (found === undefined) return [];
      const witness = witnessOf([readyFor(found.a), readyFor(found.b)]);
      if (witness === undefined) return [];
      return [
        {
          places: [placeOf(a), placeOf(b)],
          message: `can hold together and ${HOW[found.how](found)}, e.g. ${shown(witness)}`,
          remedy: `give one the higher priority${zone(found)}`,
        },
      ];
    }),
};

const HOW: Readonly<Record<Apart['how'], (found: Apart) => string>> = {
  number: ({ what }) => `pull "${what}" apart`,
  value: ({ what }) => `set "${what}" to different values`,
  effect: ({ what }) => `pull "${what}" apart by the effects of their commands`,
  opposed: ({ what }) => `give commands that are declared opposed, on "${what}"`,
  resource: ({ what }) => `ask for different things of "${what}"`,
};

const shown = (witness: object): string =>
  JSON.stringify(witness).replaceAll('":', '": ').replaceAll(',"', ', "').replace('{', '{ ').replace(/}$/, ' }');

/** A dead zone helps where both are about one property that has none. */
function zone({ a, b }: NonNullable<ReturnType<typeof firstApart>>): string {
  if (bandsOf(a).length > 0 || bandsOf(b).length > 0) return ', or make their conditions exclude each other';
  const fact = a.policy.facts.find((name) => b.policy.facts.includes(name) && a.command?.effects?.[name] !== undefined);
  const shared = fact ?? a.policy.facts.find((name) => b.policy.facts.includes(name));
  return shared === undefined ? ', or make their conditions exclude each other' : `, or state a dead zone on ${shared}`;
}
