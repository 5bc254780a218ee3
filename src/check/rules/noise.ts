/** H216: a dead zone narrower than the noise in recorded readings: noise alone carries the value from one side to the other. */
import { at, type Place } from '../../compile/report.ts';
import { type Analysis, type Found, managerPlace, type Past, placeOf, type Subject, typesOf } from '../subject.ts';

/** Changes that must have been recorded before anything is said. */
const LEAST_CHANGES = 20;
/** Noise is the size that nine of ten changes from one reading to the next do not exceed: rare jumps are the load's, and not noise. */
const NOISE_QUANTILE = 0.9;

export const noise: Analysis = {
  code: 'H216',
  severity: 'warning',
  needsPast: true,
  find: (subject) => {
    const { past } = subject;
    return past === undefined ? [] : zonesOf(subject).flatMap((zone) => narrower(past, zone));
  },
};

interface Zone {
  readonly types: readonly string[];
  readonly property: string;
  readonly unit: string | undefined;
  readonly width: number;
  readonly place: Place;
}

function zonesOf(subject: Subject): readonly Zone[] {
  const declared = [...subject.types.values()].flatMap((type) =>
    [...type.properties.values()].flatMap(({ name, unit, deadZone }): Zone[] =>
      deadZone === undefined
        ? []
        : [
            {
              types: [type.name],
              property: name,
              unit,
              width: deadZone.high - deadZone.low,
              place: at(managerPlace(subject, 'types', type.name, 'properties', name), 'deadZone'),
            },
          ],
    ),
  );
  const own = subject.policies.flatMap((policy): Zone[] => {
    if (policy.deadZone === undefined) return [];
    const { fact, low, high } = policy.deadZone;
    if (typeof low !== 'number' || typeof high !== 'number') return [];
    const types = typesOf(subject, policy);
    const unit = types[0]?.properties.get(fact)?.unit;
    return [{ types: types.map(({ name }) => name), property: fact, unit, width: high - low, place: placeOf(policy, 'deadZone') }];
  });
  return [...declared, ...own];
}

function narrower(past: Past, { types, property, unit, width, place }: Zone): Found[] {
  const changes = types.flatMap(past.elements).flatMap((element) => changesOf(past.readings(element, property)));
  if (changes.length < LEAST_CHANGES) return [];
  const seen = changes.sort((a, b) => a - b)[Math.ceil(NOISE_QUANTILE * changes.length) - 1]!;
  if (width >= seen) return [];
  const show = (x: number) => `${Number(x.toPrecision(3))}${unit === undefined ? '' : ` ${unit}`}`;
  return [
    {
      places: [place],
      message: `the dead zone of ${property} is ${show(width)} wide, and nine of ten changes of it go up to ${show(seen)}, of ${changes.length} recorded: noise alone crosses it`,
      remedy: `make it at least ${show(seen)} wide, or smooth ${property} by a gauge with a longer window`,
    },
  ];
}

function changesOf(readings: readonly unknown[]): number[] {
  return readings.slice(1).flatMap((value, i) => {
    const before = readings[i];
    return typeof value === 'number' && typeof before === 'number' ? [Math.abs(value - before)] : [];
  });
}
