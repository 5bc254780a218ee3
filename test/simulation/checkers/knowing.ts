/** Nothing is done on unknown data: behind each command the conditions were true, in three values, on facts that were known then. */
import type { JournalEntry, Value } from '../../../src/messages.ts';
import type { Checker } from '../trace.ts';
import { Facts } from './facts.ts';
import { truthOf } from './kleene.ts';
import { type Moment, moments } from './stream.ts';

export const knowing: Checker = {
  name: 'knowing',
  check: ({ steps }) => {
    const facts = new Facts();
    for (const moment of moments(steps)) {
      facts.take(moment);
      for (const entry of moment.journal) {
        // A latched symptom acts though its conditions are over: that is what it is latched for.
        if (entry.kind !== 'command' || entry.data.otherwise === true || entry.data.latched !== undefined) continue;
        const wrong = wrongWith(entry, moment, facts);
        if (wrong !== undefined)
          return { step: moment.step, message: `${entry.command} of ${entry.policy} on ${entry.data.origin}: ${wrong}` };
      }
    }
    return undefined;
  },
};

function wrongWith({ policy, data }: JournalEntry, { policies, setup }: Moment, facts: Facts): string | undefined {
  const recorded = data.facts as Readonly<Record<string, Value>>;
  const named = setup.policies.find(({ name }) => name === policy || policy!.startsWith(`${name}:`))!.named;
  const document = policies.get(policy!)!;
  const wanted = new Set<string>();
  const truth = truthOf(policies.get(policy!)!.conditions ?? {}, named, (fact) => {
    wanted.add(fact);
    return recorded[fact];
  });
  if (truth !== 'true') return `its conditions are ${truth} on ${JSON.stringify(recorded)}`;
  // It says itself what it takes for what it does not know.
  if (typeof document.missing === 'object') return undefined;
  for (const fact of wanted) {
    const known = facts.of(String(data.origin), fact);
    if (known !== null && !same(known, recorded[fact]))
      return `${fact} was ${known ?? 'unknown'}, and it took it for ${recorded[fact] ?? 'unknown'}`;
  }
  return undefined;
}

const same = (a: Value | undefined, b: Value | undefined): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a)) : a === b;
