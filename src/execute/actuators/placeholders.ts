/** What placeholders stand for in an order. */
import { nameOf, type Values } from '../../placeholders.ts';
import type { Order, Target } from './actuator.ts';

export { fill, fillJson, fillUrl, nameOf, type Values } from '../../placeholders.ts';

/** What placeholders stand for in an order: who is meant first, then the parameters, then the element's properties. */
export function orderValues(order: Order, target: Target | undefined): Values {
  const { command } = order;
  return {
    ...target?.properties,
    ...command.params,
    ...(target && { type: target.type }),
    id: command.element,
    name: nameOf(command.element),
    command: command.id,
    term: command.term,
  };
}
