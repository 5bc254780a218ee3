/** H218: a policy reads a property that no probe reads, no gauge derives, no command sets and no element gives: it is unknown for ever. */
import { isFed } from '../feeds.ts';
import { type Analysis, type Found, managerPlace, placeOf, type Subject, typesOf } from '../subject.ts';

export const unfed: Analysis = {
  code: 'H218',
  severity: 'warning',
  find: (subject) => {
    const document = subject.manager?.document;
    // Without a probe the values are sent by others, to the API.
    if (document === undefined || (document.probes ?? []).length === 0) return [];
    return subject.policies.flatMap((policy) =>
      policy.scope.type === undefined || 'missing' in policy.source.document ? [] : unfedFacts(subject, policy),
    );
  },
};

function unfedFacts(subject: Subject, policy: Subject['policies'][number]): Found[] {
  const document = subject.manager!.document;
  return policy.facts.flatMap((fact) =>
    typesOf(subject, policy).flatMap((type) => {
      const property = type.properties.get(fact);
      if (property === undefined || isFed(document, subject.types, type, property)) return [];
      const declared = property.declared ? [managerPlace(subject, 'types', type.name, 'properties', fact)] : [];
      return [
        {
          places: [placeOf(policy, 'conditions'), ...declared] as const,
          message: `reads ${fact}, which nothing feeds: no probe reads it, no command sets it, and no element of type "${type.name}" has it`,
          remedy: `read ${fact} by a probe (of kind push, if others send it), or give it to the elements`,
        },
      ];
    }),
  );
}
