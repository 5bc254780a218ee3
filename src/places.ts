/** Places: which probes and actuators are where, and what a manager file or a command line cannot say of them. */
import { at, type Findings, type Place } from './compile/report.ts';
import { DEFAULT_PLACE, type ManagerDocument, type ProbeDocument } from './documents/manager.ts';
import { HomeostatError } from './errors.ts';

/** The place of an actuator. One that the manager file does not name is at the default. */
export const placeOfActuator = ({ actuators = {} }: Pick<ManagerDocument, 'actuators'>, name: string): string =>
  Object.hasOwn(actuators, name) ? (actuators[name]?.at ?? DEFAULT_PLACE) : DEFAULT_PLACE;

export const placeOfProbe = (probe: ProbeDocument): string => probe.at ?? DEFAULT_PLACE;

/** All places that there are: the default, and then those that a probe or an actuator is at, by name. */
export function placesOf({ probes = [], actuators = {} }: Pick<ManagerDocument, 'probes' | 'actuators'>): readonly string[] {
  const named = [...probes, ...Object.values(actuators)].flatMap((document) => document.at ?? []);
  return [DEFAULT_PLACE, ...[...new Set(named)].filter((place) => place !== DEFAULT_PLACE).sort()];
}

/** The places that a process is to work at; the default if it was given none. @throws HomeostatError H501 if there is no such place */
export function chosenPlaces(given: readonly string[], manager: ManagerDocument, file: string): readonly string[] {
  if (given.length === 0) return [DEFAULT_PLACE];
  if (manager.services === undefined) throw new HomeostatError('H501', `places need services, and ${file} has none; leave --place out`);
  const places = placesOf(manager);
  for (const name of given)
    if (!places.includes(name))
      throw new HomeostatError('H501', `no probe and no actuator of ${file} is at a place "${name}"; its places: ${places.join(', ')}`);
  return [...new Set(given)];
}

/** Of documents that fit their schemas. */
export function checkPlaces(manager: ManagerDocument, file: Place, findings: Findings): void {
  const { probes = [], actuators = {}, services } = manager;
  const check = (place: string | undefined, where: Place) => {
    if (services !== undefined || place === undefined || place === DEFAULT_PLACE) return;
    findings.error(
      'H003',
      at(where, 'at'),
      `nobody works at the place "${place}": places need services`,
      'add "services" to this file, or leave "at" out',
    );
  };
  for (const [i, probe] of probes.entries()) {
    const here = at(file, 'probes', i);
    check(probe.at, here);
    if (probe.kind !== 'process' || typeof probe.actuator !== 'string') continue;
    const [mine, theirs] = [placeOfProbe(probe), placeOfActuator(manager, probe.actuator)];
    if (mine !== theirs)
      findings.error(
        'H007',
        at(here, 'actuator'),
        `probe "${probe.name}" is at "${mine}", and the processes of actuator "${probe.actuator}" are at "${theirs}"`,
        `give the probe "at": "${theirs}"`,
      );
  }
  for (const [name, actuator] of Object.entries(actuators)) check(actuator.at, at(file, 'actuators', name));
}
