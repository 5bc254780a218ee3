/** H221: facts of different units are compared, added, or set from each other. */
import type { Place } from '../../compile/report.ts';
import type { ElementType, Policy } from '../../knowledge/blueprint.ts';
import { parseFact } from '../../knowledge/facts.ts';
import { testsIn } from '../clauses.ts';
import { movesOf } from '../moves.ts';
import { type Analysis, type Found, managerPlace, placeOf, type Subject, typesOf } from '../subject.ts';
import { misfit } from '../units.ts';

export const units: Analysis = {
  code: 'H221',
  severity: 'warning',
  find: (subject) => [
    ...subject.policies.flatMap((policy) => [...compared(subject, policy), ...given(subject, policy)]),
    ...[...subject.types.values()].flatMap((type) => derived(subject, type)),
  ],
};

/** The unit of a fact: its own, or that which all types agree on that declare the property of a relative. */
function unitOf(subject: Subject, type: ElementType, fact: string): string | undefined {
  const own = type.properties.get(fact);
  if (own?.declared === true) return own.unit;
  const name = parseFact(fact);
  if (name?.of !== 'parent' && name?.of !== 'children') return undefined;
  if (name.of === 'children' && name.fold === 'count') return undefined;
  const all = [...subject.types.values()].flatMap(({ properties }) => {
    const property = properties.get(name.property);
    return property?.declared === true ? [property.unit] : [];
  });
  return all.every((unit) => unit === all[0]) ? all[0] : undefined;
}

const finding = (place: Place, what: string, why: string): Found => ({
  places: [place],
  message: `${what}: ${why}`,
  remedy: 'bring both to one unit, by a property with an expression such as "x / 1000"',
});

function between(subject: Subject, type: ElementType, a: string, b: string): { readonly what: string; readonly why: string } | undefined {
  const [x, y] = [unitOf(subject, type, a), unitOf(subject, type, b)];
  const why = misfit(x, y);
  return why === undefined ? undefined : { what: `${a} (${x}) and ${b} (${y})`, why };
}

function compared(subject: Subject, policy: Policy): Found[] {
  return testsIn(policy.condition).flatMap((test) => {
    if (!('fact' in test.value)) return [];
    const other = test.value.fact;
    const wrong = typesOf(subject, policy).flatMap((type) => between(subject, type, test.fact, other) ?? [])[0];
    return wrong === undefined
      ? []
      : [finding(placeOf(policy, 'conditions'), `compares ${wrong.what}, which are of different units`, wrong.why)];
  });
}

/** What a command sets from a fact. */
function given(subject: Subject, policy: Policy): Found[] {
  return movesOf(subject, policy).flatMap(({ action, type, command, place }) => {
    if (type === undefined || command?.property === undefined) return [];
    return Object.entries(action.params).flatMap(([name, param]) => {
      if ((name !== 'to' && name !== 'by') || !('fact' in param)) return [];
      const wrong = between(subject, type, command.property!, param.fact);
      return wrong === undefined ? [] : [finding(place, `sets ${wrong.what} from each other, which are of different units`, wrong.why)];
    });
  });
}

/** Gauges that keep the unit of what they are over. */
const KEEPING = ['last', 'mean', 'min', 'max', 'ewma', 'quantile', 'sum', 'stddev', 'forecast'];
/** Two facts that stand alone on the sides of an operator, between the ends of the text, parentheses, commas or logic. */
const MIXED = /(?:^|[(,?:&|])\s*([A-Za-z_][\w.]*)\s*(\+|-|<=?|>=?|==|!=)\s*([A-Za-z_][\w.]*)\s*(?=$|[),?:&|])/g;

function derived(subject: Subject, type: ElementType): Found[] {
  const documents = subject.manager?.document.types[type.name]?.properties ?? {};
  return Object.entries(documents).flatMap(([name, { gauge, unit }]) => {
    const place = managerPlace(subject, 'types', type.name, 'properties', name, 'gauge');
    if (gauge === undefined) return [];
    if (KEEPING.includes(gauge.kind) && typeof gauge.of === 'string' && gauge.of !== name) {
      const of = type.properties.get(gauge.of)?.declared === true ? unitOf(subject, type, gauge.of) : undefined;
      const why = misfit(unit, of);
      return why === undefined ? [] : [finding(place, `${name} (${unit}) is a ${gauge.kind} of ${gauge.of} (${of})`, why)];
    }
    if (gauge.kind !== 'expression' || typeof gauge.expression !== 'string') return [];
    return [...gauge.expression.matchAll(MIXED)].flatMap(([, a, operator, b]) => {
      const wrong = between(subject, type, a!, b!);
      return wrong === undefined ? [] : [finding(place, `"${a} ${operator} ${b}" mixes ${wrong.what}`, wrong.why)];
    });
  });
}
