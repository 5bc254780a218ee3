/** Each place does its own: what an agent writes down of a command is under the place of the command's actuator. */
import { placeOf } from '../../../../src/services/wire.ts';
import { stepOf } from '../../checkers/stream.ts';
import type { ServicesChecker } from '../trace.ts';

export const placed: ServicesChecker = {
  name: 'placed',
  check: ({ partitions }) => {
    for (const { orders, attempts } of partitions) {
      const placeOfOrder = new Map(
        orders.flatMap(({ value }) => (value.kind === 'command' ? [[value.wire.command.id, placeOf(value.wire)] as const] : [])),
      );
      for (const { record } of attempts) {
        const [place, id = ''] = record.key?.split('\t') ?? [];
        const ordered = placeOfOrder.get(id);
        if (ordered !== undefined && ordered !== place)
          return { step: stepOf(id), message: `${id} is for ${ordered}, and was taken at ${place}` };
      }
    }
    return undefined;
  },
};
