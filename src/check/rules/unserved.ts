/** H219: a policy gives a command that names no actuator: it is only written to the log. */
import { movesOf } from '../moves.ts';
import { type Analysis, managerPlace } from '../subject.ts';

export const unserved: Analysis = {
  code: 'H219',
  severity: 'warning',
  find: (subject) => {
    const types = subject.manager?.document.types ?? {};
    const told = new Set<string>();
    return subject.policies.flatMap((policy) =>
      movesOf(subject, policy).flatMap(({ type, action: { command }, place }) => {
        const document = type === undefined ? undefined : types[type.name]?.commands?.[command];
        const key = `${type?.name}\t${command}`;
        if (document === undefined || document.actuator !== undefined || told.has(key)) return [];
        told.add(key);
        return [
          {
            places: [managerPlace(subject, 'types', type!.name, 'commands', command), place] as const,
            message: `no actuator serves ${command}, which "${policy.name}" gives: it is written to the log, and nothing is done`,
            remedy: 'name its "actuator", or write "actuator": "log" if that is meant',
          },
        ];
      }),
    );
  },
};
