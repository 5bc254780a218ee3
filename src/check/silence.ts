/** Silencing in place: `"silence": { "H213": "the reason" }` on the policy, property or command that a finding is about. */
import { at, type Place } from '../compile/report.ts';
import type { Finding } from '../errors.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import { ANALYSES } from './analyses.ts';
import { placeOf, type Subject } from './subject.ts';

interface Silence {
  readonly code: string;
  readonly reason: string;
  /** What it is written on. */
  readonly place: Place;
}

function silencesOf({ policies, manager }: Subject): readonly Silence[] {
  const listed = (silence: Readonly<Record<string, string>> | undefined, place: Place): Silence[] =>
    Object.entries(silence ?? {}).map(([code, reason]) => ({ code, reason, place }));
  const types = Object.entries(manager?.document.types ?? {}).flatMap(([name, { properties = {}, commands = {} }]) => {
    const here = at({ file: manager!.file, pointer: '/types' }, name);
    return [
      ...Object.entries(properties).flatMap(([property, { silence }]) => listed(silence, at(here, 'properties', property))),
      ...Object.entries(commands).flatMap(([command, { silence }]) => listed(silence, at(here, 'commands', command))),
    ];
  });
  return [...policies.flatMap((policy) => listed(policy.source.document.silence, written(policy))), ...types];
}

/** Where a policy stands; of one that is a level of several, where these stand. */
const written = (policy: Policy): Place =>
  policy.source.family === undefined
    ? placeOf(policy)
    : { file: policy.source.file, pointer: policy.source.pointer.replace(/\/levels\/[0-9]+$/, '') };

/** The findings, those that someone wants to hear no more of with the reason; and a finding for each silence that none needed. */
export function silence(findings: readonly Finding[], subject: Subject): readonly Finding[] {
  const used = new Set<string>();
  const silences = silencesOf(subject);
  const heard = findings.map((finding) => {
    const fitting = silences.filter(({ code, place }) => code === finding.code && placesOf(finding).some((found) => isIn(found, place)));
    for (const one of fitting) used.add(textOf(one));
    return fitting[0] === undefined ? finding : { ...finding, silenced: fitting[0].reason };
  });
  const idle = silences.filter((one) => !used.has(textOf(one)) && couldBeFound(one, subject));
  return [...heard, ...new Map(idle.map((one) => [textOf(one), needless(one)])).values()];
}

/** The levels of a policy share what is silenced: one of them is enough to need it. */
const textOf = ({ code, place }: Silence): string => `${code} ${place.file}#${place.pointer}`;

const placesOf = ({ file, pointer, related = [] }: Finding): readonly Place[] => [{ file, pointer }, ...related];

const isIn = (inner: Place, outer: Place): boolean => inner.file === outer.file && `${inner.pointer}/`.startsWith(`${outer.pointer}/`);

/** What needs recorded data is not found without, and its silence is no mistake. */
const couldBeFound = ({ code }: Silence, { past }: Subject): boolean =>
  ANALYSES.some((analysis) => analysis.code === code && (analysis.needsPast !== true || past !== undefined));

const needless = ({ code, place }: Silence): Finding => {
  const { file, pointer } = at(place, 'silence', code);
  return {
    code: 'H230',
    severity: 'warning',
    file,
    pointer,
    message: `silences ${code}, which is not found here`,
    remedy: 'remove it, so that it does not hide a mistake of tomorrow',
  };
};
