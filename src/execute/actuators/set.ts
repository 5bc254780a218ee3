/** Sets properties of the element in the model, and nothing outside it. */

import { type Static, Type } from '../../documents/schema.ts';
import type { Observation, Value } from '../../messages.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order } from './actuator.ts';
import { refused, succeeded } from './results.ts';

const SetOptions = Type.Object({}, { additionalProperties: false });
type SetOptions = Readonly<Static<typeof SetOptions>>;

/** What an order sets: the parameter `to` is the value of the command's resource, any other parameter that of its name. */
function settings({ command }: Order): readonly (readonly [string, Value])[] {
  return Object.entries(command.params).map(([name, value]) => [name === 'to' ? command.resource : name, value]);
}

function create(_options: SetOptions, context: ActuatorContext): Actuator {
  return {
    execute: async (order) => {
      const set = settings(order);
      if (set.length === 0) return refused('nothing to set: give the command a parameter, such as to');
      const time = context.clock.now();
      const observations = set.map(
        ([property, value]): Observation => ({ element: order.command.element, property, value, time, source: context.name }),
      );
      return succeeded(set.map(([property, value]) => `${property} = ${value}`).join(', '), { observations });
    },
    // Its outcome is all its effect: where there is none recorded, it never began.
    inquire: async () => undefined,
    close: async () => {},
  };
}

export const setKind: ActuatorKind<SetOptions> = {
  kind: 'set',
  description: 'sets properties of the element in the model',
  options: SetOptions,
  create,
};
