/** What would fight, flap or never fire: all analyses over what was compiled without mistakes. */
import type { Finding } from '../errors.ts';
import { ANALYSES } from './analyses.ts';
import { silence } from './silence.ts';
import type { Subject } from './subject.ts';

export function analyse(subject: Subject): readonly Finding[] {
  const findings = ANALYSES.flatMap(({ code, severity, find }) =>
    find(subject).map(({ places: [{ file, pointer }, ...related], message, remedy }): Finding => {
      const others = related.map((place) => ({ file: place.file, pointer: place.pointer }));
      return { code, severity, file, pointer, message, remedy, ...(others.length === 0 ? {} : { related: others }) };
    }),
  );
  return silence(findings, subject);
}
