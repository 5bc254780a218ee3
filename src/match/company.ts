/**
 * What must be true beside a comparison, for a condition to be true because of it: the other parts of every `all` that it is in. As far as these are up to two
 * comparisons with limits, they are kept with it, the rarest first, so that it can be found out at once whether a condition may have become true.
 */
import { type Above, type Form, isJoined } from './literals.ts';

const ROOM = 2;

/** Notes the company of each literal of a form whose parts are in order. `certain`: whether `first` and `second` are all that must be true beside it. */
export function keepCompany(form: Form, first?: Above, second?: Above, certain = true): void {
  if (!isJoined(form)) {
    form.first = first;
    form.second = second;
    // What was one of the values that it must not be may have become another of these.
    form.certain = certain && (form.kind !== 'among' || form.wanted);
  } else if (form.kind === 'any') {
    for (const part of form.parts) keepCompany(part, first, second, certain);
  } else {
    const rarest = rarestOf(form.parts);
    const outside = Number(first !== undefined) + Number(second !== undefined);
    let limits = 0;
    for (const part of form.parts) limits += Number(part.kind === 'above');
    for (const part of form.parts) {
      const beside = limits - Number(part.kind === 'above');
      const isAll = certain && beside === form.parts.length - 1 && beside + outside <= ROOM;
      const a = rarest[0] === part ? rarest[1] : rarest[0];
      const b = a === rarest[0] && rarest[1] !== part ? rarest[1] : rarest[2];
      if (a === undefined) keepCompany(part, first, second, isAll);
      else keepCompany(part, a, b ?? first, isAll);
    }
  }
}

/** The first comparisons with limits, one more than there is room for. */
function rarestOf(parts: readonly Form[]): Above[] {
  const rarest: Above[] = [];
  for (const part of parts) if (part.kind === 'above' && rarest.push(part) > ROOM) break;
  return rarest;
}
